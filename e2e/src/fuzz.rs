//! What each fuzz target does with its bytes. The ordinary tests replay the corpora through the same functions.

mod transformations;
mod waf;

use std::sync::OnceLock;

use bytes::Bytes;
use openapi::{Files, Headers, Match, NormalPath, RequestHead};
use tape::{Limits, Node, Tape};

/// A target: its name, which is its corpus's folder, and its function.
pub type Target = (&'static str, fn(&[u8]));

pub const TARGETS: &[Target] = &[
    ("tape_json", tape_json),
    ("tape_yaml", tape_yaml),
    ("description", description),
    ("path", path),
    ("parameters", parameters),
    ("token", token),
    ("waf", waf::requests),
    ("rules", waf::rules),
    ("transformations", transformations::chains),
];

pub use transformations::chains as transformations;
pub use waf::{requests as waf, rules};

/// The JSON tape agrees with serde_json on what is JSON, and every span lies in the text.
pub fn tape_json(data: &[u8]) {
    match tape::json::parse(Bytes::copy_from_slice(data), &Limits::default()) {
        Ok(tape) => {
            let expected: serde_json::Value =
                serde_json::from_slice(data).expect("what the tape accepts is JSON");
            assert_eq!(tape.root().to_value(), expected);
            spans(&tape, tape.root());
        }
        Err(fault) => assert!(fault.offset <= data.len()),
    }
}

pub fn tape_yaml(data: &[u8]) {
    match tape::yaml::parse(Bytes::copy_from_slice(data), &Limits::default()) {
        Ok(tape) => spans(&tape, tape.root()),
        Err(fault) => assert!(fault.offset <= data.len()),
    }
}

fn spans(tape: &Tape, node: Node<'_>) {
    assert!(tape.text().get(node.span()).is_some());
    for item in node.items() {
        spans(tape, item);
    }
    for member in node.members() {
        spans(tape, member.value);
    }
}

struct One(Bytes);

impl Files for One {
    fn read(&self, path: &str) -> Result<Bytes, String> {
        if path == "fuzz.yaml" { Ok(self.0.clone()) } else { Err("not there".to_owned()) }
    }
}

/// A hostile document gives a description or says why not, and every operation can be prepared.
pub fn description(data: &[u8]) {
    let (description, findings) = openapi::load("fuzz.yaml", &[], &One(Bytes::copy_from_slice(data)));
    match description {
        Some(description) => {
            for operation in &description.operations {
                let _ = operation.prepare();
            }
        }
        None => assert!(findings.iter().any(model::Finding::is_error)),
    }
}

const DESCRIPTION: &str = r#"openapi: 3.1.0
info: { title: Fuzz, version: "1" }
security: []
paths:
  /a/{id}/b: { get: { parameters: [{ name: id, in: path, required: true, schema: { type: integer } }], responses: {} } }
  /a/{x}.json: { get: { parameters: [{ name: x, in: path, required: true, schema: { type: string } }], responses: {} } }
  /m/{p}:
    get:
      parameters:
        - { name: p, in: path, required: true, style: matrix, explode: true, schema: { type: array, items: { type: integer } } }
        - { name: f, in: query, explode: false, schema: { type: array, items: { type: string } } }
        - { name: d, in: query, style: deepObject, schema: { type: object, properties: { k: { type: integer } } } }
        - { name: j, in: query, content: { application/json: { schema: { type: object } } } }
        - { name: H, in: header, schema: { type: array, items: { type: boolean } } }
        - { name: c, in: cookie, schema: { type: string, format: uuid } }
      responses: {}
"#;

fn sample() -> &'static openapi::Description {
    static SAMPLE: OnceLock<openapi::Description> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        openapi::load("fuzz.yaml", &[], &One(Bytes::from_static(DESCRIPTION.as_bytes()))).0.unwrap()
    })
}

/// The normal form of a normal form is itself, and matching does not depend on the spelling.
pub fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(normal) = NormalPath::new(text) {
        let again = NormalPath::new(normal.as_str()).expect("a normal form is a path");
        assert_eq!(again.as_str(), normal.as_str());
        let _ = sample().router().find("GET", &normal);
    }
}

struct Lines<'a>(Vec<(&'a str, &'a [u8])>);

impl Headers for Lines<'_> {
    fn all(&self, name_lower: &str) -> Vec<&[u8]> {
        self.0.iter().filter(|(name, _)| *name == name_lower).map(|(_, value)| *value).collect()
    }

    fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }
}

/// First line: the path; second: the query; third: the header `h`; fourth: `cookie`.
pub fn parameters(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut text = || std::str::from_utf8(lines.next().unwrap_or_default()).unwrap_or_default();
    let (target, query, header, cookie) = (text(), text(), text(), text());
    let Ok(normal) = NormalPath::new(target) else { return };
    if let Match::Operation { operation, values } = sample().router().find("GET", &normal) {
        let headers = Lines(vec![("h", header.as_bytes()), ("cookie", cookie.as_bytes())]);
        let head = RequestHead { path_values: &values, query: Some(query), headers: &headers };
        let _ = operation.check_head(&head);
    }
}

/// Nothing that was not signed verifies: the key is made anew in each process.
pub fn token(data: &[u8]) {
    static KEYS: OnceLock<token::KeySet> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let signer = token::Signer::generate("fuzz").unwrap();
        let set = serde_json::json!({ "keys": [signer.public_jwk()] }).to_string();
        token::KeySet::parse_jwks(set.as_bytes()).unwrap().0
    });
    let Ok(text) = std::str::from_utf8(data) else { return };
    let rules = token::Rules {
        issuer: "https://issuer.test/".to_owned(),
        audiences: vec!["a".to_owned()],
        algorithms: token::Algorithm::ASYMMETRIC.to_vec(),
        types: vec!["at+jwt".to_owned(), "jwt".to_owned()],
        leeway_s: 0,
        lifetime_max_s: None,
        required_claims: Vec::new(),
        legacy: false,
    };
    let _ = token::peek(text);
    assert!(token::verify(text, keys, &rules, 1_800_000_000).is_err());
    let _ = token::KeySet::parse_jwks(data);
}
