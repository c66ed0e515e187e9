#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use bytes::Bytes;

use super::{Identity, confirm};

const DESCRIPTION: &str = r#"openapi: 3.1.0
info: { title: Cards, version: "1" }
security: [{ bearer: [] }]
paths:
  /cards: { get: { operationId: listCards, responses: { "200": { description: ok, content: { application/json: { schema: { type: array, items: { type: object, properties: { id: { type: integer }, label: { type: string } } } } } } } } } }
  /cards/{id}: { get: { operationId: getCard, parameters: [{ name: id, in: path, required: true, schema: { type: integer } }], responses: { "200": { description: ok, content: { application/json: { schema: { type: object, properties: { id: { type: integer }, label: { type: string } } } } } } } } }
components: { securitySchemes: { bearer: { type: http, scheme: bearer } } }
"#;

struct OneFile;

impl openapi::Files for OneFile {
    fn read(&self, _path: &str) -> Result<Bytes, String> {
        Ok(Bytes::from_static(DESCRIPTION.as_bytes()))
    }
}

/// Ann has the cards 1 and 2, Bob has 3; whoever asks for a single card gets it.
fn service() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = Vec::new();
            let mut byte = [0; 1];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let body = match (head.starts_with("GET /cards "), head.contains("Bearer ann")) {
                (true, true) => r#"[{"id":1},{"id":2}]"#,
                (true, false) => r#"[{"id":3}]"#,
                _ => r#"{"id":1}"#,
            };
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    port
}

#[tokio::test]
async fn two_identities_confirm_a_list_and_show_what_the_service_does_not_ask() {
    let (description, _) = openapi::load("cards.yaml", &[], &OneFile);
    let mut inferred = policy::infer::infer(&description.unwrap());
    let (ann, bob) = (Identity::with("ann\n").unwrap(), Identity::with("bob").unwrap());
    confirm(&mut inferred, &format!("http://127.0.0.1:{}/", service()), &ann, &bob).await.unwrap();
    assert_eq!(inferred.types["Card"].owner.confidence, 95);
    assert_eq!(inferred.asked.len(), 3, "{:?}", inferred.asked);
    assert!(inferred.asked[0].contains("disjoint"));
    assert!(inferred.asked[1].contains("the service does not ask whose it is"));
}

#[tokio::test]
async fn a_service_that_is_not_there_is_told() {
    let (description, _) = openapi::load("cards.yaml", &[], &OneFile);
    let mut inferred = policy::infer::infer(&description.unwrap());
    // Nobody is ever given this one.
    let port = 1;
    let (ann, bob) = (Identity::with("ann").unwrap(), Identity::with("bob").unwrap());
    assert!(confirm(&mut inferred, &format!("http://127.0.0.1:{port}"), &ann, &bob).await.is_err());
    assert!(Identity::with("a\nb").is_err());
    let value = |credential: &str| Identity::with(credential).unwrap().authorization;
    assert_eq!(value("abc\n"), "Bearer abc");
    assert_eq!(value("Token abc\n"), "Token abc");
}
