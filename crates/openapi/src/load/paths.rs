//! Path items: their templates, their methods, and what they hold for all of these.

use std::collections::HashMap;
use std::sync::Arc;

use model::Finding;

use super::operations::{Shared, operation};
use super::schemes::Declared;
use super::template::{Template, parse};
use super::{ByName, Loading, Unusable, parameters, root};
use crate::document::{Node, NodeId};
use crate::{Dialect, Operation, Server, codes};

/// The fields of a path item with a method's name (OpenAPI 3.2 section 4.9.1).
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
/// The other fields of a path item.
const FIELDS: [&str; 6] = ["$ref", "summary", "description", "servers", "parameters", "additionalOperations"];

/// What all the paths of a description share.
struct Paths<'l> {
    root: Node<'l>,
    schemes: &'l ByName<Declared>,
    servers: &'l [Server],
    /// By the shape of its template and the method: the path that came first.
    taken: HashMap<(String, String), NodeId>,
    /// By the shape of its template: the path that came first.
    shapes: HashMap<String, NodeId>,
    /// By id: the `operationId`, or the operation, that has it.
    ids: HashMap<String, NodeId>,
}

/// Every usable operation, in the order of the document.
pub(super) fn operations(
    loading: &mut Loading,
    root: Node<'_>,
    paths: Node<'_>,
    schemes: &ByName<Declared>,
    servers: &[Server],
) -> Vec<Operation> {
    let mut all =
        Paths { root, schemes, servers, taken: HashMap::new(), shapes: HashMap::new(), ids: HashMap::new() };
    let mut operations = Vec::new();
    for (path, entry) in paths.members().filter(|(path, _)| !path.starts_with("x-")) {
        if let Some(template) = template(loading, path, entry) {
            item(loading, &mut all, path, &template, entry, &mut operations);
        }
    }
    operations
}

/// The template, if requests can match it.
fn template(loading: &mut Loading, path: &str, entry: Node<'_>) -> Option<Template> {
    if !path.starts_with('/') {
        let sentence = format!("the path `{path}` does not begin with `/`");
        loading.error(codes::PATH_SLASH, sentence, entry.id(), "its operations are left out");
        return None;
    }
    match parse(path) {
        Ok(template) => Some(template),
        Err(why) => {
            let sentence = format!("the path template `{path}` is not well formed: {why}");
            loading.error(codes::TEMPLATE, sentence, entry.id(), "its operations are left out");
            None
        }
    }
}

/// Reports a path whose template another one repeats with other names; true where the method is taken as well, so that
/// a request could mean either operation.
fn collides(
    loading: &mut Loading,
    all: &mut Paths<'_>,
    template: &Template,
    method: &str,
    path: NodeId,
) -> bool {
    let first_path = *all.shapes.entry(template.shape.clone()).or_insert(path);
    let key = (template.shape.clone(), method.to_owned());
    let taken = all.taken.get(&key).copied();
    if taken.is_none() {
        all.taken.insert(key, path);
    }
    if first_path == path {
        return false;
    }
    let documents = Arc::clone(&loading.documents);
    let name = documents.node(path).key().unwrap_or_default();
    let sentence = match taken {
        Some(_) => format!("`{method} {name}` matches the same requests as an earlier operation"),
        None => format!("the path template `{name}` matches the same requests as an earlier one"),
    };
    let earlier = documents.node(taken.unwrap_or(first_path)).key_place();
    let finding = match taken {
        Some(_) => Finding::error(codes::PATH_COLLISION, sentence),
        None => Finding::warning(codes::PATH_COLLISION, sentence),
    };
    let label =
        if taken.is_some() { "the operation is left out" } else { "only its methods tell them apart" };
    let finding = finding.at(documents.node(path).key_place(), label);
    loading.findings.push(finding.related(earlier, "the earlier one"));
    taken.is_some()
}

