//! Responses and their headers.

use std::sync::Arc;

use super::{Loading, Unusable, media, root};
use crate::codes;
use crate::content::{Header, Response, Responses, StatusKey};
use crate::document::Node;

/// The `responses` of an operation; none declared gives an empty list.
pub(super) fn responses(loading: &mut Loading, operation: Node<'_>) -> Result<Responses, Unusable> {
    let mut responses = Responses {
        by_status: Vec::new(),
        default: None,
        place: operation.key_place(),
        dialect: loading.dialect,
    };
    let Some(list) = operation.get("responses") else { return Ok(responses) };
    if !list.is_object() {
        let sentence = "`responses` is not an object";
        return Err(loading.error(codes::WRONG_KIND, sentence, list.id(), "an object is expected"));
    }
    responses.place = list.place();
    let mut sound = Ok(());
    for (key, entry) in list.members().filter(|(key, _)| !key.starts_with("x-")) {
        let status = StatusKey::parse(key);
        if status.is_none() && key != "default" {
            let sentence = format!("`{key}` is neither a status, a class of them, nor `default`");
            loading.warning(codes::RESPONSE_INVALID, sentence, entry.id(), "ignored");
            continue;
        }
        match (response(loading, entry), status) {
            (Ok(response), Some(status)) => responses.by_status.push((status, response)),
            (Ok(response), None) => responses.default = Some(response),
            (Err(unusable), _) => sound = Err(unusable),
        }
    }
    sound.map(|()| responses)
}

fn response(loading: &mut Loading, entry: Node<'_>) -> Result<Response, Unusable> {
    let documents = Arc::clone(&loading.documents);
    let node = documents.node(loading.object(entry.id(), "the response")?);
    let headers = node.get("headers").map_or(Ok(Vec::new()), |list| headers(loading, list));
    let content = node.get("content").map_or(Ok(Vec::new()), |content| media::content(loading, content));
    Ok(Response {
        place: entry.key_place(),
        headers: headers?,
        content: content?,
        has_content: node.get("content").is_some(),
    })
}

/// The headers of a response or of a part. `Content-Type` says nothing there (OpenAPI 3.1 section 4.8.17.1).
pub(super) fn headers(loading: &mut Loading, list: Node<'_>) -> Result<Vec<Header>, Unusable> {
    let documents = Arc::clone(&loading.documents);
    let mut headers = Vec::new();
    for (name, entry) in list.members().filter(|(name, _)| !name.eq_ignore_ascii_case("content-type")) {
        let id = loading.object(entry.id(), "the header")?;
        let node = documents.node(id);
        let content = match node.get("content") {
            Some(content) => media::content(loading, content)?.pop().map(Box::new),
            None => None,
        };
        headers.push(Header {
            name: Arc::from(name),
            place: entry.place(),
            required: root::flag(loading, id, "required"),
            explode: root::flag(loading, id, "explode"),
            schema: media::optional_schema(loading, id)?,
            content,
        });
    }
    Ok(headers)
}
