use std::sync::Arc;

use bytes::Bytes;

use super::*;

const API: &str = r##"
openapi: 3.1.0
info: { title: t, version: "1" }
components:
  schemas:
    Base: { type: object, properties: { id: { type: string, format: uuid } } }
paths:
  /orders:
    post:
      operationId: order
      security: []
      parameters:
        - { name: limit, in: query, schema: { type: integer } }
        - { name: sort, in: query, schema: { type: string, enum: [asc, desc] } }
        - { name: text, in: query, schema: { type: string } }
        - { name: limit2, in: header, schema: { type: integer } }
      requestBody:
        content:
          application/json:
            schema:
              allOf:
                - { $ref: "#/components/schemas/Base" }
                - type: object
                  properties:
                    note: { type: string }
                    either: { oneOf: [ { type: integer }, { type: string } ] }
                    lines:
                      type: array
                      items: { type: object, properties: { count: { type: [integer, "null"] }, name: { type: string } } }
      responses: { "200": { description: ok } }
"##;

struct One;

impl openapi::Files for One {
    fn read(&self, _path: &str) -> Result<Bytes, String> {
        Ok(Bytes::from_static(API.as_bytes()))
    }
}

fn operation() -> Arc<Operation> {
    let (description, findings) = openapi::load("api.yaml", &[], &One);
    Arc::clone(&description.unwrap_or_else(|| panic!("{findings:?}")).operations[0])
}

fn names(set: &BTreeSet<String>) -> Vec<&str> {
    set.iter().map(String::as_str).collect()
}

#[test]
fn numbers_dates_ids_and_words_of_a_list_are_proven_and_texts_are_not() {
    let proven = Proven::of(&operation(), true, true);
    assert_eq!(names(&proven.query), ["limit", "sort"]);
    assert_eq!(names(&proven.body), ["json.id", "json.lines.*.count"]);
}

#[test]
fn what_is_only_watched_proves_nothing() {
    assert_eq!(Proven::of(&operation(), false, false), Proven::default());
    assert!(Proven::of(&operation(), true, false).body.is_empty());
    assert!(Proven::of(&operation(), false, true).query.is_empty());
}

#[test]
fn items_are_known_by_either_way_of_calling_them() {
    for name in ["json.lines.array_12.count", "json.lines.12.count"] {
        assert_eq!(starred(name), "json.lines.*.count");
    }
    assert_eq!(starred("json.array_x.count"), "json.array_x.count");
}

#[test]
fn a_value_with_marks_is_looked_at_whatever_its_name_proves() {
    for plain in ["", "12", "-1.5e+9", "true", "2026-11-22T07:00:00Z", "123e4567-e89b-12d3-a456-426614174000"]
    {
        assert!(is_plain(plain.as_bytes()), "{plain}");
    }
    let long = "1".repeat(65);
    for other in ["1 or 1", "1'", "../1", "${1}", "1;", "é", &long] {
        assert!(!is_plain(other.as_bytes()), "{other}");
    }
}
