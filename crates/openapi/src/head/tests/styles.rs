//! Every style, exploded and not, in every place it may stand (OpenAPI 3.1 section 4.8.12.4).

use serde_json::{Value, json};

use super::{Subject, check};

/// A query parameter `p` of a style.
fn query(style: &str, explode: bool, schema: Value) -> Subject {
    Subject::new(json!([{"name": "p", "in": "query", "style": style, "explode": explode, "schema": schema}]))
}

fn path(style: &str, explode: bool, schema: Value) -> Subject {
    let parameter = json!([{"name": "p", "in": "path", "required": true, "style": style, "explode": explode, "schema": schema}]);
    Subject::at("/x/{p}", "3.1.0", parameter)
}

fn numbers() -> Value {
    json!({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3})
}

fn words() -> Value {
    json!({"type": "array", "items": {"type": "string", "enum": ["a", "b c", "d"]}, "uniqueItems": true})
}

fn colour() -> Value {
    json!({"type": "object", "required": ["R"], "additionalProperties": false,
           "properties": {"R": {"type": "integer"}, "G": {"type": "integer"}, "name": {"type": "string"}}})
}

#[test]
fn form_lists_repeat_the_name_or_have_commas() {
    check(
        &query("form", true, numbers()),
        &[
            ("/x?p=1&p=2", "ok"),
            ("/x?p=1&%70=2&p=3", "ok"),
            ("/x?p=1", "Invalid query p minItems"),
            ("/x?p=1&p=2&p=3&p=4", "Invalid query p maxItems"),
            ("/x?p=1&p=x", "Invalid query p/1 type"),
            ("/x?p=1,2", "Invalid query p minItems; Invalid query p/0 type"),
        ],
    );
    check(
        &query("form", false, numbers()),
        &[
            ("/x?p=1,2,3", "ok"),
            ("/x?p=1,2&p=3", "Repeated query p style"),
            ("/x?p=1,%202", "Invalid query p/1 type"),
            ("/x?p=1,,2", "Invalid query p/1 type"),
            ("/x?p=1%2C2", "Invalid query p style"),
        ],
    );
    check(
        &query("form", false, words()),
        &[("/x?p=a,b+c,d", "ok"), ("/x?p=a,a", "Invalid query p uniqueItems")],
    );
}

#[test]
fn form_objects_have_their_properties_in_the_query_or_in_pairs() {
    check(
        &query("form", true, colour()),
        &[
            ("/x?R=1&G=2", "ok"),
            ("/x?R=1&name=1", "ok"),
            ("/x?R=x", "Invalid query p/R type"),
            ("/x?G=2", "Invalid query p required"),
            ("/x?R=1&R=2", "Invalid query p style"),
            ("/x?R=1&B=2", "Undeclared query B undeclared"),
            ("/x", "ok"),
        ],
    );
    check(
        &query("form", false, colour()),
        &[
            ("/x?p=R,1,G,2", "ok"),
            ("/x?p=R,1,G", "Invalid query p style"),
            ("/x?p=R,1,R,2", "Invalid query p style"),
            ("/x?p=R,1,B,2", "Invalid query p/B additionalProperties"),
            ("/x?R=1", "Undeclared query R undeclared"),
        ],
    );
    let free = json!({"type": "object", "additionalProperties": {"type": "integer"}});
    let free = Subject::new(json!([
        {"name": "p", "in": "query", "schema": free},
        {"name": "q", "in": "query", "schema": {"type": "string"}},
    ]));
    check(&free, &[("/x?a=1&b=2&q=x", "ok"), ("/x?a=x", "Invalid query p/a type")]);
}

#[test]
fn spaces_and_pipes_delimit() {
    check(
        &query("spaceDelimited", false, numbers()),
        &[
            ("/x?p=1%202", "ok"),
            ("/x?p=1+2", "ok"),
            ("/x?p=1,2", "Invalid query p minItems; Invalid query p/0 type"),
        ],
    );
    check(
        &query("pipeDelimited", false, numbers()),
        &[("/x?p=1|2", "ok"), ("/x?p=1%7C2%7c3", "ok"), ("/x?p=1|2|x", "Invalid query p/2 type")],
    );
    check(
        &query("pipeDelimited", false, colour()),
        &[("/x?p=R|1|G|2", "ok"), ("/x?p=R|1|G", "Invalid query p style")],
    );
}

