#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use model::Finding;
use openapi::Description;

use super::{Inferred, infer};
use crate::{bindings, cedar, compile, gaps};

struct OneFile(Bytes);

impl openapi::Files for OneFile {
    fn read(&self, _path: &str) -> Result<Bytes, String> {
        Ok(self.0.clone())
    }
}

fn described(text: Bytes) -> Description {
    let (description, findings) = openapi::load("api.yaml", &[], &OneFile(text));
    description.unwrap_or_else(|| panic!("{findings:#?}"))
}

/// The proposal is read, compiled and decided by the built-in policies without an error.
pub(super) fn proposed(text: &str) -> (Inferred, String, Vec<Finding>) {
    let description = described(Bytes::copy_from_slice(text.as_bytes()));
    accepted(&description)
}

fn accepted(description: &Description) -> (Inferred, String, Vec<Finding>) {
    let inferred = infer(description);
    let text = inferred.text();
    let (read, findings) = bindings::read("proposed.yaml", Bytes::from(text.clone()));
    assert!(!findings.iter().any(Finding::is_error), "{findings:#?}\n{text}");
    let read = read.unwrap();
    let open = gaps(&read, description);
    let (decider, findings) = cedar::build(&read, description, &[]);
    assert!(!findings.iter().any(Finding::is_error), "{findings:#?}\n{text}");
    let (authorization, findings) = compile(read, description, decider);
    let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
    assert_eq!(authorization.unwrap().plans().count(), description.operations.len());
    (inferred, text, open)
}

