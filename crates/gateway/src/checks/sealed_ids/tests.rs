#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use model::Secret;
use policy::decide::Subject;
use policy::sealing::{Key, Keys};

use super::SealedIds;
use super::rest::without;
use crate::check::{Build, Check, Edit, Step};
use crate::checks::protected::{JSON, answered, left, subject};
use crate::checks::table::Table;
use crate::exchange::{Exchange, OpenedId};
use crate::question::Answers;

const DESCRIPTION: &str = r##"
openapi: 3.1.0
info: { title: Notes, version: "1" }
security: []
paths:
  /books/{book_id}/notes:
    get:
      operationId: listNotes
      parameters:
        - { name: book_id, in: path, required: true, schema: { type: integer } }
        - { name: after, in: query, schema: { type: integer } }
      responses: { "200": { description: ok, headers: { X-Last: { schema: { type: integer } } }, content: { application/json: { schema: { type: object } } } } }
  /notes/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    get: { operationId: getNote, responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } } }
    delete: { operationId: deleteNote, responses: { "204": { description: ok } } }
  /notes/all:
    get: { operationId: allNotes, responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } } }
  /notes/some:
    get:
      operationId: someNotes
      parameters: [{ name: ids, in: query, schema: { type: array, items: { type: integer } } }]
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } }
  /notes/many:
    get:
      operationId: manyNotes
      parameters: [{ name: ids, in: query, explode: false, schema: { type: array, items: { type: integer } } }]
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } }
  /notes/piped:
    get:
      operationId: pipedNotes
      parameters: [{ name: ids, in: query, style: pipeDelimited, explode: false, schema: { type: array, items: { type: integer } } }]
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } }
  /notes/archive:
    post:
      operationId: archiveNotes
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { "204": { description: ok } }
  /papers/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: getPaper, responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } } }
  /files/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string, format: uuid } }]
    get: { operationId: getFile, responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } } }
  /about/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: integer } }
      - { name: after, in: query, schema: { type: integer } }
    get: { operationId: aboutNotes, responses: { "200": { description: ok, content: { application/json: { schema: { type: object, properties: { note_id: { type: integer } } } } } } } }
  /about:
    get: { operationId: about, responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } } }
"##;

const BINDINGS: &str = r##"
version: 1
tenants: claim
resources:
  Note: { id: id, tenant: { property: $.org }, owner: { property: $.by }, seal: note }
  Book: { id: id, tenant: { property: $.org }, owner: { property: $.by }, seal: { prefix: book, shared: true } }
operations:
  listNotes:
    action: list
    list: { type: Note, items: "$.notes[*]" }
    ids: [{ at: path.book_id, type: Book }, { at: query.after, type: Note }]
    shows_ids: [{ at: $.next, type: Note }, { header: X-Last, type: Note }]
  getNote: { action: read, object: { type: Note, id: path.id }, shows: Note }
  getPaper: { action: read, object: { type: Note, id: path.id } }
  getFile: { action: read, object: { type: Note, id: path.id } }
  aboutNotes: { action: read, object: { type: Note, id: path.id }, ids: [{ at: query.after, type: Note }] }
  deleteNote: { action: delete, object: { type: Note, id: path.id } }
  allNotes: { action: list, list: { type: Note, items: "$.notes[*]" } }
  someNotes: { action: list, list: { type: Note, items: "$.notes[*]" }, ids: [{ at: query.ids, type: Note }] }
  manyNotes: { action: list, list: { type: Note, items: "$.notes[*]" }, ids: [{ at: query.ids, type: Note }] }
  pipedNotes: { action: list, list: { type: Note, items: "$.notes[*]" }, ids: [{ at: query.ids, type: Note }] }
  archiveNotes: { action: write, objects: [{ type: Note, id: "body.$.ids[*]" }] }
  about: { action: read, class: public }
"##;

fn check(operation: &str) -> SealedIds {
    prepared(operation)
}

/// A check of the API whose notes and books are sealed.
pub(in crate::checks) fn prepared<T: Build>(operation: &str) -> T {
    let mut table = Table::new();
    let description = crate::pipeline::testing::description(DESCRIPTION);
    let authorization = crate::fixtures::stage::authorize(BINDINGS, &description).unwrap();
    let api = table.api();
    api.description = description;
    api.authorization = Some(authorization);
    api.base_path = "/v1".to_owned();
    api.upstream.base_path = Some("/internal/api".to_owned());
    let key = Key { number: 1, secret: Secret::new(vec![7; 32]) };
    api.sealing = Keys::new(vec![key]).map(Arc::new);
    table.prepare(operation)
}

