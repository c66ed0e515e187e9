//! The root of a description: which version it is, its title, its servers, and the whole put together.

use std::sync::Arc;

use model::{Finding, Place};

use super::{Loading, paths, schemes};
use crate::document::{Node, NodeId};
use crate::{Description, Dialect, Server, codes};

/// Which specification the document follows; a finding and `None` where it is none we read.
pub(super) fn dialect(root: Node<'_>, findings: &mut Vec<Finding>) -> Option<Dialect> {
    let text = |key: &str| root.get(key).and_then(|node| node.as_str().or_else(|| node.number()));
    let dialect = match (text("openapi"), text("swagger")) {
        (Some(version), _) => openapi_version(version, root, findings),
        (None, Some("2.0" | "2")) => Some(Dialect::V2),
        _ => None,
    };
    if dialect.is_none() {
        let place = root.get("openapi").or_else(|| root.get("swagger")).unwrap_or(root).place();
        let sentence = "the document is no description in OpenAPI 3.0 to 3.2 or Swagger 2.0";
        findings.push(
            Finding::error(codes::NOT_A_DESCRIPTION, sentence)
                .at(place, "expected `openapi: 3.x.y` or `swagger: \"2.0\"`"),
        );
    }
    dialect
}

fn openapi_version(version: &str, root: Node<'_>, findings: &mut Vec<Finding>) -> Option<Dialect> {
    let mut parts = version.split('.');
    if parts.next() != Some("3") {
        return None;
    }
    match parts.next()?.split('-').next()?.parse::<u32>().ok()? {
        0 => Some(Dialect::V3_0),
        1 => Some(Dialect::V3_1),
        2 => Some(Dialect::V3_2),
        _ => {
            let place = root.get("openapi").unwrap_or(root).value_place();
            let sentence = "the description follows a version of OpenAPI newer than 3.2 and is read as 3.2";
            findings.push(
                Finding::warning(codes::UNKNOWN_VERSION, sentence).at(place, "newer than what is known"),
            );
            Some(Dialect::V3_2)
        }
    }
}

/// Takes the description out of the documents.
pub(super) fn description(loading: &mut Loading) -> Option<Description> {
    let documents = Arc::clone(&loading.documents);
    let root = documents.root();
    let Some(paths) = root.get("paths").filter(|paths| paths.is_object()) else {
        let sentence = "the description has no `paths`";
        loading.error(codes::NOT_A_DESCRIPTION, sentence, root.id(), "expected `paths` with an object");
        return None;
    };
    let security_schemes = schemes::declared(loading, root);
    let servers = servers(loading, root).unwrap_or_default();
    let operations = paths::operations(loading, root, paths, &security_schemes, &servers);
    if operations.is_empty() {
        loading.warning(
            codes::NO_OPERATIONS,
            "the description has no usable operation",
            paths.id(),
            "nothing to serve",
        );
    }
    let info = |key: &str| root.get("info").and_then(|info| info.get(key));
    let (extension, extension_place) = extension(&[root]);
    Some(Description {
        title: info("title").and_then(Node::as_str).unwrap_or_default().to_owned(),
        version: info("version")
            .and_then(|v| v.as_str().or_else(|| v.number()))
            .unwrap_or_default()
            .to_owned(),
        dialect: loading.dialect,
        operations: operations.into_iter().map(Arc::new).collect(),
        security_schemes: security_schemes.into_iter().map(|(name, scheme)| (name, scheme.scheme)).collect(),
        servers,
        extension,
        extension_place,
        files: documents.files().map(|(name, text)| (Arc::clone(name), text.clone())).collect(),
        documents: Arc::clone(&documents),
        router: std::sync::OnceLock::new(),
    })
}

/// `servers` of the root, a path item or an operation; `None` where there are none.
pub(super) fn servers(loading: &mut Loading, holder: Node<'_>) -> Option<Vec<Server>> {
    let list = holder.get("servers").filter(|list| list.is_array() && !list.is_empty())?.id();
    let documents = Arc::clone(&loading.documents);
    let servers = documents.node(list).items().filter_map(|server| match server_url(server) {
        Some(url) => Some(Server { url, place: server.get("url").unwrap_or(server).place() }),
        None => {
            let sentence = "a server has no URL, or one with a variable that has no default";
            loading.warning(codes::SERVER, sentence, server.id(), "left out");
            None
        }
    });
    Some(servers.collect())
}

/// The URL with its variables replaced by their defaults (OpenAPI 3.1 section 4.8.5).
fn server_url(server: Node<'_>) -> Option<String> {
    let mut url = String::new();
    let mut rest = server.get("url")?.as_str()?;
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let default = server.get("variables")?.get(name)?.get("default")?;
        url.push_str(literal);
        url.push_str(default.as_str().or_else(|| default.number())?);
        rest = after;
    }
    url.push_str(rest);
    Some(url)
}

/// `x-bartizan` of several holders, the later over the earlier, member by member; and where the last one stands.
pub(super) fn extension(holders: &[Node<'_>]) -> (serde_json::Value, Option<Place>) {
    let mut merged = serde_json::Value::Null;
    let mut place = None;
    for node in holders.iter().filter_map(|holder| holder.get("x-bartizan")) {
        place = Some(node.place());
        match (&mut merged, node.to_value()) {
            (serde_json::Value::Object(under), serde_json::Value::Object(over)) => under.extend(over),
            (merged, over) => *merged = over,
        }
    }
    (merged, place)
}

/// A boolean member; another kind is a finding and counts as `false`.
pub(super) fn flag(loading: &mut Loading, holder: NodeId, key: &str) -> bool {
    let documents = Arc::clone(&loading.documents);
    match documents.node(holder).get(key) {
        None => false,
        Some(node) => node.as_bool().unwrap_or_else(|| {
            let sentence = format!("`{key}` is neither true nor false");
            loading.warning(codes::WRONG_KIND, sentence, node.id(), "a boolean is expected");
            false
        }),
    }
}
