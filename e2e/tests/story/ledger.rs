//! A small service of notes that never asks whose they are, and the gateway before it: what the stories of bindings and
//! policies are told with.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e::{Answer, Client, Gateway, Issuer, Reply, Request, Server};
use serde_json::{Value, json};

pub(crate) const NOTES: &str = r##"openapi: 3.1.0
info: { title: Notes, version: "1" }
security: [{ bearerAuth: [] }]
paths:
  /me:
    get:
      operationId: getMe
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object, properties: { id: { type: string }, editor: { type: boolean } } } } } } }
  /notes:
    get:
      operationId: listNotes
      parameters: [{ name: skip, in: query, schema: { type: integer, minimum: 0 } }]
      responses: { "200": { description: ok, content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Note" } } } } } }
  /notes/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    get: { operationId: getNote, responses: { "200": { $ref: "#/components/responses/Note" } } }
    put:
      operationId: putNote
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Note" } } } }
      responses: { "200": { $ref: "#/components/responses/Note" } }
  /vault:
    get: { operationId: openVault, responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } } }
components:
  securitySchemes:
    bearerAuth: { type: http, scheme: bearer }
  responses:
    Note: { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Note" } } } }
  schemas:
    Note: { type: object, properties: { id: { type: integer }, owner: { type: string }, text: { type: string } } }
"##;

pub(crate) const BINDINGS: &str = r"version: 1
tenants: single
resources:
  Note:
    owner: { property: $.owner }
    resolver: { operation: getNote }
operations:
  getMe: { action: read }
  listNotes: { action: list, list: { type: Note } }
  getNote: { object: { type: Note, id: path.id }, evidence: [resolver] }
  putNote: { object: { type: Note, id: path.id }, evidence: [resolver] }
  openVault: { action: read }
";

/// The service, an issuer and the gateway.
pub(crate) struct Ledger {
    pub(crate) gateway: Gateway,
    pub(crate) service: Server,
    pub(crate) issuer: Issuer,
    pub(crate) folder: PathBuf,
}

impl Ledger {
    /// `changes`: in the bindings, what stands there and what stands there instead; `authorization` and `api`: more of the
    /// section, and of the API.
    pub(crate) fn set(story: &str, changes: &[(&str, &str)], authorization: &str, api: &str) -> Self {
        let folder = e2e::folder(story);
        let (service, issuer) = (Server::start(answer), Issuer::start());
        write(&folder, "notes.yaml", NOTES);
        let mut bindings = BINDINGS.to_owned();
        for (from, to) in changes {
            assert!(bindings.contains(from), "the bindings say `{from}`");
            bindings = bindings.replace(from, to);
        }
        write(&folder, "bindings.yaml", &bindings);
        let api = if api.is_empty() { "    identity: { forward_credential: true }" } else { api };
        let file = format!(
            "apis:\n  notes:\n    spec: notes.yaml\n    upstream: http://{}\n    authorization: {{ bindings: \
             bindings.yaml{authorization} }}\n{api}\nauth:\n  bearerAuth: {{ issuer: \"{}\", audience: notes }}\n",
            service.address, issuer.url
        );
        let gateway = Gateway::start_with(&folder, &file, &[("LEDGER_SECRET", SECRET)]);
        Self { gateway, service, issuer, folder }
    }

    pub(crate) fn with(story: &str, changes: &[(&str, &str)]) -> Self {
        Self::set(story, changes, "", "")
    }

    /// A client with a token of a person, with more claims.
    pub(crate) fn client(&self, person: &str, more: &Value) -> Client {
        let mut claims = self.issuer.claims(person, "notes", "notes");
        claims.extend(more.as_object().cloned().unwrap_or_default());
        self.gateway.client_with(&self.issuer.sign("at+jwt", &claims))
    }

    pub(crate) fn get(&self, person: &str, target: &str) -> Answer {
        self.client(person, &Value::Null).get(target)
    }

    /// How often the service was asked for what begins so.
    pub(crate) fn calls(&self, line: &str) -> usize {
        self.service.requests().iter().filter(|request| request.line.starts_with(line)).count()
    }

    /// The administration port, to the holder of its token.
    pub(crate) fn admin(&self) -> Client {
        let token = std::fs::read_to_string(self.folder.join("state/admin.token")).unwrap();
        Client::with_token(self.gateway.admin, token.trim())
    }
}

/// In the gateway's environment as `LEDGER_SECRET`.
pub(crate) const SECRET: &str = "a-secret-of-the-stories-that-is-long-enough";

pub(crate) fn write(folder: &std::path::Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

/// Claims of the token that a request carries in a header, unverified.
pub(crate) fn claims(request: &Request, header: &str) -> Value {
    let token = request.header(header).unwrap_or_default();
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    payload.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

/// Notes 1 to 5 are ann's, 6 to 9 bob's; a list has one's own, one on a page.
fn answer(request: &Request) -> Reply {
    let caller = claims(request, "authorization")["sub"].as_str().unwrap_or_default().to_owned();
    let note = |id: u64| json!({ "id": id, "owner": if id < 6 { "ann" } else { "bob" }, "text": "n" });
    let (path, query) = request.target().split_once('?').unwrap_or((request.target(), ""));
    let value = match path {
        "/me" => json!({ "id": caller, "editor": caller == "ann" }),
        "/vault" => json!({ "open": true }),
        "/notes" => {
            let skip = query.strip_prefix("skip=").and_then(|text| text.parse().ok()).unwrap_or(0);
            let own = (1..10).map(note).filter(|note| note["owner"] == caller.as_str());
            Value::Array(own.skip(skip).take(1).collect())
        }
        _ => match path
            .strip_prefix("/notes/")
            .and_then(|id| id.parse().ok())
            .filter(|id| (1..10).contains(id))
        {
            Some(id) => note(id),
            None => return Reply::json(404, "{}"),
        },
    };
    let mut reply = Reply::json(200, &value.to_string());
    reply.headers.push(("ETag".into(), "\"v1\"".into()));
    reply
}