fn ada() -> Arc<Subject> {
    subject("ada", &[], &[])
}

/// As it is sealed for a member of `acme`.
pub(in crate::checks) fn sealed(check: &SealedIds, kind: &str, id: &str) -> String {
    check.seals.seal(kind, id, &ada()).unwrap()
}

fn opened(kind: &str, id: &str, sealed: &str) -> OpenedId {
    OpenedId { kind: kind.into(), id: id.into(), sealed: sealed.into() }
}

/// What becomes of header fields where the request named the note 17 and the book 4.
fn header(check: &SealedIds, headers: &[(&'static str, &str)]) -> Vec<(String, Option<String>)> {
    let mut exchange = answered(ada(), 200, headers, "");
    exchange.opened.push(opened("Note", "17", "note_x"));
    exchange.opened.push(opened("Book", "4", "book_x"));
    edited(check, &exchange)
}

fn edited(check: &SealedIds, exchange: &Exchange) -> Vec<(String, Option<String>)> {
    let Step::Continue(edits) = check.on_response_head(exchange, &Answers::default()) else {
        panic!("refused")
    };
    let told = edits.into_iter().filter_map(|edit| match edit {
        Edit::SetResponseHeader(name, value) => {
            Some((name.to_string(), Some(value.to_str().unwrap().to_owned())))
        }
        Edit::RemoveResponseHeader(name) => Some((name.to_string(), None)),
        _ => None,
    });
    told.collect()
}

#[test]
fn urls_are_sealed_wherever_they_begin_and_those_of_others_stay() {
    let check = check("getNote");
    let (note, book) = (sealed(&check, "Note", "17"), sealed(&check, "Book", "4"));
    for (url, wanted) in [
        ("/v1/notes/17", format!("/v1/notes/{note}")),
        ("/notes/17", format!("/notes/{note}")),
        ("/internal/api/notes/17", format!("/internal/api/notes/{note}")),
        ("http://10.0.0.8:3000/notes/17?a=b#c", format!("http://10.0.0.8:3000/notes/{note}?a=b#c")),
        ("/books/4/notes?after=17&limit=2", format!("/books/{book}/notes?after={note}&limit=2")),
        ("//shop.example/v1/notes/17", format!("//shop.example/v1/notes/{note}")),
        ("HTTPS://shop.example/v1/notes/17", format!("HTTPS://shop.example/v1/notes/{note}")),
        ("/books/4/notes?limit=2;after=17", format!("/books/{book}/notes?limit=2;after={note}")),
    ] {
        assert_eq!(header(&check, &[("location", url)]), [("location".to_owned(), Some(wanted))], "{url}");
    }
    for url in ["/about", "https://other.example/help", "mailto:a@example.com", "#top", "/v1/notes"] {
        assert_eq!(header(&check, &[("location", url)]), [], "{url}");
    }
}

#[test]
fn an_id_that_a_caller_had_the_service_write_into_a_field_is_not_sealed_for_it() {
    let check = check("getNote");
    for (name, url) in [
        ("location", "/v1/notes/18"),
        ("content-location", "/notes/18"),
        ("location", "/books/17/notes"),
        ("link", "</books/5/notes>; rel=next"),
        ("link", "</about>; rel=next; anchor=\"/books/5/notes\""),
    ] {
        assert_eq!(header(&check, &[(name, url)]), [(name.to_owned(), None)], "{url}");
    }
    // What it was let to, and what it shows, are its own to see.
    let mut exchange = answered(ada(), 200, &[("location", "/notes/18")], "");
    let known = policy::Known { resource: "Note".into(), id: "18".into(), facts: policy::Facts::default() };
    exchange.objects.push(known);
    let note = sealed(&check, "Note", "18");
    assert_eq!(edited(&check, &exchange), [("location".to_owned(), Some(format!("/notes/{note}")))]);
    let link = header(&check, &[("link", "</notes/18>; rel=next")]);
    assert_eq!(link, [("link".to_owned(), Some(format!("</notes/{note}>; rel=next")))]);
    let told = self::check("allNotes");
    assert_eq!(header(&told, &[("location", "/notes/18")]), [("location".to_owned(), None)]);
}

#[test]
fn what_is_called_an_id_in_a_url_is_found_however_the_url_begins() {
    let check = check("deleteNote");
    let note = sealed(&check, "Note", "17");
    let text = r#"{"a":"HTTPS://x.example/v1/notes/17","b":"../notes/17","c":"//x.example/notes/17","d":"/x?y=17","e":"text/17","id":17.0,"status":17.0}"#;
    let mut exchange = answered(ada(), 409, JSON, text);
    exchange.opened.push(opened("Note", "17", &note));
    let left = body(&check, &exchange, text);
    let left: serde_json::Value = serde_json::from_str(&left).unwrap();
    assert_eq!(left["a"], format!("HTTPS://x.example/v1/notes/{note}"));
    assert_eq!((&left["d"], &left["id"]), (&serde_json::Value::Null, &note.into()));
    for name in ["b", "c"] {
        assert!(!left[name].to_string().contains("17\""), "{name}: {left}");
    }
    assert!(left["status"].is_number(), "{left}");
}

#[test]
fn an_answer_that_cannot_be_looked_through_shows_no_ids_of_the_request() {
    let check = check("deleteNote");
    let of = |status, headers: &[(&'static str, &str)]| {
        let mut exchange = answered(ada(), status, headers, "note 17 is locked");
        exchange.opened.push(opened("Note", "17", "note_x"));
        body(&check, &exchange, "note 17 is locked")
    };
    for headers in [&[("content-type", "text/plain")][..], &[("content-encoding", "gzip")], &[]] {
        assert_eq!(of(409, headers), r#"{"type":"about:blank","title":"Conflict","status":409}"#);
    }
    let encoded = &[("content-type", "application/json"), ("content-encoding", "gzip")][..];
    for headers in [encoded, &[("content-type", "application/json; charset=utf-16")], &[]] {
        assert!(of(200, headers).contains("response_unfilterable"), "{headers:?}");
    }
    assert_eq!(of(200, &[("content-type", "image/png")]), "note 17 is locked", "a file");
}

#[test]
fn a_url_that_leads_nowhere_and_shows_an_id_of_the_request_goes() {
    let check = check("getNote");
    let mut exchange = answered(ada(), 200, &[("location", "/elsewhere/17")], "");
    exchange.opened.push(opened("Note", "17", "note_x"));
    let step = check.on_response_head(&exchange, &Answers::default());
    assert!(
        matches!(step, Step::Continue(edits) if matches!(edits.first(), Some(Edit::RemoveResponseHeader(_))))
    );
}

#[test]
fn links_and_declared_fields_are_sealed() {
    let check = check("listNotes");
    let (note, book) = (sealed(&check, "Note", "17"), sealed(&check, "Book", "4"));
    // Of its own notes it lists any; the book is the request's.
    let link = "</books/4/notes?after=17>; rel=\"next\", <https://other.example/>; rel=help";
    let wanted =
        format!("</books/{book}/notes?after={note}>; rel=\"next\", <https://other.example/>; rel=help");
    assert_eq!(
        header(&check, &[("link", link), ("x-last", "17")]),
        [("link".to_owned(), Some(wanted)), ("x-last".to_owned(), Some(note.clone()))]
    );
    assert_eq!(header(&check, &[("link", "</books/4/notes; rel=next")]), [("link".to_owned(), None)]);
    for anchor in ["anchor=\"/notes/17\"", "Anchor = \"/notes/17\"; x=y", "anchor=/notes/17; x=y"] {
        let wanted = format!("</about>; rel=up; {}", anchor.replace("/17", &format!("/{note}")));
        let told = header(&check, &[("link", &format!("</about>; rel=up; {anchor}"))]);
        assert_eq!(told, [("link".to_owned(), Some(wanted))], "{anchor}");
    }
    assert_eq!(header(&check, &[("link", "</about>; title=\"anchor=/notes/17\"")]), []);
}

fn body(check: &SealedIds, exchange: &Exchange, text: &str) -> String {
    left(check.on_response_body(exchange, &Answers::default()), text)
}

#[test]
fn items_cursors_and_what_is_called_after_a_type_are_sealed() {
    let check = check("listNotes");
    let text = r#"{"notes":[{"id":17,"n":17},{"id":18,"self":"/notes/18"}],"next":18,"of":{"bookId":4,"book_ids":[4]},"x":"a/17"}"#;
    let (a, b, book) =
        (sealed(&check, "Note", "17"), sealed(&check, "Note", "18"), sealed(&check, "Book", "4"));
    let wanted = format!(
        r#"{{"notes":[{{"id":"{a}","n":17}},{{"id":"{b}","self":"/notes/{b}"}}],"next":"{b}","of":{{"bookId":"{book}","book_ids":["{book}"]}},"x":"a/17"}}"#
    );
    let mut exchange = answered(ada(), 200, JSON, text);
    exchange.opened.push(opened("Book", "4", &book));
    assert_eq!(body(&check, &exchange, text), wanted);
}

#[test]
fn what_a_caller_wrote_where_nobody_declared_an_id_is_not_sealed_for_it() {
    let check = check("getNote");
    let (note, book) = (sealed(&check, "Note", "17"), sealed(&check, "Book", "4"));
    let text = r#"{"id":17,"m":{"note_id":18,"noteIds":["17",18,1.8e1],"book_id":17,"u":"/v1/notes/18","v":"http://x.example/notes/18?a=b","w":"/books/4/notes?after=18","own":"/notes/17","help":"/about"}}"#;
    let wanted = format!(
        r#"{{"id":"{note}","m":{{"note_id":null,"noteIds":["{note}",null,null],"book_id":null,"u":null,"v":null,"w":null,"own":"/notes/{note}","help":"/about"}}}}"#
    );
    assert_eq!(body(&check, &answered(ada(), 200, JSON, text), text), wanted);
    // The request named the book, and no other.
    let text = r#"{"id":17,"book_id":4,"w":"/books/4/notes?after=17","x":"/books/5/notes"}"#;
    let mut exchange = answered(ada(), 200, JSON, text);
    exchange.opened.push(opened("Book", "4", &book));
    let wanted =
        format!(r#"{{"id":"{note}","book_id":"{book}","w":"/books/{book}/notes?after={note}","x":null}}"#);
    assert_eq!(body(&check, &exchange, text), wanted);
    // Nor in an error.
    let text = r#"{"note_id":18,"instance":"/notes/18"}"#;
    assert_eq!(body(&check, &answered(ada(), 409, JSON, text), text), r#"{"note_id":null,"instance":null}"#);
}

/// What is left of `{"x":VALUE}`, beside the declared id, where the request was for a path and named the note 17.
fn left_of(operation: &str, path: &str, value: &str) -> serde_json::Value {
    let check = check(operation);
    let mut text = serde_json::json!({ "x": value, "notes": [] });
    if operation == "getNote" {
        text["id"] = 17.into();
    }
    let text = text.to_string();
    let mut exchange = answered(ada(), 200, JSON, &text);
    exchange.route.path = openapi::NormalPath::new(path).unwrap();
    exchange.opened.push(opened("Note", "17", &sealed(&check, "Note", "17")));
    serde_json::from_str::<serde_json::Value>(&body(&check, &exchange, &text)).unwrap()["x"].take()
}

#[test]
fn a_text_that_begins_with_a_question_mark_is_a_question_unless_its_query_names_a_sealed_id() {
    for text in ["?", "? what", "?what", "?page=2", "?a=17", "/ what", "/notes/17\u{1}", "??", "?#x"] {
        assert_eq!(left_of("getNote", "/notes/17", text), text);
    }
    let check = check("getNote");
    let note = sealed(&check, "Note", "17");
    for (text, wanted) in [
        ("?after=17&limit=2", format!("?after={note}&limit=2").into()),
        ("?limit=2&after=17#end", format!("?limit=2&after={note}#end").into()),
        ("?limit=2", "?limit=2".into()),
        ("?after=what", "?after=what".into()),
        ("?after=18", serde_json::Value::Null),
    ] {
        let left = left_of("aboutNotes", "/about/17", text);
        assert_eq!(left, wanted, "{text}");
    }
}

#[test]
fn what_only_may_be_a_url_and_names_what_is_no_id_of_the_type_stays() {
    let note = sealed(&check("getNote"), "Note", "17");
    let null = serde_json::Value::Null;
    for (text, wanted) in [
        ("notes/draft", "notes/draft".into()),
        ("notes/dr%61ft", "notes/dr%61ft".into()),
        ("notes/draft-2?x=y", "notes/draft-2?x=y".into()),
        ("notes/17", format!("/notes/{note}").into()),
        ("notes/18", null.clone()),
        ("notes/018", null.clone()),
        ("notes/%318", null.clone()),
        // Any text may be an id there.
        ("papers/draft", null.clone()),
        ("files/18", "files/18".into()),
        ("files/0b9a1e1c58f04d5da0b46c1c8b1f2a77", null.clone()),
        // A URL for sure.
        ("/notes/draft", null),
    ] {
        assert_eq!(left_of("allNotes", "/notes", text), wanted, "{text}");
    }
}

#[test]
fn numbers_are_the_same_id_by_all_of_their_digits() {
    let check = check("deleteNote");
    let of = |id: &str, written: &str| {
        let text = format!(r#"{{"parent_id":{written}}}"#);
        let mut exchange = answered(ada(), 200, JSON, &text);
        exchange.opened.push(opened("Note", id, "note_x"));
        body(&check, &exchange, &text) == r#"{"parent_id":"note_x"}"#
    };
    let long = "123456789012345678901234567890123456789012";
    for (id, written) in [
        ("9007199254740993", "9007199254740993"),
        ("17", "17.0"),
        ("17", "1.7e1"),
        ("10", "1e1"),
        ("-17", "-170E-1"),
        (long, &format!("{long}.0")),
        (long, &format!("{long}0e-1")),
    ] {
        assert!(of(id, written), "{id} {written}");
    }
    for (id, written) in [
        ("9007199254740993", "9007199254740992"),
        ("9007199254740993", "9007199254740992.0"),
        (long, &format!("{}3.0", &long[..long.len() - 1])),
        ("017", "17"),
        ("1e1", "10"),
        ("17", "17.00000000000000000001"),
        ("inf", "1e999"),
    ] {
        assert!(!of(id, written), "{id} {written}");
    }
}

#[test]
fn what_stands_in_quotes_in_a_link_is_no_url() {
    let check = check("getNote");
    let note = sealed(&check, "Note", "17");
    for title in ["x<y", "a; anchor=/notes/18", "a \\\"<b", "<", ">"] {
        let link = |id: &str| format!("</notes/{id}>; title=\"{title}\", </about>; anchor=\"/notes/{id}\"");
        assert_eq!(
            header(&check, &[("link", &link("17"))]),
            [("link".to_owned(), Some(link(&note)))],
            "{title}"
        );
        assert_eq!(header(&check, &[("link", &format!("</about>; title=\"{title}\""))]), [], "{title}");
    }
    for link in ["</about>; title=\"x, </notes/17>; y=z", "</about>; title=\"x\\\""] {
        assert_eq!(header(&check, &[("link", link)]), [("link".to_owned(), None)], "{link}");
    }
}

#[test]
fn what_cannot_be_sealed_where_nobody_declared_it_does_not_take_the_answer_along() {
    let check = check("getNote");
    let note = sealed(&check, "Note", "17");
    let text = format!(r#"{{"id":17,"note_id":"","m":{{"book_id":"{}"}}}}"#, "7".repeat(5_000));
    let wanted = format!(r#"{{"id":"{note}","note_id":null,"m":{{"book_id":null}}}}"#);
    assert_eq!(body(&check, &answered(ada(), 200, JSON, &text), &text), wanted);
}

#[test]
fn an_answer_in_which_ids_cannot_be_found_does_not_pass() {
    let check = check("listNotes");
    for (text, headers) in [
        (r#"{"notes":[{"id":{"n":17}}]}"#, JSON),
        (r#"{"notes":[{"id":17,"ID":17}]}"#, JSON),
        (r#"{"notes":["17"]}"#, JSON),
        ("17\n18", &[("content-type", "text/csv")][..]),
        (r#"{"notes":[{"id":17}]"#, JSON),
    ] {
        let said = body(&check, &answered(ada(), 200, headers, text), text);
        assert!(said.contains("response_unfilterable"), "{text}: {said}");
    }
}

#[test]
fn errors_speak_of_what_the_caller_named() {
    let check = check("deleteNote");
    let text =
        r#"{"detail":"note 17 of 170 is locked (17)","status":17,"note":{"id":17},"instance":"/notes/17"}"#;
    let mut exchange = answered(ada(), 409, JSON, text);
    let note = sealed(&check, "Note", "17");
    exchange.opened.push(opened("Note", "17", &note));
    let wanted = format!(
        r#"{{"detail":"note {note} of 170 is locked ({note})","status":17,"note":{{"id":"{note}"}},"instance":"/notes/{note}"}}"#
    );
    assert_eq!(body(&check, &exchange, text), wanted);
    assert_eq!(without("17 1717 x17 17x 17", &exchange.opened), Some(format!("{note} 1717 x17 17x {note}")));
    assert_eq!(without("nothing", &exchange.opened), None);
}

#[test]
fn what_shows_no_ids_is_not_held() {
    let check = check("about");
    assert_eq!(check.response_body(), crate::check::BodyNeed::None);
}

#[test]
fn what_is_shared_opens_in_every_tenant_and_nothing_else_does() {
    let check = check("listNotes");
    let other = Subject::new(policy::decide::SubjectKind::User, "bo", "other");
    let opens = |kind: &str, id: &str| check.seals.open(kind, &sealed(&check, kind, id), &other);
    assert_eq!(opens("Book", "4").as_deref(), Some("4"));
    assert_eq!(opens("Note", "17").as_deref(), None);
}