pub(super) const NOTES: &str = r##"openapi: 3.1.0
info: { title: Notes, version: "1" }
security: [{ bearer: [] }]
paths:
  /login: { post: { operationId: login, security: [], responses: { "200": { description: ok } } } }
  /me: { get: { operationId: me, responses: { "200": { description: ok, content: { application/json: { schema: { type: object, properties: { id: { type: integer }, tenant_id: { type: integer }, role: { type: string } } } } } } } } }
  /api/notes:
    get:
      operationId: listNotes
      parameters:
        - { name: skip, in: query, schema: { type: integer } }
        - { name: limit, in: query, schema: { type: integer, maximum: 50 } }
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object, properties: { items: { type: array, items: { $ref: "#/components/schemas/Note" } }, total: { type: integer } } } } } } }
    post: { operationId: createNote, requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/NewNote" } } } }, responses: { "201": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Note" } } } } } }
  /api/notes/{noteId}:
    parameters: [{ name: noteId, in: path, required: true, schema: { type: string, format: uuid } }]
    get: { operationId: getNote, responses: { "200": { description: ok, content: { application/json: { schema: { type: object, properties: { data: { $ref: "#/components/schemas/Note" } } } } } } } }
    patch: { operationId: patchNote, requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/NewNote" } } } }, responses: { "200": { description: ok } } }
    delete: { operationId: deleteNote, responses: { "204": { description: ok } } }
  /api/notes/{noteId}/share: { post: { operationId: shareNote, parameters: [{ name: noteId, in: path, required: true, schema: { type: string } }], requestBody: { content: { application/json: { schema: { type: object, properties: { card_id: { type: integer }, stranger_id: { type: integer } } } } } }, responses: { "200": { description: ok } } } }
  /api/cards: { get: { operationId: listCards, responses: { "200": { description: ok, content: { application/json: { schema: { type: array, items: { type: object, properties: { id: { type: integer }, label: { type: string } } } } } } } } } }
  /api/cards/{id}: { delete: { operationId: deleteCard, parameters: [{ name: id, in: path, required: true, schema: { type: integer } }], responses: { "204": { description: ok } } } }
  /admin/reset: { get: { operationId: reset, responses: { "200": { description: ok } } } }
  /_debug: { get: { operationId: debug, responses: { "200": { description: ok } } } }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
  schemas:
    NewNote: { type: object, properties: { title: { type: string }, is_admin: { type: boolean } } }
    Note: { type: object, properties: { note_id: { type: string }, user_id: { type: integer }, tenant_id: { type: integer }, title: { type: string }, api_token: { type: string }, created_at: { type: string } } }
"##;

#[test]
fn types_owners_tenants_lists_and_resolvers_are_found_by_names_and_shapes() {
    let (inferred, text, _) = proposed(NOTES);
    assert!(!inferred.single_tenant);
    let note = &inferred.types["Note"];
    assert_eq!(note.id.what, "$.note_id");
    assert_eq!(note.owner.what, "{ property: $.user_id }");
    assert_eq!(note.tenant.as_ref().unwrap().what, "{ property: $.tenant_id }");
    let resolver = &note.resolver.as_ref().unwrap().what;
    assert_eq!((resolver.id.as_str(), resolver.object.as_str()), ("noteId", "$.data"));
    // With an owner in each note, a list that may be everybody's is no evidence.
    assert!(note.producers.is_empty());
    let card = &inferred.types["Card"];
    assert_eq!(card.owner.what, "{ from: producer }");
    assert_eq!(card.producers[0].what.items, "$[*]");
    assert!(
        text.contains("whoami: { operation: me, subject: $.id, tenant: $.tenant_id, roles: $.role }"),
        "{text}"
    );
}

#[test]
fn each_operation_gets_a_line_that_says_why() {
    let (inferred, text, _) = proposed(NOTES);
    let line = |id: &str| inferred.line(id).unwrap();
    assert!(line("login").contains("class: public"));
    assert!(
        line("listNotes")
            .contains("list: { type: Note, items: \"$.items[*]\", filter: true, total: $.total }"),
        "{}",
        line("listNotes")
    );
    assert!(line("getNote").contains("object: { type: Note, id: path.noteId }"));
    assert!(line("getNote").contains("shows: { type: Note, at: $.data }"), "{}", line("getNote"));
    assert!(line("createNote").contains("takes: Note"));
    // A POST below an object does something to it, and names another object in its body.
    let share = line("shareNote");
    assert!(share.contains("action: act") && share.contains("{ type: Card, id: body.$.card_id }"), "{share}");
    assert!(text.contains("left to you: `body.$.stranger_id`"), "{text}");
    assert!(
        line("reset").contains("class: admin") && line("reset").contains("safe: false"),
        "{}",
        line("reset")
    );
    assert_eq!(line("debug"), "debug: { deny: true }");
    for operation in &inferred.operations {
        assert!(operation.binding.confidence > 0 && !operation.binding.why.is_empty());
    }
}

#[test]
fn privileges_are_not_written_and_secrets_are_not_shown() {
    let (inferred, ..) = proposed(NOTES);
    let note = &inferred.types["Note"];
    assert_eq!(note.write.as_ref().unwrap().what, ["title"]);
    let read = &note.read.as_ref().unwrap().what;
    assert!(read.contains(&"title".to_owned()) && !read.contains(&"api_token".to_owned()), "{read:?}");
    let fixed = &note.immutable.as_ref().unwrap().what;
    assert!(fixed.contains(&"user_id".to_owned()) && fixed.contains(&"created_at".to_owned()), "{fixed:?}");
}

#[test]
fn the_id_by_which_a_path_names_an_object_is_not_writable() {
    let described = |put: &str| {
        format!(
            r##"openapi: 3.1.0
info: {{ title: Pets, version: "1" }}
security: [{{ bearer: [] }}]
paths:
  /pets: {{ post: {{ operationId: addPet, requestBody: {{ content: {{ application/json: {{ schema: {{ $ref: "#/components/schemas/Pet" }} }} }} }}, responses: {{ "201": {{ description: ok }} }} }} }}
  /pets/{{petId}}:
    parameters: [{{ name: petId, in: path, required: true, schema: {{ type: integer }} }}]
    get: {{ operationId: getPet, responses: {{ "200": {{ description: ok, content: {{ application/json: {{ schema: {{ $ref: "#/components/schemas/Pet" }} }} }} }} }} }}
{put}
components:
  securitySchemes: {{ bearer: {{ type: http, scheme: bearer }} }}
  schemas: {{ Pet: {{ type: object, properties: {{ id: {{ type: integer }}, name: {{ type: string }} }} }} }}
"##
        )
    };
    let put = r##"    put: { operationId: putPet, requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }, responses: { "200": { description: ok } } }"##;
    let written = |text: &str| proposed(text).0.types["Pet"].write.as_ref().unwrap().what.clone();
    assert_eq!(written(&described(put)), ["name"]);
    assert_eq!(written(&described("")), ["id", "name"], "what is only made is not named");
}

#[test]
fn what_nobody_can_say_stays_a_gap_that_check_shows() {
    let (_, _, open) = proposed(NOTES);
    assert!(
        open.iter().any(|finding| finding.code == "B4201" && finding.sentence.contains("stranger_id")),
        "{open:#?}"
    );
    assert!(!open.iter().any(|finding| finding.code == "B4203"), "{open:#?}");
}

#[test]
fn names_of_the_description_cannot_break_out_of_their_line() {
    let text = NOTES
        .replace("operationId: debug", "operationId: \"a: b # c\\n  evil: { class: public }\"")
        .replace("operationId: reset", "operationId: \"true\"");
    let (inferred, ..) = proposed(&text);
    assert!(inferred.line("true").unwrap().starts_with("\"true\":"));
}

fn descriptions() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![root.join("../../examples/orders/orders.openapi.yaml")];
    for name in ["shop", "blog", "helpdesk"] {
        found.push(root.join(format!("fixtures/{name}.openapi.yaml")));
    }
    let data = std::env::var_os("BARTIZAN_SPECS").map(PathBuf::from);
    let data = data.unwrap_or_else(|| root.join("../../../shared/data/specs"));
    match std::fs::read_dir(&data) {
        Ok(entries) => {
            found.extend(entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| {
                path.extension().is_some_and(|end| ["json", "yml", "yaml"].iter().any(|known| end == *known))
            }))
        }
        Err(_) => eprintln!("skipped: no descriptions of others at {}", data.display()),
    }
    found
}

