#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::super::tests::{checked, operation};

fn form(schema: &Value, encoding: &Value, text: &str) -> String {
    let content = json!({ "application/x-www-form-urlencoded": { "schema": schema, "encoding": encoding } });
    checked(&operation("3.1.0", &content), "application/x-www-form-urlencoded", text.as_bytes())
}

fn order() -> Value {
    json!({ "type": "object", "required": ["id"], "additionalProperties": false, "properties": {
        "id": { "type": "integer" }, "name": { "type": "string", "maxLength": 10 }, "gift": { "type": "boolean" },
        "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 2 },
        "sizes": { "type": "array", "items": { "type": "integer" } },
        "address": { "type": "object", "required": ["city"], "properties": { "city": { "type": "string" }, "zip": { "type": "integer" } } },
        "note": { "type": ["string", "null"] }
    } })
}

#[test]
fn fields_are_read_as_their_schema_says() {
    for (text, told) in [
        ("id=1", ""),
        ("id=1&name=a+b%20c&gift=true", ""),
        ("id=one", "/id type"),
        ("id=01", "/id type"),
        ("id=%31", ""),
        ("name=x", " required"),
        ("id=1&gift=yes", "/gift type"),
        ("id=1&tags=a&tags=b", ""),
        ("id=1&tags=a", ""),
        ("id=1&tags=a&tags=b&tags=c", "/tags maxItems"),
        ("id=1&sizes=1&sizes=x", "/sizes/1 type"),
        ("id=1&id=2", "/id type"),
        ("id=1&admin=1", "/admin additionalProperties"),
        ("id=1&name=%E2%82%AC", ""),
        ("id=1&address=%7B%22city%22%3A%22a%22%7D", ""),
        ("id=1&address=%7B%7D", "/address required"),
        ("id=1&address=city", "/address contentType"),
        ("id=1&note=", ""),
        ("id=1&&name=a&", ""),
        ("id=1&name=a=b", ""),
        ("", " required"),
        ("id=1&name=%zz", "malformed: it has an escape that is not well-formed"),
        ("id=1&name=%4", "malformed: it has an escape that is not well-formed"),
        ("id=1&name=%ff", "malformed: it is not UTF-8"),
        ("id=1&name=a%00", "malformed: it has a NUL character"),
        ("id=1&name=a\0", "malformed: it has a NUL character"),
        ("id=1&na%00me=a", "malformed: it has a NUL character"),
        ("id=1;name=a", "malformed: it has a semicolon that is not escaped"),
        ("id=1&name=a;id=2", "malformed: it has a semicolon that is not escaped"),
        ("id=1&name=a%3Bb", ""),
        ("id=1&_charset_=utf-7", "malformed: it asks for another character encoding than UTF-8"),
        ("id=1&_charset_=UTF-8", "/********* additionalProperties"),
    ] {
        assert_eq!(form(&order(), &json!({}), text), told, "{text}");
    }
}

#[test]
fn encoding_styles_are_followed() {
    let deep = json!({ "address": { "style": "deepObject", "explode": true } });
    let comma = json!({ "tags": { "style": "form", "explode": false }, "sizes": { "style": "pipeDelimited", "explode": false },
        "address": { "style": "form", "explode": false } });
    let space = json!({ "tags": { "style": "spaceDelimited", "explode": false } });
    for (encoding, text, told) in [
        (&deep, "id=1&address[city]=a&address[zip]=1", ""),
        (&deep, "id=1&address%5Bcity%5D=a", ""),
        (&deep, "id=1&address[zip]=x&address[city]=a", "/address/zip type"),
        (&deep, "id=1&address[zip]=1", "/address required"),
        (&deep, "id=1&address[city]=a&address[city]=b", "/address style"),
        (&deep, "id=1&other[city]=a", "/*********** additionalProperties"),
        (&comma, "id=1&tags=a,b", ""),
        (&comma, "id=1&tags=a,b,c", "/tags maxItems"),
        // Many servers decode first and split then.
        (&comma, "id=1&tags=a%2Cb,c", "/tags style"),
        (&comma, "id=1&tags=a%2Cb", "/tags style"),
        (&comma, "id=1&address=city,a,city,b", "/address style"),
        (&comma, "id=1&address=city,a,zip,1,city,b", "/address style"),
        (&comma, "id=1&address=city,a%2Czip", "/address style"),
        (&comma, "id=1&address=city%2Ca", "/address style"),
        (&comma, "id=1&sizes=1|2%7C3", ""),
        (&comma, "id=1&sizes=1|x", "/sizes/1 type"),
        (&comma, "id=1&address=city,a,zip,1", ""),
        (&comma, "id=1&address=city,a,zip", "/address style"),
        (&space, "id=1&tags=a+b", ""),
        (&space, "id=1&tags=a%20b+c", "/tags maxItems"),
    ] {
        assert_eq!(form(&order(), encoding, text), told, "{encoding} {text}");
    }
}

#[test]
fn a_form_is_utf_8_before_it_is_decoded_too() {
    let content = json!({ "application/x-www-form-urlencoded": { "schema": order() } });
    let operation = operation("3.1.0", &content);
    let told = checked(&operation, "application/x-www-form-urlencoded", b"id=1&name=%C3\xa9");
    assert_eq!(told, "malformed: it is not UTF-8");
}

/// Every mutation of a good form is read or refused; none panics, and none is taken for what it was not.
#[test]
fn mutated_forms_are_read_or_refused() {
    let good = b"id=1&name=a+b%20c&tags=a&tags=b&address=%7B%22city%22%3A%22a%22%7D";
    let content = json!({ "application/x-www-form-urlencoded": { "schema": order() } });
    let operation = operation("3.1.0", &content);
    let mut told = std::collections::BTreeSet::new();
    for at in 0..good.len() {
        for byte in [b'%', b'&', b'=', b'+', 0, 0xff, b'['] {
            let mut bytes = good.to_vec();
            bytes[at] = byte;
            told.insert(checked(&operation, "application/x-www-form-urlencoded", &bytes));
        }
        told.insert(checked(&operation, "application/x-www-form-urlencoded", &good[..at]));
    }
    assert!(told.len() > 10, "{told:?}");
    assert!(told.iter().all(|told| told.lines().count() <= 20));
}
