//! Sealed ids of a service whose ids are texts that people choose: what is opened never leads to another operation, parts
//! into several ids, or writes a second field.

use e2e::{Client, Gateway, Reply, Request, Server};
use serde_json::{Value, json};

const DESCRIPTION: &str = r##"
openapi: 3.1.0
info: { title: Notes, version: "1" }
security: [{ token: [] }]
paths:
  /notes:
    get: { operationId: listNotes, responses: { "200": { $ref: "#/components/responses/notes" } } }
  /notes/all:
    get: { operationId: everyNote, responses: { "200": { $ref: "#/components/responses/notes" } } }
  /notes/archive:
    post: { operationId: archiveNotes, responses: { "200": { $ref: "#/components/responses/notes" } } }
  /notes/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: getNote, responses: { "200": { $ref: "#/components/responses/note" } } }
  /notes/{id}/text:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: getText, responses: { "200": { $ref: "#/components/responses/note" } } }
  /one:
    parameters: [{ name: X-Note, in: header, required: true, schema: { type: string } }]
    get: { operationId: oneNote, responses: { "200": { $ref: "#/components/responses/note" } } }
  /some:
    parameters: [{ name: ids, in: query, required: true, explode: false, schema: { type: array, items: { type: string } } }]
    get: { operationId: someNotes, responses: { "200": { $ref: "#/components/responses/notes" } } }
components:
  securitySchemes: { token: { type: apiKey, in: header, name: Authorization } }
  responses:
    note: { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Note" } } } }
    notes: { description: ok, content: { application/json: { schema: { type: object, properties: { items: { type: array, items: { $ref: "#/components/schemas/Note" } } } } } } }
  schemas: { Note: { type: object, properties: { id: { type: string }, owner: { type: string } } } }
"##;

const BINDINGS: &str = r##"
version: 1
tenants: single
resources:
  Note: { id: $.id, owner: { property: $.owner }, seal: note }
operations:
  listNotes: { action: list, list: { type: Note, items: "$.items[*]", filter: true } }
  everyNote: { action: list, roles: [auditor], list: { type: Note, items: "$.items[*]" } }
  archiveNotes: { action: act, roles: [auditor], shows: { type: Note, at: "$.items[*]" } }
  getNote: { object: { type: Note, id: path.id }, evidence: [response], shows: Note }
  getText: { object: { type: Note, id: path.id }, evidence: [response], shows: Note }
  oneNote: { object: { type: Note, id: header.X-Note }, evidence: [response], shows: Note }
  someNotes: { action: read, object: { type: Note, id: query.ids }, evidence: [response], shows: { type: Note, at: "$.items[*]" } }
properties:
  Note: { read: { default: [id, owner] } }
"##;

/// The last ones are what somebody may call a note who knows how the gateway works.
const IDS: [&str; 14] = [
    "17",
    "18",
    "Allie",
    "a note",
    "all",
    "archive",
    "17/text",
    "..",
    ".",
    "../notes/all",
    "17,18",
    "17?ids=18",
    "17\r\nX-Note: 18",
    "%61ll",
];

/// Everything is `mal`'s, whatever is asked; `/notes/all` is what nobody may see.
fn answer(request: &Request) -> Reply {
    if request.target() == "/me" {
        return Reply::json(200, r#"{"name":"mal"}"#);
    }
    let note = |id: &str| json!({ "id": id, "owner": "mal" });
    let (path, query) = request.target().split_once('?').unwrap_or((request.target(), ""));
    let shown = match path.split('/').collect::<Vec<_>>().as_slice() {
        ["", "notes"] => json!({ "items": IDS.map(note) }),
        ["", "notes", id] | ["", "notes", id, "text"] => note(&id.replace("%20", " ").replace("%2C", ",")),
        ["", "some"] => {
            json!({ "items": query.trim_start_matches("ids=").split(',').map(note).collect::<Vec<_>>() })
        }
        _ => note(request.header("x-note").unwrap_or_default()),
    };
    Reply::json(200, &shown.to_string())
}

struct Scene {
    gateway: Gateway,
    service: Server,
}

impl Scene {
    fn set() -> Self {
        let folder = e2e::folder("sealed-texts");
        std::fs::write(folder.join("notes.openapi.yaml"), DESCRIPTION).unwrap();
        std::fs::write(folder.join("bindings.yaml"), BINDINGS).unwrap();
        std::fs::write(folder.join("one.key"), "k".repeat(40)).unwrap();
        let service = Server::start(answer);
        let text = format!(
            "egress: {{ allow: [127.0.0.1/32] }}\napis:\n  notes:\n    spec: notes.openapi.yaml\n    upstream: \
             http://{address}\n    identity: {{ forward_credential: true }}\n    authorization:\n      bindings: bindings.yaml\n      \
             sealing: {{ keys: [{{ number: 1, key: \"${{file:one.key}}\" }}] }}\nauth:\n  token:\n    issuer: notes\n    subject: \
             name\n    whoami: {{ url: \"http://{address}/me\", scheme: Token, cache: 60s }}\n",
            address = service.address
        );
        Self { gateway: Gateway::start(&folder, &text), service }
    }

    /// The status, the body, and the targets that the service was asked for with a note.
    fn get(&self, target: &str, fields: &[(&str, &str)]) -> (u16, Value, Vec<String>) {
        let client: Client = self.gateway.client();
        let before = self.service.count();
        let answer = client.send("GET", target, &[&[("Authorization", "Token mal")], fields].concat(), b"");
        let seen = self.service.requests().split_off(before);
        let targets = seen.iter().map(|request| {
            format!("{} {}", request.target(), request.all("x-note").join(";")).trim_end().to_owned()
        });
        let body = serde_json::from_str(&answer.text()).unwrap_or_default();
        (answer.status, body, targets.filter(|target| target != "/me").collect())
    }

    /// The ids as they are shown, in the order of [`IDS`].
    fn sealed(&self) -> Vec<String> {
        let (status, body, _) = self.get("/notes", &[]);
        assert_eq!(status, 200, "{body}");
        let items = body["items"].as_array().cloned().unwrap_or_default();
        let ids: Vec<String> = items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), IDS.len());
        assert!(ids.iter().all(|id| id.starts_with("note_")), "{ids:?}");
        ids
    }
}

