//! Documents that no author would write.

use super::{Memory, load_all};
use crate::load;
use crate::load::tests::codes;

const OPENAPI: &str = r##"{"openapi":"3.1.0","info":{"title":"t","version":"1"},"servers":[{"url":"http://x/{v}","variables":{"v":{"default":"1"}}}],
"paths":{"/a/{id}":{"parameters":[{"$ref":"#/components/parameters/id"}],"get":{"operationId":"a","security":[{"k":[]},{}],
"responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}},"headers":{"X-A":{"schema":{"type":"string"}}}},"4XX":{"$ref":"#/components/responses/E"}}},
"post":{"requestBody":{"required":true,"content":{"multipart/form-data":{"schema":{"type":"object"},"encoding":{"f":{"contentType":"image/png","style":"form"}}}}},"responses":{"default":{"description":""}}}},
"/b":{"$ref":"#/paths/~1a~1%7Bid%7D"}},
"components":{"parameters":{"id":{"name":"id","in":"path","required":true,"schema":{"type":"string"}}},"responses":{"E":{"description":""}},
"schemas":{"A":{"$id":"a","$anchor":"x","type":"object","properties":{"n":{"$ref":"#x"},"m":{"$ref":"#"}}}},
"securitySchemes":{"k":{"type":"apiKey","in":"header","name":"X-Key"}}}}"##;

const SWAGGER: &str = "swagger: '2.0'
info: {title: t, version: '1'}
host: example.com
basePath: /v1
schemes: [http, https]
consumes: [application/json]
produces: [application/json]
parameters:
  page: {name: page, in: query, type: array, items: {type: integer}, collectionFormat: pipes}
paths:
  /pets/{id}:
    parameters:
      - {name: id, in: path, required: true, type: string}
      - $ref: '#/parameters/page'
    put:
      parameters:
        - {name: body, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
      responses:
        '200': {description: ok, schema: {$ref: '#/definitions/Pet'}}
        '404': {$ref: '#/responses/Gone'}
    post:
      parameters:
        - {name: file, in: formData, type: file, required: true}
        - {name: tags, in: formData, type: array, items: {type: string}, collectionFormat: multi}
      responses: {default: {description: x}}
responses:
  Gone: {description: gone, headers: {X-A: {type: integer}}}
definitions:
  Pet: {type: object, properties: {parent: {$ref: '#/definitions/Pet'}}}
securityDefinitions:
  b: {type: basic}
  o: {type: oauth2, flow: accessCode, scopes: {read: r}}
";

const OVERLAY: &str = "overlay: 1.1.0
actions:
  - target: $.paths['/a/{id}'][?@.operationId == 'a']
    update: {security: []}
  - target: $..parameters[0]
    remove: true
  - {target: \"$.components['x','schemas'].*\", copy: $.components.responses.E}
";

fn load_bytes(name: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text).into_owned();
    let files = Memory::new(&[
        (name, &text),
        ("good.json", OPENAPI),
        ("good.yaml", SWAGGER),
        ("overlay.yaml", OVERLAY),
    ]);
    let _ = load(name, &["overlay.yaml".to_owned()], &files);
    let _ = load("good.json", &[name.to_owned()], &files);
}

const SEEDS: [(&str, &str); 3] = [("a.json", OPENAPI), ("a.yaml", SWAGGER), ("o.yaml", OVERLAY)];

#[test]
fn a_description_cut_anywhere_gives_findings_and_no_panic() {
    for (name, text) in SEEDS {
        for part in 0..50 {
            let cut = text.len() * part / 50;
            load_bytes(name, &text.as_bytes()[..cut]);
        }
    }
    let (description, findings) = load_all(&[("a.json", &OPENAPI[..700])]);
    assert!(description.is_none());
    assert_eq!(codes(&findings), ["B1002"]);
}

#[test]
fn random_changes_never_panic() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x5EED_u64);
    eprintln!("SEED={seed}");
    let mut state = seed | 1;
    let mut random = |below: usize| {
        // Xorshift (Marsaglia 2003).
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let pieces: [&[u8]; 8] = [b"{", b"}", b"[]", b"null", b"$ref", b"\"#/paths\"", b"1e9", b"\n  "];
    for (name, text) in SEEDS {
        for _ in 0..400 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes[at] = u8::try_from(random(256)).unwrap(),
                    1 => drop(bytes.drain(at..(at + random(20)).min(bytes.len()))),
                    2 => drop(bytes.splice(at..at, pieces[random(pieces.len())].iter().copied())),
                    _ => {
                        let end = (at + random(60)).min(bytes.len());
                        let piece = bytes[at..end].to_vec();
                        let to = random(bytes.len());
                        drop(bytes.splice(to..to, piece));
                    }
                }
                if bytes.is_empty() {
                    break;
                }
            }
            load_bytes(name, &bytes);
        }
    }
}

#[test]
fn values_of_the_wrong_kind_are_found_and_the_rest_is_kept() {
    let wrong = ["null", "1", "\"x\"", "[]", "{}", "[[[]]]", "true"];
    let value: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
    let mut pointers = Vec::new();
    walk(&value, String::new(), &mut pointers);
    for pointer in pointers.iter().filter(|pointer| !pointer.is_empty()) {
        for text in wrong {
            let mut changed = value.clone();
            *changed.pointer_mut(pointer).unwrap() = serde_json::from_str(text).unwrap();
            load_bytes("a.json", changed.to_string().as_bytes());
        }
    }
}

fn walk(value: &serde_json::Value, at: String, pointers: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, value) in members {
                walk(value, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), pointers);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                walk(value, format!("{at}/{index}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(at);
}

#[test]
fn a_description_that_is_none_is_one_finding() {
    for text in ["a: b", "[]", "openapi: 4.0.0", "swagger: '1.2'", "openapi: 3.0.0", "{\"openapi\": 3}"] {
        let (description, findings) = load_all(&[("a.yaml", text)]);
        assert!(description.is_none(), "{text}");
        assert_eq!(codes(&findings), ["B1003"], "{text}");
    }
    let (description, findings) = load("absent.yaml", &[], &Memory::new(&[]));
    assert!(description.is_none());
    assert_eq!(codes(&findings), ["B1001"]);
}
