//! Security schemes, and the requirements that name them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{ByName, Loading, Unusable};
use crate::document::Node;
use crate::{Alternative, KeyLocation, Required, SchemeKind, Security, SecurityScheme, codes};

/// A scheme with what only the requirements' check needs.
pub(super) struct Declared {
    pub(super) scheme: SecurityScheme,
    /// Scopes of the OAuth 2.0 flows; `None` where the scheme lists none.
    scopes: Option<BTreeSet<String>>,
}

/// `components.securitySchemes`. A scheme that is not well defined is left out, with a finding.
pub(super) fn declared(loading: &mut Loading, root: Node<'_>) -> ByName<Declared> {
    let Some(list) = list(root) else { return ByName::new() };
    let mut schemes = ByName::new();
    for (name, entry) in list.members() {
        let documents = Arc::clone(&loading.documents);
        let Ok(id) = loading.object(entry.id(), "the security scheme") else { continue };
        let node = documents.node(id);
        match kind(node) {
            Ok(kind) => {
                let name: Arc<str> = Arc::from(name);
                let scheme = SecurityScheme { name: Arc::clone(&name), place: entry.place(), kind };
                schemes.insert(name, Declared { scheme, scopes: scopes(node) });
            }
            Err(why) => {
                let sentence = format!("the security scheme `{name}` is not well defined: {why}");
                loading.error(
                    codes::SCHEME_INVALID,
                    sentence,
                    entry.id(),
                    "operations that require it are refused",
                );
            }
        }
    }
    schemes
}

fn list(root: Node<'_>) -> Option<Node<'_>> {
    root.get("components")?.get("securitySchemes")
}

/// OpenAPI 3.1 section 4.8.27. The error is a fragment for a sentence.
fn kind(node: Node<'_>) -> Result<SchemeKind, &'static str> {
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    match text("type").ok_or("`type` is missing")? {
        "http" => {
            let scheme = text("scheme").ok_or("`scheme` is missing")?.to_ascii_lowercase();
            Ok(match scheme.as_str() {
                "bearer" => SchemeKind::Bearer { format: text("bearerFormat").map(str::to_owned) },
                "basic" => SchemeKind::Basic,
                _ => SchemeKind::OtherHttp(scheme),
            })
        }
        "apiKey" => {
            let location = match text("in").ok_or("`in` is missing")? {
                "header" => KeyLocation::Header,
                "query" => KeyLocation::Query,
                "cookie" => KeyLocation::Cookie,
                _ => return Err("`in` is neither `header`, `query` nor `cookie`"),
            };
            let name = text("name").filter(|name| !name.is_empty()).ok_or("`name` is missing")?;
            Ok(SchemeKind::ApiKey { location, name: name.to_owned() })
        }
        "oauth2" => Ok(SchemeKind::OAuth2),
        "openIdConnect" => {
            let url = text("openIdConnectUrl").ok_or("`openIdConnectUrl` is missing")?;
            Ok(SchemeKind::OpenIdConnect { url: url.to_owned() })
        }
        "mutualTLS" => Ok(SchemeKind::MutualTls),
        _ => Err("its `type` is unknown"),
    }
}

fn scopes(node: Node<'_>) -> Option<BTreeSet<String>> {
    let flows = node.get("flows")?;
    let listed = flows.members().filter_map(|(_, flow)| flow.get("scopes"));
    Some(listed.flat_map(|scopes| scopes.members().map(|(name, _)| name.to_owned())).collect())
}

/// The `security` of an operation, else that of the root (OpenAPI 3.1 section 4.8.10).
pub(super) fn security(
    loading: &mut Loading,
    operation: Node<'_>,
    root: Node<'_>,
    schemes: &ByName<Declared>,
) -> Result<Security, Unusable> {
    let Some(list) = operation.get("security").or_else(|| root.get("security")) else {
        return Ok(Security::Missing);
    };
    if !list.is_array() {
        let sentence = "`security` is not a list of requirements";
        return Err(loading.error(codes::SECURITY_INVALID, sentence, list.id(), "a list is expected"));
    }
    if list.is_empty() {
        return Ok(Security::Public { place: list.place() });
    }
    let alternatives: Vec<_> = list.items().map(|entry| alternative(loading, entry, schemes)).collect();
    alternatives.into_iter().collect::<Result<_, _>>().map(Security::AnyOf)
}

fn alternative(
    loading: &mut Loading,
    entry: Node<'_>,
    schemes: &ByName<Declared>,
) -> Result<Alternative, Unusable> {
    if !entry.is_object() {
        let sentence = "a security requirement is not an object";
        return Err(loading.error(codes::SECURITY_INVALID, sentence, entry.id(), "an object is expected"));
    }
    let required: Vec<_> =
        entry.members().map(|(name, scopes)| required(loading, name, scopes, schemes)).collect();
    let schemes = required.into_iter().collect::<Result<_, _>>()?;
    Ok(Alternative { schemes, place: entry.value_place() })
}

fn required(
    loading: &mut Loading,
    name: &str,
    scopes: Node<'_>,
    schemes: &ByName<Declared>,
) -> Result<Required, Unusable> {
    let Some((scheme, declared)) = schemes.get_key_value(name) else {
        if list(loading.documents.root()).is_some_and(|list| list.get(name).is_some()) {
            // Declared, but not well: that was found at the declaration.
            return Err(Unusable);
        }
        let sentence = format!("security scheme `{name}` is required but not declared");
        return Err(loading.error(
            codes::SECURITY_UNDECLARED,
            sentence,
            scopes.id(),
            "the operation is refused",
        ));
    };
    let place = scopes.key_place();
    let texts: Option<Vec<Arc<str>>> = scopes
        .is_array()
        .then(|| scopes.items().map(|scope| scope.as_str().map(Arc::from)).collect())
        .flatten();
    let Some(texts) = texts else {
        let sentence = format!("what `{name}` has to carry is not a list of scopes");
        return Err(loading.error(
            codes::SECURITY_INVALID,
            sentence,
            scopes.id(),
            "a list of texts is expected",
        ));
    };
    if let (SchemeKind::OAuth2, Some(listed)) = (&declared.scheme.kind, &declared.scopes) {
        for (scope, node) in texts.iter().zip(scopes.items()).filter(|(scope, _)| !listed.contains(&***scope))
        {
            let sentence = format!("scope `{scope}` is not among those that `{name}` lists");
            loading.warning(codes::SCOPE_UNDECLARED, sentence, node.id(), "tokens may never carry it");
        }
    }
    Ok(Required { scheme: Arc::clone(scheme), scopes: texts, place })
}
