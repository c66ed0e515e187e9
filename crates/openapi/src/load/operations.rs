//! One operation, with what its path item and the root hold for it.

use std::collections::HashMap;
use std::sync::Arc;

use model::{Finding, Owasp};

use super::schemes::{Declared, security};
use super::template::Template;
use super::{ByName, Loading, Unusable, media, parameters, responses, root};
use crate::document::{Node, NodeId};
use crate::prepared::Prepared;
use crate::{Form, Location, Operation, Parameter, Security, Server, Style, codes};

/// What the operations of one path item share.
pub(super) struct Shared<'l> {
    pub(super) root: Node<'l>,
    pub(super) schemes: &'l ByName<Declared>,
    pub(super) template: &'l Template,
    pub(super) path: Arc<str>,
    pub(super) parameters: Result<Vec<Parameter>, Unusable>,
    pub(super) servers: Vec<Server>,
    /// The values that make up the path item, the later over the earlier.
    pub(super) holders: Vec<Node<'l>>,
    pub(super) summary: &'l str,
}

/// Reads an operation. Every fault is found before it is given up.
pub(super) fn operation(
    loading: &mut Loading,
    shared: &Shared<'_>,
    method: &str,
    node: Node<'_>,
    ids: &mut HashMap<String, NodeId>,
) -> Result<Operation, Unusable> {
    if !node.is_object() {
        let sentence = "an operation is not an object";
        return Err(loading.error(codes::WRONG_KIND, sentence, node.id(), "an object is expected"));
    }
    let own = node.get("parameters").map_or(Ok(Vec::new()), |list| parameters::list(loading, list));
    let body = node.get("requestBody").map(|body| media::request_body(loading, body)).transpose();
    let responses = responses::responses(loading, node);
    let security = security(loading, node, shared.root, shared.schemes);
    let parameters = parameters::merge(own?, shared.parameters.clone()?);
    parameters::one_reader_of_the_query(loading, &parameters, node)?;
    let parameters = against_template(loading, shared, parameters, node);
    let (body, responses, security) = (body?, responses?, security?);
    if loading.broken.contains(node.id()) {
        return Err(Unusable);
    }
    let id = identify(loading, shared, method, node, ids);
    missing_security(loading, &security, method, shared, node);
    let holders: Vec<Node<'_>> = shared.holders.iter().copied().chain([node]).collect();
    let (extension, extension_place) = root::extension(&holders);
    let summary = node.get("summary").and_then(Node::as_str).unwrap_or(shared.summary);
    let tags =
        node.get("tags").into_iter().flat_map(Node::items).filter_map(|tag| tag.as_str().map(str::to_owned));
    Ok(Operation {
        id,
        method: method.to_owned(),
        template: Arc::clone(&shared.path),
        dialect: loading.dialect,
        place: node.key_place(),
        summary: summary.to_owned(),
        tags: tags.collect(),
        deprecated: root::flag(loading, node.id(), "deprecated"),
        security,
        parameters,
        body,
        responses,
        servers: root::servers(loading, node).unwrap_or_else(|| shared.servers.clone()),
        extension,
        extension_place,
        head: Prepared::default(),
    })
}

/// `operationId`, unless another operation has it.
fn identify(
    loading: &mut Loading,
    shared: &Shared<'_>,
    method: &str,
    node: Node<'_>,
    ids: &mut HashMap<String, NodeId>,
) -> Arc<str> {
    let title = format!("{method} {}", shared.path);
    let mut id = title.clone();
    if let Some(own) = node.get("operationId").filter(|own| own.as_str().is_some_and(|text| !text.is_empty()))
    {
        let text = own.as_str().unwrap_or_default();
        if let Some(earlier) = ids.get(text) {
            let sentence = format!("the operationId `{text}` is used twice");
            let finding = Finding::warning(codes::DUPLICATE_ID, sentence)
                .at(own.place(), "this operation is called by method and path")
                .related(loading.documents.node(*earlier).place(), "used here first");
            loading.findings.push(finding);
        } else {
            id = text.to_owned();
        }
    }
    // Somebody may have named an operation like the title of another.
    let mut copy = 2;
    while ids.contains_key(&id) {
        id = format!("{title} #{copy}");
        copy += 1;
    }
    ids.insert(id.clone(), node.get("operationId").unwrap_or(node).id());
    Arc::from(id)
}

fn missing_security(
    loading: &mut Loading,
    security: &Security,
    method: &str,
    shared: &Shared<'_>,
    node: Node<'_>,
) {
    if *security == Security::Missing {
        let sentence = format!("`{method} {}` says nothing about security and is refused", shared.path);
        let finding = Finding::warning(codes::SECURITY_MISSING, sentence)
            .at(node.key_place(), "no `security` here or at the root")
            .advice("write a requirement, or `security: []` if everybody may call it, here or in an overlay")
            .owasp(Owasp::Api2);
        loading.findings.push(finding);
    }
}

/// Holds path parameters against the template: what has no place is left out, what is not declared takes anything.
fn against_template(
    loading: &mut Loading,
    shared: &Shared<'_>,
    mut parameters: Vec<Parameter>,
    node: Node<'_>,
) -> Vec<Parameter> {
    let names = &shared.template.names;
    parameters.retain(|parameter| {
        let has_place =
            parameter.location != Location::Path || names.iter().any(|name| **name == *parameter.name);
        if !has_place {
            let sentence =
                format!("the path parameter `{}` does not occur in `{}`", parameter.name, shared.path);
            let finding = Finding::warning(codes::PARAMETER_ABSENT, sentence);
            loading.findings.push(finding.at(parameter.place.clone(), "left out"));
        }
        has_place
    });
    for name in names {
        let declared = |p: &Parameter| p.location == Location::Path && *p.name == **name;
        if parameters.iter().any(declared) {
            continue;
        }
        let sentence = format!("the template parameter `{name}` of `{}` is not declared", shared.path);
        loading.warning(codes::PARAMETER_UNDECLARED, sentence, node.id(), "any value is accepted there");
        let form = Form::Styled {
            style: Style::Simple,
            explode: false,
            allow_reserved: false,
            allow_empty: false,
            schema: None,
        };
        parameters.push(Parameter {
            name: Arc::from(name.as_str()),
            location: Location::Path,
            required: true,
            deprecated: false,
            place: node.key_place(),
            form,
        });
    }
    parameters
}
