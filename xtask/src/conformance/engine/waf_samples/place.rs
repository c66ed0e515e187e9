//! Where a payload stands in a request, as the collections of attacks ask for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// How a payload is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As it is, with only what cannot stand in a URL escaped there.
    Plain,
    /// Every reserved sign escaped.
    Url,
    /// Without padding.
    Base64,
}

impl Encoding {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "Plain" => Some(Self::Plain),
            "URL" => Some(Self::Url),
            "Base64Flat" | "Base64" => Some(Self::Base64),
            _ => None,
        }
    }
}

const BOUNDARY: &str = "X-BOUNDARY-9d3f";
const LETTERS: &[u8] = b"-_.~";
/// What a lenient client leaves alone in a URL.
const LENIENT: &[u8] = b"-_.~/%:@!$'()*,;={}[]|`";

/// The request with the payload at `place`; `None` for a place that is not known.
pub fn place(place: &str, encoding: Encoding, payload: &str) -> Option<Vec<u8>> {
    let text =
        if encoding == Encoding::Base64 { STANDARD_NO_PAD.encode(payload) } else { payload.to_owned() };
    let url = if encoding == Encoding::Plain { escaped(&text, LENIENT) } else { escaped(&text, LETTERS) };
    let inner = if encoding == Encoding::Url { url.clone() } else { text.clone() };
    let line = |text: &str| text.replace(['\r', '\n'], " ");
    Some(match place {
        "URLParam" => request("GET", &format!("/search?page=2&text={url}"), &[], ""),
        "URLPath" => request("GET", &format!("/{url}"), &[], ""),
        "HTMLForm" => {
            let body = format!("name={}&send=1", escaped(&text, LETTERS));
            request("POST", "/form", &[("Content-Type", "application/x-www-form-urlencoded")], &body)
        }
        "HTMLMultipartForm" => {
            let kind = format!("multipart/form-data; boundary={BOUNDARY}");
            let part = "Content-Disposition: form-data; name=\"note\"";
            let body = format!("--{BOUNDARY}\r\n{part}\r\n\r\n{inner}\r\n--{BOUNDARY}--\r\n");
            request("POST", "/upload", &[("Content-Type", &kind)], &body)
        }
        "JSONRequest" => {
            let body = serde_json::json!({"test": true, "note": inner}).to_string();
            request("POST", "/api/items", &[("Content-Type", "application/json")], &body)
        }
        "JSONBody" | "GraphQL" | "RequestBody" => {
            request("POST", "/graphql", &[("Content-Type", "application/json")], &text)
        }
        "XMLBody" | "SOAPBody" => request("POST", "/xml", &[("Content-Type", "application/xml")], &text),
        "Header" => request("GET", "/", &[("X-Client-Note", &line(&inner))], ""),
        "UserAgent" => request("GET", "/", &[("User-Agent", &line(&text))], ""),
        "Cookie" => request("GET", "/", &[("Cookie", &format!("sid=7f3c11; pref={}", line(&inner)))], ""),
        _ => return None,
    })
}

/// A request with what every client sends, unless `headers` says otherwise.
pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let usual = [
        ("Host", "shop.example.com"),
        (
            "User-Agent",
            "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0",
        ),
        ("Accept", "*/*"),
        ("Accept-Language", "en-US,en;q=0.9"),
    ];
    let missing =
        usual.iter().filter(|(name, _)| !headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
    let all: Vec<_> = missing.chain(headers).copied().collect();
    write(method, target, &all, body.as_bytes())
}

/// The bytes of a request; the length of a body is said here.
pub fn write(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut sent = format!("{method} {target} HTTP/1.1\r\n");
    for (name, value) in headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length")) {
        sent += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() || matches!(method, "POST" | "PUT") {
        sent += &format!("Content-Length: {}\r\n", body.len());
    }
    sent += "\r\n";
    let mut sent = sent.into_bytes();
    sent.extend_from_slice(body);
    sent
}

fn escaped(text: &str, kept: &[u8]) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out += &format!("%{byte:02X}");
        }
        out
    })
}