#[test]
fn a_proposal_for_any_description_is_without_errors() {
    for path in descriptions() {
        let text = std::fs::read(&path).unwrap();
        let (description, findings) = openapi::load("api", &[], &OneFile(text.into()));
        let Some(description) = description else { panic!("{}: {findings:#?}", path.display()) };
        let started = description.operations.len();
        let (inferred, text, _) = accepted(&description);
        assert_eq!(inferred.operations.len(), started, "{}", path.display());
        assert!(text.lines().count() > started, "{}", path.display());
    }
}

#[test]
fn the_same_description_gives_the_same_proposal() {
    let description = Arc::new(described(Bytes::from_static(NOTES.as_bytes())));
    assert_eq!(infer(&description).text(), infer(&description).text());
}

#[test]
fn versions_are_no_types_and_owners_are_found_by_a_related_object() {
    let text = NOTES.replace("/api/notes", "/notes/v1").replace(
        "/api/cards/{id}: {",
        "/api/cards/{id}: { get: { operationId: getCard, parameters: [{ name: id, in: path, required: true, schema: { type: integer } }], responses: { \"200\": { description: ok, content: { application/json: { schema: { type: object, properties: { id: { type: integer }, note_id: { type: string } } } } } } } },",
    );
    let text = text.replace("/api/cards: {", "/api/other: {");
    let (inferred, ..) = proposed(&text);
    assert!(inferred.types.contains_key("Note") && !inferred.types.contains_key("V1"));
    assert_eq!(inferred.types["Card"].owner.what, "{ related: { type: Note, id: $.note_id } }");
    assert_eq!(inferred.types["Card"].tenant.as_ref().unwrap().what, inferred.types["Card"].owner.what);
}

#[test]
fn bodies_that_hold_the_object_and_children_of_a_list_below_their_parent_are_found() {
    let blog = described(Bytes::from_static(include_bytes!("../../fixtures/blog.openapi.yaml")));
    let (inferred, ..) = accepted(&blog);
    let update = inferred.line("UpdateArticle").unwrap();
    assert!(update.contains("takes: { type: Article, at: $.article }, renames: true"), "{update}");
    let write = inferred.types["Article"].write.as_ref().unwrap();
    assert!(
        write.what.iter().any(|name| name == "title") && !write.what.iter().any(|name| name == "article")
    );
    let delete = inferred.line("DeleteArticleComment").unwrap();
    assert!(
        delete.contains(
            "{ type: Comment, id: path.id, parent: { type: Article, id: path.slug }, evidence: [{ list: { operation: \
             GetArticleComments, items: \"$.comments[*]\", owner: $.author.username } }] }"
        ),
        "{delete}"
    );
}
