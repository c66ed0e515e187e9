//! Request bodies and what stands under `content`.

use std::sync::Arc;

use super::{Loading, Unusable, responses, root};
use crate::content::{Media, PartEncoding, RequestBody};
use crate::document::{Node, NodeId};
use crate::{SchemaRef, Style, codes};

/// A `requestBody`, or what it refers to.
pub(super) fn request_body(loading: &mut Loading, entry: Node<'_>) -> Result<RequestBody, Unusable> {
    let documents = Arc::clone(&loading.documents);
    let id = loading.object(entry.id(), "the request body")?;
    let node = documents.node(id);
    let Some(content) = node.get("content").filter(|content| !content.is_empty()) else {
        let sentence = "the request body has no `content`";
        return Err(loading.error(codes::BODY_INVALID, sentence, id, "it cannot be checked"));
    };
    let content = self::content(loading, content)?;
    Ok(RequestBody { required: root::flag(loading, id, "required"), place: entry.place(), content })
}

/// A `content` object: media types in the order of the document. What is no media type is left out: nothing that is
/// sent can match it.
pub(super) fn content(loading: &mut Loading, content: Node<'_>) -> Result<Vec<Media>, Unusable> {
    if !content.is_object() {
        let sentence = "`content` is not an object";
        return Err(loading.error(codes::WRONG_KIND, sentence, content.id(), "an object is expected"));
    }
    let media: Vec<_> = content.members().map(|(range, entry)| media(loading, range, entry)).collect();
    media.into_iter().filter_map(Result::transpose).collect()
}

fn media(loading: &mut Loading, range: &str, entry: Node<'_>) -> Result<Option<Media>, Unusable> {
    let documents = Arc::clone(&loading.documents);
    if !is_range(range) {
        let sentence = format!("`{range}` is not a media type");
        loading.warning(codes::MEDIA_TYPE, sentence, entry.id(), "left out; expected `type/subtype`");
        return Ok(None);
    }
    let id = loading.object(entry.id(), "the media type")?;
    let node = documents.node(id);
    let schema = node.get("schema").map(|node| schema(loading, node)).transpose();
    let item_schema = node.get("itemSchema").map(|node| self::schema(loading, node)).transpose();
    let encoding: Vec<_> = node
        .get("encoding")
        .into_iter()
        .flat_map(Node::members)
        .map(|(property, entry)| encoding(loading, property, entry))
        .collect();
    Ok(Some(Media {
        range: Arc::from(range),
        place: entry.place(),
        schema: schema?,
        item_schema: item_schema?,
        encoding: encoding.into_iter().collect::<Result<_, _>>()?,
        prepared: loading.prepared.entry(id).or_default().clone(),
    }))
}

/// A media type or range with parameters: `type "/" subtype` of RFC 9110 tokens, either may be `*`.
fn is_range(text: &str) -> bool {
    let essence = text.split(';').next().unwrap_or_default().trim();
    essence
        .split_once('/')
        .is_some_and(|(kind, subtype)| super::paths::is_token(kind) && super::paths::is_token(subtype))
}

fn encoding(loading: &mut Loading, property: &str, entry: Node<'_>) -> Result<PartEncoding, Unusable> {
    let id = loading.object(entry.id(), "the encoding")?;
    let documents = Arc::clone(&loading.documents);
    let node = documents.node(id);
    let style = match node.get("style") {
        None => None,
        Some(written) => match written.as_str().and_then(Style::parse) {
            Some(
                style @ (Style::Form | Style::SpaceDelimited | Style::PipeDelimited | Style::DeepObject),
            ) => Some(style),
            Some(style @ Style::TabDelimited) if loading.dialect == crate::Dialect::V2 => Some(style),
            _ => {
                let sentence =
                    format!("the style of the property `{property}` is unknown or does not fit a form");
                return Err(loading.error(codes::STYLE, sentence, written.id(), "its value cannot be read"));
            }
        },
    };
    let headers =
        node.get("headers").map_or(Ok(Vec::new()), |headers| responses::headers(loading, headers))?;
    Ok(PartEncoding {
        property: Arc::from(property),
        place: entry.place(),
        content_type: node.get("contentType").and_then(Node::as_str).map(str::to_owned),
        style,
        explode: node.get("explode").map(|_| root::flag(loading, id, "explode")),
        allow_reserved: root::flag(loading, id, "allowReserved"),
        headers,
    })
}

/// A schema where it stands: not followed and not compiled, only known to be one.
pub(super) fn schema(loading: &mut Loading, node: Node<'_>) -> Result<SchemaRef, Unusable> {
    let boolean = loading.dialect.has_json_schema() && node.as_bool().is_some();
    if node.is_object() || boolean {
        return Ok(loading.schema(node.id()));
    }
    Err(loading.error(codes::SCHEMA_KIND, "a schema is not an object", node.id(), "an object is expected"))
}

/// A `content` or `schema` a header may have.
pub(super) fn optional_schema(loading: &mut Loading, holder: NodeId) -> Result<Option<SchemaRef>, Unusable> {
    let documents = Arc::clone(&loading.documents);
    documents.node(holder).get("schema").map(|node| schema(loading, node)).transpose()
}