#[test]
fn an_opened_id_stays_where_it_was_sealed() {
    let scene = Scene::set();
    let sealed = scene.sealed();
    let text_of = |id: &str| &sealed[IDS.iter().position(|known| *known == id).unwrap()];
    for (id, path) in [("17", "/notes/17"), ("Allie", "/notes/Allie"), ("a note", "/notes/a%20note")] {
        let text = text_of(id);
        for rest in ["", "/text"] {
            let (status, body, seen) = scene.get(&format!("/notes/{text}{rest}"), &[]);
            assert_eq!((status, body["id"].as_str()), (200, Some(text.as_str())), "{id}: {body}");
            assert_eq!(seen, [format!("{path}{rest}")]);
        }
        let (status, _, seen) = scene.get("/one", &[("X-Note", text)]);
        assert_eq!((status, seen), (200, vec![format!("/one {id}")]));
    }
    // Called like another operation, or holding what parts a path.
    for id in ["all", "archive", "17/text", "..", ".", "../notes/all", "%61ll"] {
        let (status, body, seen) = scene.get(&format!("/notes/{}", text_of(id)), &[]);
        assert_eq!((status, seen), (404, Vec::<String>::new()), "{id}: {body}");
    }
    // What ends a path or a field stands escaped, or not at all.
    let (_, _, seen) = scene.get(&format!("/notes/{}", text_of("17?ids=18")), &[]);
    assert!(seen.iter().all(|target| target == "/notes/17%3Fids%3D18"), "{seen:?}");
    let (status, _, seen) = scene.get("/one", &[("X-Note", text_of("17\r\nX-Note: 18"))]);
    assert_eq!((status, seen), (404, Vec::<String>::new()));
}

#[test]
fn an_opened_id_does_not_become_two() {
    let scene = Scene::set();
    let sealed = scene.sealed();
    let of = |ids: &[&str]| {
        let texts = ids.iter().map(|id| sealed[IDS.iter().position(|known| known == id).unwrap()].as_str());
        scene.get(&format!("/some?ids={}", texts.collect::<Vec<_>>().join(",")), &[])
    };
    let (status, body, seen) = of(&["17", "18"]);
    assert_eq!((status, seen), (200, vec!["/some?ids=17,18".to_owned()]), "{body}");
    assert_eq!(body["items"].as_array().map(Vec::len), Some(2), "{body}");
    for ids in [&["17,18"][..], &["17", "17,18"]] {
        let (status, body, seen) = of(ids);
        assert_eq!((status, seen), (404, Vec::<String>::new()), "{ids:?}: {body}");
    }
}
