#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;

use super::Declared;
use crate::path::Path;

const DESCRIPTION: &str = r##"
openapi: 3.1.0
info: { title: Orders, version: "1" }
paths:
  /orders:
    put:
      operationId: put
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                "@id": { type: string }
                orders: { type: array, items: { type: object, properties: { userId: { type: string }, $id: { type: string } } } }
      responses: { "200": { description: ok } }
"##;

struct OneFile;

impl openapi::Files for OneFile {
    fn read(&self, _path: &str) -> Result<Bytes, String> {
        Ok(Bytes::from_static(DESCRIPTION.as_bytes()))
    }
}

#[test]
fn a_declared_name_is_its_own_property_where_it_is_declared_alone() {
    let (description, findings) = openapi::load("api.yaml", &[], &OneFile);
    let description = description.unwrap_or_else(|| panic!("{findings:?}"));
    let operation = &description.operations[0];
    let orders = Path::parse("$.orders").unwrap();
    let whole = Declared::new(Some(operation), &[]);
    let below = Declared::new(Some(operation), orders.steps());
    for (declared, place, name, other, disguises) in [
        (&whole, &[][..], "@id", "id", false),
        (&whole, &[], "$id", "id", true),
        (&whole, &[], "id", "id", false),
        (&whole, orders.steps(), "$id", "id", false),
        (&whole, orders.steps(), "@id", "id", true),
        (&below, &[], "userId", "user_id", false),
        (&below, &[], "USER_ID", "user_id", true),
        (&below, &[], "user", "user_id", false),
    ] {
        assert_eq!(declared.disguises(place, name, other), disguises, "{name} {other}");
        // What was looked up stays.
        assert_eq!(declared.disguises(place, name, other), disguises, "{name} {other}");
    }
    assert!(Declared::new(None, &[]).disguises(&[], "@id", "id"));
}
