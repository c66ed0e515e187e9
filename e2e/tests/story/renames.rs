//! A service in which people and documents change their names: whoever takes an old one gets nothing of what it named.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use e2e::{Client, Gateway, Reply, Request, Server};
use serde_json::{Value, json};

const DESCRIPTION: &str = r##"
openapi: 3.1.0
info: { title: Docs, version: "1" }
security: [{ token: [] }]
paths:
  /me:
    get: { operationId: getMe, responses: { "200": { $ref: "#/components/responses/any" } } }
    put: { operationId: putMe, requestBody: { $ref: "#/components/requestBodies/forms" }, responses: { "200": { $ref: "#/components/responses/any" } } }
  /docs:
    post: { operationId: makeDoc, requestBody: { $ref: "#/components/requestBodies/any" }, responses: { "201": { $ref: "#/components/responses/any" } } }
  /docs/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: getDoc, responses: { "200": { $ref: "#/components/responses/any" } } }
    put: { operationId: putDoc, requestBody: { $ref: "#/components/requestBodies/any" }, responses: { "200": { $ref: "#/components/responses/any" }, "204": { description: done } } }
    delete: { operationId: deleteDoc, responses: { "204": { description: done } } }
components:
  securitySchemes: { token: { type: apiKey, in: header, name: Authorization } }
  requestBodies:
    any: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Any" } } } }
    forms: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Any" } }, application/x-www-form-urlencoded: { schema: { $ref: "#/components/schemas/Any" } }, multipart/form-data: { schema: { $ref: "#/components/schemas/Any" } } } }
  responses: { any: { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Any" } } } } }
  schemas: { Any: { type: object, properties: { id: { type: string }, name: { type: string }, text: { type: string } } } }
"##;

const BINDINGS: &str = r##"
version: 1
tenants: single
resources:
  Account: { id: $.name, owner: { property: $.name } }
  Doc: { id: $.id, owner: { property: $.owner } }
operations:
  putMe: { action: act, takes: Account, shows: Account, renames: true, free: [body.name] }
  makeDoc: { action: create, takes: Doc, shows: Doc }
  getDoc: { object: { type: Doc, id: path.id }, evidence: [learned], shows: Doc }
  putDoc: { object: { type: Doc, id: path.id }, evidence: [learned], takes: Doc, shows: Doc, renames: true }
  deleteDoc: { object: { type: Doc, id: path.id }, evidence: [learned] }
properties:
  Account: { write: { default: [name] }, read: { default: [name] } }
  Doc: { write: { default: [id, text] }, read: { default: [id, text] } }
"##;

/// Names by token, and texts by id.
#[derive(Default)]
struct Docs {
    names: BTreeMap<String, String>,
    texts: BTreeMap<String, String>,
}

impl Docs {
    fn holder(&self, name: &str) -> &str {
        self.names.iter().find(|(_, taken)| *taken == name).map_or("", |(token, _)| token)
    }

    fn answer(&mut self, request: &Request) -> Reply {
        // Sessions of one person differ in what follows the sign.
        let token = request.header("authorization").unwrap_or_default().split('+').next().unwrap_or_default();
        let token = token.to_owned();
        let Some(name) = self.names.get(&token).cloned() else { return Reply::json(401, "{}") };
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let said = |member: &str| body.get(member).and_then(Value::as_str).map(str::to_owned);
        let show = |status, shown: Value| Reply::json(status, &shown.to_string());
        match (request.line.split(" ").next().unwrap_or_default(), request.target()) {
            ("PUT", "/me") => {
                let form = String::from_utf8_lossy(&request.body);
                let new = said("name").or_else(|| form.strip_prefix("name=").map(str::to_owned));
                let new = new.unwrap_or_default();
                if self.names.values().any(|taken| *taken == new) {
                    return show(409, json!({}));
                }
                self.names.insert(token, new.clone());
                // It is done, whatever is said of it.
                let status = new.split('-').nth(1).and_then(|status| status.parse().ok()).unwrap_or(200);
                show(status, json!({ "name": new }))
            }
            (_, "/me") => {
                show(200, json!({ "name": name, "number": token.bytes().map(u32::from).sum::<u32>() }))
            }
            ("POST", _) => {
                let id = said("id").unwrap_or_default();
                self.texts.insert(id.clone(), said("text").unwrap_or_default());
                show(201, json!({ "id": id }))
            }
            ("DELETE", target) => {
                let id = target.trim_start_matches("/docs/");
                match id.split('-').nth(1).and_then(|status| status.parse().ok()).unwrap_or(204) {
                    409 => show(409, json!({})),
                    // It is done, whatever is said of it.
                    status => {
                        self.texts.remove(id);
                        Reply::json(status, "")
                    }
                }
            }
            ("PUT", target) => {
                let text = self.texts.remove(target.trim_start_matches("/docs/")).unwrap_or_default();
                let id = said("id").unwrap_or_default();
                self.texts.insert(id.clone(), text);
                match said("text").as_deref() {
                    // The service answers with what another document is.
                    Some("astray") => show(200, json!({ "id": "b", "text": "of vic" })),
                    Some("nameless") => show(200, json!({ "text": "of vic" })),
                    _ => Reply::json(204, ""),
                }
            }
            (_, target) => {
                let id = target.trim_start_matches("/docs/");
                match self.texts.get(id) {
                    Some(text) => show(200, json!({ "id": id, "text": text })),
                    None => Reply::json(404, "{}"),
                }
            }
        }
    }
}

/// A gateway before the service, where `mal` and `vic` are, and the service's own address.
fn start(story: &str, bindings: &str, auth: &str) -> (Gateway, SocketAddr) {
    let folder = e2e::folder(story);
    std::fs::write(folder.join("docs.openapi.yaml"), DESCRIPTION).unwrap();
    std::fs::write(folder.join("bindings.yaml"), bindings).unwrap();
    let names = ["mal", "vic"].map(|name| (format!("Token of-{name}"), name.to_owned()));
    let docs = Mutex::new(Docs { names: names.into_iter().collect(), ..Docs::default() });
    let service = Server::start(move |request: &Request| {
        let reply = docs.lock().unwrap().answer(request);
        // Answered when the maker's name is another's.
        while request.body.ends_with(LATE.as_bytes()) && docs.lock().unwrap().holder("vic") != "Token of-mal"
        {
            std::thread::sleep(Duration::from_millis(2));
        }
        while request.line.starts_with("PUT") && request.body.ends_with(SILENT.as_bytes()) {
            std::thread::park();
        }
        reply
    });
    let text = format!(
        "egress: {{ allow: [127.0.0.1/32] }}\napis:\n  docs:\n    spec: docs.openapi.yaml\n    upstream: http://{address}\n    \
         identity: {{ forward_credential: true }}\n    authorization: {{ bindings: bindings.yaml }}\nauth:\n  token:\n    issuer: \
         docs\n    {auth} }}\n",
        address = service.address,
        auth = auth.replace("URL", &format!("\"http://{}/me\"", service.address)),
    );
    (Gateway::start(&folder, &text), service.address)
}

/// The end of a body that is answered when somebody else is called `vic`.
const LATE: &str = "-late\"}";
/// The end of a body to which there is never an answer.
const SILENT: &str = "-silent\"}";

/// Ways of knowing who somebody is for a minute: by the token, or by the number that it says.
fn identified() -> [(&'static str, String, &'static str); 2] {
    let by_number = BINDINGS
        .replace(
            "resources:\n",
            "principals: { whoami: { operation: getMe, subject: $.name, cache: 60s } }\nresources:\n",
        )
        .replace("operations:\n", "operations:\n  getMe: { action: act, safe: true }\n");
    [
        ("token", BINDINGS.to_owned(), "subject: name\n    whoami: { url: URL, scheme: Token, cache: 60s"),
        ("principal", by_number, "subject: number\n    whoami: { url: URL, scheme: Token, cache: 60s"),
    ]
}

#[test]
fn a_new_name_counts_at_once_in_every_session_of_a_person() {
    for (what, bindings, auth) in identified() {
        let (gateway, _) = start(&format!("renames-{what}"), &bindings, auth);
        let client = gateway.client();
        for (who, method, target, body, status) in [
            ("vic+1", "POST", "/docs", json!({ "id": "v", "text": "of vic" }), 201),
            ("vic+2", "GET", "/docs/v", Value::Null, 200),
            ("mal+2", "GET", "/docs/v", Value::Null, 404),
            ("vic+1", "PUT", "/me", json!({ "name": "vera" }), 200),
            ("mal+1", "PUT", "/me", json!({ "name": "vic" }), 200),
            ("mal+3", "POST", "/docs", json!({ "id": "m", "text": "of mal" }), 201),
            // Who was called `vic` in this session is not the maker of what `vic` has made since.
            ("vic+2", "GET", "/docs/m", Value::Null, 404),
            ("mal+2", "GET", "/docs/m", Value::Null, 200),
        ] {
            let (found, text) = ask(&client, who, method, target, &body);
            assert_eq!(found, status, "{what}: {who} {method} {target}: {text}");
        }
    }
}

#[test]
fn a_new_name_counts_whatever_is_seen_of_the_answer() {
    for (what, bindings, auth) in identified() {
        for how in ["vera-503", "vera-303", "vera-silent", "vera-204"] {
            let (gateway, address) = start(&format!("renames-{what}-{how}"), &bindings, auth);
            let (client, service) = (gateway.client(), Client::new(address));
            let check = |client: &Client, who: &str, method: &str, target: &str, body: Value, status: u16| {
                let (found, text) = ask(client, who, method, target, &body);
                assert_eq!(found, status, "{what}, {how}: {who} {method} {target}: {text}");
            };
            check(&client, "vic+1", "POST", "/docs", json!({ "id": "v", "text": "of vic" }), 201);
            check(&client, "vic+2", "GET", "/docs/v", Value::Null, 200);
            // What the service refuses takes nothing away from those who have the name.
            check(&client, "mal+9", "PUT", "/me", json!({ "name": "vic" }), 409);
            check(&client, "vic+2", "GET", "/docs/v", Value::Null, 200);
            let taker = if how == "vera-silent" {
                give_up_renaming(&client, &service, how);
                // Whoever gives the name up may be too early in forgetting it, and whoever takes it is not.
                &client
            } else if how == "vera-204" {
                // Past the gateway, so that only the taker's request tells of it.
                check(&service, "vic+1", "PUT", "/me", json!({ "name": how }), 204);
                &client
            } else {
                let (status, text) = ask(&client, "vic+1", "PUT", "/me", &json!({ "name": how }));
                assert!(status >= 300, "{what}, {how}: {text}");
                // Past the gateway, so that only the giver's request tells of it.
                &service
            };
            check(taker, "mal+1", "PUT", "/me", json!({ "name": "vic" }), 200);
            check(&client, "mal+3", "POST", "/docs", json!({ "id": "m", "text": "of mal" }), 201);
            check(&client, "vic+2", "GET", "/docs/m", Value::Null, 404);
            if how != "vera-silent" {
                // Nothing is said of what has the name for as long as the service may still answer.
                check(&client, "mal+3", "GET", "/docs/m", Value::Null, 200);
            }
            check(&client, "mal+3", "GET", "/docs/v", Value::Null, 404);
        }
    }
}

/// Leaves when the service has made the change and not answered.
fn give_up_renaming(client: &Client, service: &Client, new: &str) {
    let mut stream = TcpStream::connect(client.address).unwrap();
    let body = json!({ "name": new }).to_string();
    write!(
        stream,
        "PUT /me HTTP/1.1\r\nHost: a.example\r\nAuthorization: Token of-vic+1\r\nContent-Type: \
         application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let until = Instant::now() + e2e::PATIENCE;
    while !ask(service, "vic+4", "GET", "/me", &Value::Null).1.contains(new) {
        assert!(Instant::now() < until, "the service was never told of the new name");
    }
}

#[test]
fn old_names_of_people_and_documents_give_nothing_to_whoever_takes_them() {
    let (gateway, _) =
        start("renames", BINDINGS, "subject: name\n    whoami: { url: URL, scheme: Token, cache: 0s");
    let client = gateway.client();
    let send = |who: &str, method: &str, target: &str, body: Value| -> (u16, String) {
        ask(&client, who, method, target, &body)
    };
    for (what, who, method, target, body, status) in [
        ("a document is made", "mal", "POST", "/docs", json!({ "id": "a", "text": "of mal" }), 201),
        ("another one", "vic", "POST", "/docs", json!({ "id": "b", "text": "of vic" }), 201),
        ("its maker reads it", "mal", "GET", "/docs/a", Value::Null, 200),
        ("and nobody else", "vic", "GET", "/docs/a", Value::Null, 404),
        (
            "it gets another name, of which no answer tells",
            "mal",
            "PUT",
            "/docs/a",
            json!({ "id": "c" }),
            204,
        ),
        ("its old name is taken by another's", "vic", "PUT", "/docs/b", json!({ "id": "a" }), 204),
        ("which is not for the maker of the first", "mal", "GET", "/docs/a", Value::Null, 404),
        ("nor to be written", "mal", "PUT", "/docs/a", json!({ "id": "d" }), 404),
        ("a third one", "mal", "POST", "/docs", json!({ "id": "e", "text": "of mal" }), 201),
        (
            "the answer shows another document",
            "mal",
            "PUT",
            "/docs/e",
            json!({ "id": "f", "text": "astray" }),
            404,
        ),
        ("a fourth one", "mal", "POST", "/docs", json!({ "id": "g", "text": "of mal" }), 201),
        (
            "the answer shows a nameless one",
            "mal",
            "PUT",
            "/docs/g",
            json!({ "id": "h", "text": "nameless" }),
            404,
        ),
        ("of a victim", "vic", "POST", "/docs", json!({ "id": "v", "text": "of vic" }), 201),
        ("who reads it", "vic", "GET", "/docs/v", Value::Null, 200),
        ("and takes another name", "vic", "PUT", "/me", json!({ "name": "vera" }), 200),
        ("the old one is taken", "mal", "PUT", "/me", json!({ "name": "vic" }), 200),
        ("with nothing that was of it", "mal", "GET", "/docs/v", Value::Null, 404),
    ] {
        let (found, text) = send(who, method, target, body);
        assert_eq!(found, status, "{what}: {text}");
        assert!(status != 404 || !text.contains("of vic"), "{what}: {text}");
    }
}

fn status_of(client: &Client, who: &str, method: &str, target: &str, body: &Value) -> u16 {
    ask(client, who, method, target, body).0
}

#[test]
fn what_is_made_while_its_maker_takes_another_name_is_not_for_whoever_takes_the_old_one() {
    for (what, bindings, auth) in identified() {
        let (gateway, address) = start(&format!("renames-late-{what}"), &bindings, auth);
        let (client, service) = (gateway.client(), Client::new(address));
        let made = std::thread::scope(|scope| {
            let late = scope.spawn(|| {
                status_of(&client, "vic+1", "POST", "/docs", &json!({ "id": "v", "text": "of vic-late" }))
            });
            let until = Instant::now() + e2e::PATIENCE;
            while status_of(&service, "vic+9", "GET", "/docs/v", &Value::Null) != 200 {
                assert!(Instant::now() < until, "the service was never told of the document");
            }
            let vera = json!({ "name": "vera" });
            assert_eq!(status_of(&client, "vic+2", "PUT", "/me", &vera), 200, "{what}");
            assert_eq!(status_of(&client, "mal+1", "PUT", "/me", &json!({ "name": "vic" })), 200, "{what}");
            late.join().unwrap()
        });
        assert_eq!(made, 201, "{what}");
        assert_eq!(status_of(&client, "mal+3", "GET", "/docs/v", &Value::Null), 404, "{what}");
        let again = json!({ "id": "m", "text": "of mal" });
        assert_eq!(status_of(&client, "mal+3", "POST", "/docs", &again), 201, "{what}");
        assert_eq!(status_of(&client, "mal+3", "GET", "/docs/m", &Value::Null), 200, "{what}");
    }
}

#[test]
fn a_request_from_before_a_new_name_does_not_reach_what_has_the_old_one_since() {
    let (_, bindings, auth) = identified().into_iter().next().unwrap();
    let (gateway, _) = start("renames-before", &bindings, auth);
    let client = gateway.client();
    let body = json!({ "text": "astray" }).to_string();
    let mut before = TcpStream::connect(client.address).unwrap();
    before.set_read_timeout(Some(e2e::PATIENCE)).unwrap();
    write!(
        before,
        "PUT /docs/m HTTP/1.1\r\nHost: a.example\r\nAuthorization: Token of-vic+1\r\nContent-Type: application/json\r\n\
         Expect: 100-continue\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    // It is known then who calls.
    let mut line = [0; 25];
    before.read_exact(&mut line).unwrap();
    assert!(line.starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&line));
    for (who, method, target, body, status) in [
        ("vic+2", "PUT", "/me", json!({ "name": "vera" }), 200),
        ("mal+1", "PUT", "/me", json!({ "name": "vic" }), 200),
        ("mal+3", "POST", "/docs", json!({ "id": "m", "text": "of mal" }), 201),
    ] {
        assert_eq!(status_of(&client, who, method, target, &body), status, "{who} {method} {target}");
    }
    before.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    before.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 503") && answer.contains("evidence_unavailable"), "{answer}");
    assert_eq!(status_of(&client, "mal+3", "GET", "/docs/m", &Value::Null), 200);
}

#[test]
fn a_name_that_is_taken_by_a_form_gives_nothing_of_what_it_named_and_one_that_cannot_be_read_is_refused() {
    let (_, bindings, auth) = identified().into_iter().next().unwrap();
    let (gateway, address) = start("renames-form", &bindings, auth);
    let (client, service) = (gateway.client(), Client::new(address));
    let put = |client: &Client, who: &str, kind: &str, body: &str| {
        let word = format!("Token of-{who}");
        let fields = [("Authorization", word.as_str()), ("Content-Type", kind)];
        client.send("PUT", "/me", &fields, body.as_bytes()).status
    };
    let form = "application/x-www-form-urlencoded";
    let doc = json!({ "id": "v", "text": "of vic" });
    assert_eq!(status_of(&client, "vic+1", "POST", "/docs", &doc), 201);
    // Past the gateway, so that only the taker's request tells of it.
    assert_eq!(put(&service, "vic+1", form, "name=vera"), 200);
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nvic\r\n--x--\r\n";
    assert_eq!(put(&client, "mal+1", "multipart/form-data; boundary=x", multipart), 415);
    assert_eq!(put(&client, "mal+1", form, "name=vic"), 200);
    assert_eq!(status_of(&client, "mal+3", "GET", "/docs/v", &Value::Null), 404);
}

#[test]
fn what_may_be_deleted_is_nobodys_whatever_is_seen_of_the_answer() {
    let (gateway, address) =
        start("renames-deleted", BINDINGS, "subject: name\n    whoami: { url: URL, scheme: Token, cache: 0s");
    let (client, service) = (gateway.client(), Client::new(address));
    for (id, deleted, left) in
        [("a", 204, 404), ("b-503", 503, 404), ("c-404", 404, 404), ("d-409", 409, 200)]
    {
        let path = format!("/docs/{id}");
        let make = json!({ "id": id, "text": "of mal" });
        assert_eq!(status_of(&client, "mal", "POST", "/docs", &make), 201, "{id}");
        assert_eq!(status_of(&client, "mal", "GET", &path, &Value::Null), 200, "{id}");
        let found = status_of(&client, "mal", "DELETE", &path, &Value::Null);
        assert!(found == deleted || (deleted == 503 && found >= 500), "{id}: {found}");
        if left == 404 {
            // The service gives the id to another's, past the gateway.
            let make = json!({ "id": id, "text": "of vic" });
            assert_eq!(status_of(&service, "vic", "POST", "/docs", &make), 201, "{id}");
        }
        assert_eq!(status_of(&client, "mal", "GET", &path, &Value::Null), left, "{id}");
    }
}

fn ask(client: &Client, who: &str, method: &str, target: &str, body: &Value) -> (u16, String) {
    let word = format!("Token of-{who}");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut fields = vec![("Authorization", word.as_str())];
    if !body.is_empty() {
        fields.push(("Content-Type", "application/json"));
    }
    let answer = client.send(method, target, &fields, body.as_bytes());
    (answer.status, answer.text())
}
