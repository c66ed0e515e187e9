//! The service behind the rules: it answers as the request's body tells it to, and with an empty 200 to all others.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use tape::{Limits, Node};

use crate::input::Line;
use crate::request::{Header, Request};
use crate::response::Response;

/// What the service answers. `POST /reflect` takes a JSON object with `status`, `headers`, `body` or `encodedBody`
/// (Base64), as the reflector of the Core Rule Set's tests does.
pub fn reflect(request: &Request, body: &Bytes) -> (Response, Bytes) {
    let line = Line::new(&request.line);
    let reflects = line.method == "POST" && (line.path == b"/reflect" || line.path.starts_with(b"/reflect/"));
    if !reflects {
        return respond(200, Vec::new(), Bytes::new());
    }
    let asked = tape::json::parse(body.clone(), &Limits::default()).ok();
    let asked = asked.as_ref().and_then(|tape| as_asked(tape.root()));
    let (status, headers, body) =
        asked.unwrap_or_else(|| (400, Vec::new(), Bytes::from_static(b"Invalid JSON in request body")));
    respond(status, headers, body)
}

fn as_asked(asked: Node<'_>) -> Option<(u16, Vec<Header>, Bytes)> {
    let status = asked.get("status").map_or(Some(200), |status| u16::try_from(status.as_u64()?).ok())?;
    let status = if status == 0 { 200 } else { status };
    if !(100..600).contains(&status) {
        return None;
    }
    let mut headers = Vec::new();
    for member in asked.get("headers").iter().flat_map(|headers| headers.members()) {
        headers.push(Header::new(member.key.to_owned(), member.value.as_str()?.to_owned()));
    }
    let plain = asked.get("body").and_then(Node::as_str).filter(|body| !body.is_empty());
    let body = match (plain, asked.get("encodedBody").and_then(Node::as_str)) {
        (Some(body), _) => Bytes::from(body.to_owned()),
        (None, Some(encoded)) => STANDARD.decode(encoded).ok()?.into(),
        (None, None) => Bytes::new(),
    };
    Some((status, headers, body))
}

fn respond(status: u16, mut headers: Vec<Header>, body: Bytes) -> (Response, Bytes) {
    let said = headers.iter().any(|header| header.name.eq_ignore_ascii_case(b"content-type"));
    if !said && !body.is_empty() {
        headers.push(Header::new("Content-Type", media_type(&body)));
    }
    headers.push(Header::new("Content-Length", body.len().to_string()));
    (Response { status, protocol: Bytes::from_static(b"HTTP/1.1"), headers }, body)
}

/// How a server without a better idea calls a body (MIME Sniffing, section 7.1, in short).
fn media_type(body: &[u8]) -> &'static str {
    let start = body.trim_ascii_start();
    let begins =
        |tag: &str| start.get(..tag.len()).is_some_and(|text| text.eq_ignore_ascii_case(tag.as_bytes()));
    let html = [
        "<!doctype html",
        "<html",
        "<head",
        "<script",
        "<iframe",
        "<h1",
        "<div",
        "<font",
        "<table",
        "<a",
        "<style",
        "<title",
        "<b",
        "<body",
        "<br",
        "<p",
        "<!--",
    ];
    let ends = |tag: &str| matches!(start.get(tag.len()), Some(b' ' | b'>'));
    if html.iter().any(|tag| begins(tag) && (*tag == "<!--" || ends(tag))) {
        return "text/html; charset=utf-8";
    }
    if begins("<?xml") {
        return "text/xml; charset=utf-8";
    }
    let magic: [(&[u8], &str); 7] = [
        (b"%PDF-", "application/pdf"),
        (b"GIF8", "image/gif"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b\x08", "application/x-gzip"),
        (b"\x7fELF", "application/octet-stream"),
    ];
    if let Some((_, media_type)) = magic.iter().find(|(magic, _)| body.starts_with(magic)) {
        return media_type;
    }
    let binary = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    if body.iter().take(512).any(binary) { "application/octet-stream" } else { "text/plain; charset=utf-8" }
}
