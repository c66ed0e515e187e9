//! A service whose tokens are words of its own database: it is asked who holds one, and then whose its notes are.

use e2e::{Answer, Client, Gateway, Reply, Request, Server};
use serde_json::{Value, json};

const DESCRIPTION: &str = r##"
openapi: 3.1.0
info: { title: Notes, version: "1" }
security: [{ token: [] }]
paths:
  /notes/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: getNote, responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Note" } } } } } }
    delete: { operationId: deleteNote, responses: { "204": { description: gone } } }
components:
  securitySchemes: { token: { type: apiKey, in: header, name: Authorization } }
  schemas: { Note: { type: object, properties: { id: { type: string }, user_id: { type: integer }, text: { type: string } } } }
"##;

const BINDINGS: &str = r##"
version: 1
tenants: single
resources: { Note: { id: id, owner: { property: $.user_id }, resolver: { operation: getNote } } }
operations:
  getNote: { object: { type: Note, id: path.id }, evidence: [response], shows: Note }
  deleteNote: { object: { type: Note, id: path.id }, evidence: [resolver] }
"##;

fn notes(request: &Request) -> Reply {
    let user = match request.header("authorization") {
        Some("Token of-kim") => 7,
        Some("Token of-lee") => 8,
        // An account that was switched off.
        Some("Token of-max") => 9,
        _ => return Reply::json(401, "{}"),
    };
    match request.target() {
        "/me" => {
            let said = json!({ "user": { "id": user }, "active": user != 9, "scope": "admin", "exp": 1 });
            Reply::json(200, &said.to_string())
        }
        target => {
            let owner = if target.ends_with("/a") { 7 } else { 8 };
            Reply::json(
                200,
                &json!({ "id": target.rsplit('/').next(), "user_id": owner, "text": "t" }).to_string(),
            )
        }
    }
}

fn send(client: &Client, word: &str, method: &str, target: &str) -> Answer {
    client.send(method, target, &[("Authorization", word)], b"")
}

#[test]
fn tokens_that_the_service_alone_can_tell_are_shown_to_it_and_their_holders_keep_to_what_is_theirs() {
    let folder = e2e::folder("service-tokens");
    std::fs::write(folder.join("notes.openapi.yaml"), DESCRIPTION).unwrap();
    std::fs::write(folder.join("bindings.yaml"), BINDINGS).unwrap();
    let service = Server::start(notes);
    let text = format!(
        "egress: {{ allow: [127.0.0.1/32] }}\napis:\n  notes:\n    spec: notes.openapi.yaml\n    upstream: http://{address}\n    \
         identity: {{ forward_credential: true }}\n    authorization: {{ bindings: bindings.yaml }}\nauth:\n  token:\n    issuer: \
         notes\n    subject: $.user.id\n    whoami: {{ url: \"http://{address}/me\", scheme: Token, cache: 60s }}\n",
        address = service.address
    );
    let gateway = Gateway::start(&folder, &text);
    let client = gateway.client();
    for (what, word, method, target, status, code) in [
        ("one's own", "Token of-kim", "GET", "/notes/a", 200, ""),
        ("somebody else's", "Token of-kim", "GET", "/notes/b", 404, "object_not_found"),
        ("somebody else's, deleted", "Token of-kim", "DELETE", "/notes/b", 404, "object_not_found"),
        ("of the other", "Token of-lee", "GET", "/notes/b", 200, ""),
        ("the first, for the other", "Token of-lee", "DELETE", "/notes/a", 404, "object_not_found"),
        ("one's own, deleted", "Token of-kim", "DELETE", "/notes/a", 200, ""),
        ("a token that nobody holds", "Token of-nobody", "GET", "/notes/a", 401, "token_revoked"),
        ("a token behind another word", "JWT of-kim", "GET", "/notes/a", 401, "token_malformed"),
        ("one without a word", "of-kim", "GET", "/notes/a", 401, "token_malformed"),
        ("two", "Token of-kim, Token of-lee", "GET", "/notes/b", 401, "token_malformed"),
        ("one of an account that is off", "Token of-max", "GET", "/notes/b", 401, "token_revoked"),
    ] {
        let answer = send(&client, word, method, target);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{what}: {}", answer.text());
    }
    let lines: Vec<String> = service.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(lines.iter().filter(|line| line.starts_with("DELETE")).count(), 1, "{lines:?}");
    assert_eq!(
        lines.iter().filter(|line| line.contains("/me ")).count(),
        4,
        "asked once for each token: {lines:?}"
    );
    let told: Value = answer_of(&gateway, &client);
    assert!(told.to_string().contains("\"7\""), "the record names the user: {told}");
}

/// The record of a request that was refused.
fn answer_of(gateway: &Gateway, client: &Client) -> Value {
    let refused = send(client, "Token of-kim", "GET", "/notes/b");
    let id = refused.json()["request_id"].as_str().unwrap().to_owned();
    let mut said = Value::Null;
    e2e::eventually("the record is there", || {
        let told = gateway.verb(&["explain", "--json", "--request-id", &id]);
        said = serde_json::from_slice(&told.stdout).unwrap_or_default();
        told.status.success()
    });
    said
}