fn item(
    loading: &mut Loading,
    all: &mut Paths<'_>,
    path: &str,
    template: &Template,
    entry: Node<'_>,
    operations: &mut Vec<Operation>,
) {
    let documents = Arc::clone(&loading.documents);
    let Ok(id) = loading.object(entry.id(), "the path item") else { return };
    let node = documents.node(id);
    // OpenAPI 3.1 section 4.8.9 leaves open what fields beside `$ref` mean: here they are laid over it, so that
    // nothing that is written is lost.
    let beside = (id != entry.id()).then_some(entry);
    let field = |name: &str| beside.and_then(|beside| beside.get(name)).or_else(|| node.get(name));
    let parameters = match field("parameters") {
        Some(list) => {
            let read = parameters::list(loading, list);
            if loading.broken.contains(list.id()) { Err(Unusable) } else { read }
        }
        None => Ok(Vec::new()),
    };
    let holder = beside.filter(|beside| beside.get("servers").is_some()).unwrap_or(node);
    let servers = root::servers(loading, holder).unwrap_or_else(|| all.servers.to_vec());
    let shared = Shared {
        root: all.root,
        schemes: all.schemes,
        template,
        path: Arc::from(path),
        parameters,
        servers,
        holders: beside.map_or_else(|| vec![node], |beside| vec![node, beside]),
        summary: field("summary").and_then(Node::as_str).unwrap_or_default(),
    };
    let found = match beside {
        Some(beside) => both(methods(loading, node), methods(loading, beside), loading),
        None => methods(loading, node),
    };
    for (method, value) in found {
        if collides(loading, all, template, &method, entry.id()) {
            continue;
        }
        let value = documents.node(value);
        if let Ok(operation) = operation(loading, &shared, &method, value, &mut all.ids) {
            operations.push(operation);
        }
    }
}

/// The methods behind and beside a `$ref`. One that is in both has no meaning that anybody could rely on.
fn both(
    behind: Vec<(String, NodeId)>,
    beside: Vec<(String, NodeId)>,
    loading: &mut Loading,
) -> Vec<(String, NodeId)> {
    let (twice, once): (Vec<_>, Vec<_>) =
        beside.into_iter().partition(|(method, _)| behind.iter().any(|(known, _)| known == method));
    for (method, id) in &twice {
        let sentence = format!("`{method}` stands both beside the `$ref` and behind it");
        loading.error(codes::METHOD_TWICE, sentence, *id, "the operation is left out");
    }
    let clear = behind.into_iter().filter(|(method, _)| twice.iter().all(|(known, _)| known != method));
    clear.chain(once).collect()
}

/// The operations of a path item with their methods, in the order of the document.
fn methods(loading: &mut Loading, item: Node<'_>) -> Vec<(String, NodeId)> {
    let mut methods: Vec<(String, NodeId)> = Vec::new();
    for (key, value) in item.members() {
        let known = METHODS.contains(&key) && (key != "query" || loading.dialect >= Dialect::V3_2);
        if known {
            methods.push((key.to_ascii_uppercase(), value.id()));
        } else if key == "additionalOperations" && loading.dialect >= Dialect::V3_2 {
            additional(loading, value, &mut methods);
        } else if !FIELDS.contains(&key) && !key.starts_with("x-") || key == "additionalOperations" {
            let sentence = format!("`{key}` is not a method that a path item can have");
            loading.warning(codes::METHOD, sentence, value.id(), "without effect");
        }
    }
    methods
}

/// `additionalOperations` (OpenAPI 3.2 section 4.9.1): methods as they are written.
fn additional(loading: &mut Loading, list: Node<'_>, methods: &mut Vec<(String, NodeId)>) {
    for (method, value) in list.members() {
        let fixed = METHODS.iter().any(|known| known.eq_ignore_ascii_case(method));
        if fixed || method.eq_ignore_ascii_case("connect") || !is_token(method) {
            let sentence = format!("`{method}` is not a method that `additionalOperations` can have");
            loading.warning(codes::METHOD, sentence, value.id(), "left out");
        } else {
            methods.push((method.to_owned(), value.id()));
        }
    }
}

/// RFC 9110 section 5.6.2.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