#[test]
fn deep_objects_have_brackets() {
    check(
        &query("deepObject", true, colour()),
        &[
            ("/x?p[R]=1&p[G]=2", "ok"),
            ("/x?p%5BR%5D=1&p%5bname%5d=x", "ok"),
            ("/x?p[R]=x", "Invalid query p/R type"),
            ("/x?p[R]=1&p[R]=2", "Invalid query p style"),
            ("/x?p[R]=1&p[B]=2", "Invalid query p/B additionalProperties"),
            ("/x?p[R][x]=1", "Undeclared query ******* undeclared"),
            ("/x?p[]=1", "Undeclared query *** undeclared"),
            ("/x?p=1", "Undeclared query p undeclared"),
            ("/x?p[R=1", "Undeclared query *** undeclared"),
        ],
    );
    let lists =
        json!({"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "integer"}}}});
    check(
        &query("deepObject", true, lists),
        &[("/x?p[tags]=1&p[tags]=2", "ok"), ("/x?p[tags]=x", "Invalid query p/tags/0 type")],
    );
}

#[test]
fn simple_paths() {
    check(
        &path("simple", false, json!({"type": "integer"})),
        &[("/x/5", "ok"), ("/x/a", "Invalid path p type"), ("/x/5,6", "Invalid path p type")],
    );
    check(
        &path("simple", false, numbers()),
        &[("/x/1,2", "ok"), ("/x/1%2C2", "Invalid path p style"), ("/x/1,a", "Invalid path p/1 type")],
    );
    check(&path("simple", false, colour()), &[("/x/R,1,G,2", "ok"), ("/x/R,1,G", "Invalid path p style")]);
    check(
        &path("simple", true, colour()),
        &[("/x/R=1,G=2", "ok"), ("/x/R,1", "Invalid path p style"), ("/x/R=a", "Invalid path p/R type")],
    );
}

#[test]
fn label_paths() {
    check(
        &path("label", false, json!({"type": "integer"})),
        &[("/x/.5", "ok"), ("/x/5", "Invalid path p style")],
    );
    check(&path("label", false, numbers()), &[("/x/.1,2", "ok"), ("/x/1,2", "Invalid path p style")]);
    check(
        &path("label", true, numbers()),
        &[("/x/.1.2", "ok"), ("/x/.1,2", "Invalid path p minItems; Invalid path p/0 type")],
    );
    check(&path("label", true, colour()), &[("/x/.R=1.G=2", "ok")]);
    check(&path("label", false, colour()), &[("/x/.R,1,G,2", "ok")]);
}

#[test]
fn matrix_paths() {
    check(
        &path("matrix", false, json!({"type": "string", "minLength": 1})),
        &[
            ("/x/;p=a", "ok"),
            ("/x/;p=a%3Bb", "ok"),
            ("/x/;p", "Invalid path p minLength"),
            ("/x/;q=a", "Invalid path p style"),
            ("/x/a", "Invalid path p style"),
            ("/x/;p=a;q=b", "Invalid path p style"),
        ],
    );
    check(
        &path("matrix", false, numbers()),
        &[("/x/;p=1,2", "ok"), ("/x/;p=1;p=2", "Invalid path p minItems; Invalid path p/0 type")],
    );
    check(
        &path("matrix", true, numbers()),
        &[("/x/;p=1;p=2", "ok"), ("/x/;p=1;q=2", "Invalid path p style")],
    );
    check(&path("matrix", false, colour()), &[("/x/;p=R,1,G,2", "ok")]);
    check(&path("matrix", true, colour()), &[("/x/;R=1;G=2", "ok"), ("/x/;R=1;R=2", "Invalid path p style")]);
}

#[test]
fn header_lists_may_have_several_lines() {
    let header = |explode: bool, schema: Value| {
        Subject::new(json!([{"name": "X-P", "in": "header", "explode": explode, "schema": schema}]))
    };
    let list = header(false, numbers());
    assert_eq!(list.verdict("/x", &["X-P: 1, 2"]), "ok");
    assert_eq!(list.verdict("/x", &["X-P: 1", "x-p: 2,3"]), "ok");
    assert_eq!(list.verdict("/x", &["X-P: 1 2"]), "Invalid header X-P minItems; Invalid header X-P/0 type");
    assert_eq!(header(true, colour()).verdict("/x", &["X-P: R=1, G=2"]), "ok");
    assert_eq!(header(false, colour()).verdict("/x", &["X-P: R, 1, G, 2"]), "ok");
    // Headers are not escaped: a percent sign is one.
    let text = header(false, json!({"type": "string", "const": "50%"}));
    assert_eq!(text.verdict("/x", &["X-P:  50% "]), "ok");
}

#[test]
fn cookies() {
    let cookie = |explode: bool, schema: Value| {
        Subject::new(json!([{"name": "p", "in": "cookie", "explode": explode, "schema": schema}]))
    };
    let number = cookie(true, json!({"type": "integer"}));
    assert_eq!(number.verdict("/x", &["Cookie: a=b; p=5;c=d"]), "ok");
    assert_eq!(number.verdict("/x", &["Cookie: p=x"]), "Invalid cookie p type");
    assert_eq!(number.verdict("/x", &["Cookie: p=%zz"]), "Invalid cookie p encoding");
    assert_eq!(cookie(false, numbers()).verdict("/x", &["Cookie: p=1,2"]), "ok");
    assert_eq!(cookie(true, numbers()).verdict("/x", &["Cookie: p=1; p=2"]), "ok");
    let exploded = cookie(true, colour()).report("/x", &[b"Cookie: R=1; G=2; other=3"]);
    assert!(exploded.faults.is_empty());
    assert_eq!(exploded.drop_cookies, ["other"]);
}

#[test]
fn content_is_a_document() {
    let subject =
        Subject::new(json!([{"name": "f", "in": "query", "content": {"application/json": {"schema":
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}}}}]));
    check(
        &subject,
        &[
            ("/x?f=%7B%22a%22:1%7D", "ok"),
            ("/x?f=%7B%22a%22:%22x%22%7D", "Invalid query f/a type"),
            ("/x?f=%7B%7D", "Invalid query f required"),
            ("/x?f=%7B", "Invalid query f content"),
            ("/x?f=%7B%22a%22:1,%22a%22:2%7D", "Invalid query f content"),
            ("/x?f=", "Invalid query f content"),
            ("/x?f=%7B%22a%22:1%7D&f=1", "Repeated query f style"),
        ],
    );
    let deep = format!("/x?f={}", "%5B".repeat(5_000));
    check(&subject, &[(&deep, "Invalid query f content")]);
}

#[test]
fn a_querystring_is_one_value() {
    let of = |media: &str, schema: Value| {
        let parameter =
            json!([{"name": "whole", "in": "querystring", "content": {media: {"schema": schema}}}]);
        Subject::at("/x", "3.2.0", parameter)
    };
    check(
        &of("application/x-www-form-urlencoded", colour()),
        &[
            ("/x?R=1&G=2", "ok"),
            ("/x?R=x", "Invalid query whole/R type"),
            ("/x?R=1&B=1", "Invalid query whole/B additionalProperties"),
            ("/x", "ok"),
        ],
    );
    check(
        &of("application/json", json!({"type": "object"})),
        &[
            ("/x?%7B%7D", "ok"),
            ("/x?%5B%5D", "Invalid query whole type"),
            ("/x?a=1", "Invalid query whole content"),
        ],
    );
}

#[test]
fn reserved_characters_keep_their_plus() {
    let of = |reserved: bool| {
        Subject::new(
            json!([{"name": "t", "in": "query", "allowReserved": reserved, "schema": {"type": "string", "format": "date-time"}}]),
        )
    };
    check(&of(true), &[("/x?t=2024-01-01T00:00:00+02:00", "ok")]);
    check(
        &of(false),
        &[
            ("/x?t=2024-01-01T00:00:00%2B02:00", "ok"),
            ("/x?t=2024-01-01T00:00:00+02:00", "Invalid query t format"),
        ],
    );
}
