#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};

use crate::load::tests::{codes, load_all};
use crate::{Description, Dialect, Form, Node, Operation, SchemeKind, Style};

/// A 2.0 document with one operation, `POST /a`, that has these members, and more at the root.
fn with(operation: &str, root: &str) -> String {
    format!(
        "swagger: '2.0'\ninfo: {{title: t, version: '1'}}\nsecurity: []\npaths: {{/a: {{post: {operation}}}}}\n{root}\n"
    )
}

fn loaded(operation: &str, root: &str) -> Description {
    let (description, findings) = load_all(&[("a.yaml", &with(operation, root))]);
    assert_eq!(codes(&findings), Vec::<&str>::new(), "{operation} {root}");
    let description = description.unwrap();
    assert_eq!(description.dialect, Dialect::V2);
    description
}

/// A value with all of its references replaced by what they lead to.
fn expanded(operation: &Description, node: Node<'_>) -> Value {
    let node = operation.documents().follow(node.id()).unwrap();
    if node.is_array() {
        return node.items().map(|item| expanded(operation, item)).collect();
    }
    if node.is_object() {
        return Value::Object(
            node.members().map(|(key, value)| (key.to_owned(), expanded(operation, value))).collect(),
        );
    }
    node.to_value()
}

/// Media types with their schemas.
fn content(description: &Description, media: &[crate::Media]) -> Value {
    let schema =
        |media: &crate::Media| media.schema.as_ref().map(|schema| expanded(description, schema.node()));
    media.iter().map(|media| json!([&*media.range, schema(media)])).collect()
}

#[test]
fn bodies_become_request_bodies() {
    let body = "parameters: [{name: b, in: body, required: true, schema: {type: object}}]";
    let table = [
        (format!("{{{body}}}"), "", json!([["application/json", {"type": "object"}]])),
        (format!("{{{body}}}"), "consumes: [a/b, c/d]", json!([["a/b", {"type": "object"}], ["c/d", {"type": "object"}]])),
        (format!("{{consumes: [e/f], {body}}}"), "consumes: [a/b]", json!([["e/f", {"type": "object"}]])),
        (
            "{parameters: [{$ref: '#/parameters/B'}]}".to_owned(),
            "parameters: {B: {name: b, in: body, schema: {$ref: '#/definitions/D'}}}\ndefinitions: {D: {type: integer}}",
            json!([["application/json", {"type": "integer"}]]),
        ),
        (
            "{parameters: [{name: f, in: formData, type: string, required: true, maxLength: 3}, {name: g, in: formData, type: integer}]}"
                .to_owned(),
            "",
            json!([["application/x-www-form-urlencoded", {"type": "object",
                "properties": {"f": {"type": "string", "maxLength": 3}, "g": {"type": "integer"}}, "required": ["f"]}]]),
        ),
        (
            "{consumes: [multipart/form-data], parameters: [{name: f, in: formData, type: file}]}".to_owned(),
            "",
            json!([["multipart/form-data", {"type": "object", "properties": {"f": {"type": "string", "format": "binary"}}}]]),
        ),
        (
            "{parameters: [{name: f, in: formData, type: file}]}".to_owned(),
            "consumes: [application/json]",
            json!([["multipart/form-data", {"type": "object", "properties": {"f": {"type": "string", "format": "binary"}}}]]),
        ),
    ];
    for (operation, root, expected) in table {
        let description = loaded(&operation, root);
        let body = description.operations[0].body.as_ref().unwrap();
        assert_eq!(content(&description, &body.content), expected, "{operation} {root}");
        assert_eq!(body.required, operation.contains("required: true"), "{operation}");
        assert!(description.operations[0].parameters.is_empty());
    }
}

#[test]
fn a_body_of_the_path_item_is_inherited_unless_overridden() {
    let text = "swagger: '2.0'
info: {title: t, version: '1'}
security: []
paths:
  /a:
    parameters: [{name: b, in: body, schema: {type: object}}, {name: q, in: query, type: integer}]
    post: {}
    put: {parameters: [{name: b, in: body, schema: {type: array}}]}
";
    let (description, findings) = load_all(&[("a.yaml", text)]);
    assert_eq!(codes(&findings), Vec::<&str>::new());
    let description = description.unwrap();
    let of = |operation: &Operation| content(&description, &operation.body.as_ref().unwrap().content);
    assert_eq!(of(&description.operations[0]), json!([["application/json", {"type": "object"}]]));
    assert_eq!(of(&description.operations[1]), json!([["application/json", {"type": "array"}]]));
    assert_eq!(&*description.operations[1].parameters[0].name, "q");
}

#[test]
fn collection_formats_become_styles() {
    let table = [
        ("query", "", Style::Form, false),
        ("query", "csv", Style::Form, false),
        ("query", "ssv", Style::SpaceDelimited, false),
        ("query", "tsv", Style::TabDelimited, false),
        ("query", "pipes", Style::PipeDelimited, false),
        ("query", "multi", Style::Form, true),
        ("header", "csv", Style::Simple, false),
        ("header", "pipes", Style::PipeDelimited, false),
    ];
    for (location, format, style, explode) in table {
        let format = if format.is_empty() { String::new() } else { format!(", collectionFormat: {format}") };
        let operation = format!(
            "{{parameters: [{{name: p, in: {location}, type: array, items: {{type: integer}}{format}}}]}}"
        );
        let description = loaded(&operation, "");
        let Form::Styled { style: found, explode: exploded, schema, .. } =
            &description.operations[0].parameters[0].form
        else {
            panic!()
        };
        assert_eq!((*found, *exploded), (style, explode), "{operation}");
        let schema = expanded(&description, schema.as_ref().unwrap().node());
        assert_eq!(schema, json!({"type": "array", "items": {"type": "integer"}}));
    }
    for (location, format) in [("header", "multi"), ("query", "odd")] {
        let operation = format!(
            "{{parameters: [{{name: p, in: {location}, type: array, items: {{}}, collectionFormat: {format}}}]}}"
        );
        let (description, findings) = load_all(&[("a.yaml", &with(&operation, ""))]);
        assert!(codes(&findings).contains(&"B1115"), "{operation}");
        assert!(description.unwrap().operations.is_empty());
    }
}

#[test]
fn forms_keep_how_their_arrays_are_written() {
    let operation = "{parameters: [{name: p, in: formData, type: array, items: {type: string}, collectionFormat: multi}]}";
    let description = loaded(operation, "");
    let media = &description.operations[0].body.as_ref().unwrap().content[0];
    assert_eq!(&*media.encoding[0].property, "p");
    assert_eq!((media.encoding[0].style, media.encoding[0].explode), (Some(Style::Form), Some(true)));
}

#[test]
fn responses_get_content_and_headers_get_schemas() {
    let operation = "{produces: [a/b], responses: {'200': {description: x, schema: {type: object}, headers: {X-A: {type: \
                     integer, maximum: 3}}}, '404': {$ref: '#/responses/Gone'}, '204': {description: x}, default: \
                     {description: x, schema: {type: file}}}}";
    let root = "produces: [c/d]\nresponses: {Gone: {description: x, schema: {type: string}, headers: {X-B: {type: string}}}}";
    let description = loaded(operation, root);
    let responses = &description.operations[0].responses;
    let ok = responses.find(200).unwrap();
    assert_eq!(content(&description, &ok.content), json!([["a/b", {"type": "object"}]]));
    let header = ok.headers[0].schema.as_ref().unwrap();
    assert_eq!(expanded(&description, header.node()), json!({"type": "integer", "maximum": 3}));
    let gone = responses.find(404).unwrap();
    assert_eq!(content(&description, &gone.content), json!([["a/b", {"type": "string"}]]));
    assert_eq!(&*gone.headers[0].name, "X-B");
    assert!(gone.headers[0].schema.is_some());
    assert!(!responses.find(204).unwrap().has_content);
    let file = responses.find(500).unwrap();
    assert_eq!(
        content(&description, &file.content),
        json!([["a/b", {"type": "string", "format": "binary"}]])
    );
}

#[test]
fn servers_are_made_of_host_base_path_and_schemes() {
    let table: [(&str, &[&str]); 5] = [
        (
            "host: a.example\nbasePath: /v1\nschemes: [http, https]",
            &["http://a.example/v1", "https://a.example/v1"],
        ),
        ("host: a.example:8080", &["https://a.example:8080"]),
        ("basePath: /v1", &["/v1"]),
        ("host: a.example\nschemes: []", &["https://a.example"]),
        ("", &[]),
    ];
    for (root, expected) in table {
        let description = loaded("{}", root);
        let urls: Vec<_> = description.servers.iter().map(|server| server.url.as_str()).collect();
        assert_eq!(urls, expected, "{root}");
        assert_eq!(description.operations[0].servers, description.servers);
    }
}

#[test]
fn security_definitions_become_schemes() {
    let root = "securityDefinitions: {b: {type: basic}, k: {type: apiKey, in: query, name: key}, o: {type: oauth2, flow: \
                application, tokenUrl: u, scopes: {read: r}}}";
    let description = loaded("{security: [{b: []}, {o: [read], k: []}]}", root);
    let kinds: Vec<_> = description.security_schemes.values().map(|scheme| scheme.kind.clone()).collect();
    let key = SchemeKind::ApiKey { location: crate::KeyLocation::Query, name: "key".to_owned() };
    assert_eq!(kinds, [SchemeKind::Basic, key, SchemeKind::OAuth2]);
    let operation = "{security: [{o: [write]}]}";
    let (_, findings) = load_all(&[("a.yaml", &with(operation, root))]);
    assert_eq!(codes(&findings), ["B2106"]);
}

#[test]
fn what_is_converted_keeps_the_place_of_its_origin() {
    let description = loaded("{parameters: [{name: q, in: query, type: integer}]}", "");
    let parameter = &description.operations[0].parameters[0];
    assert_eq!(parameter.place.line, 4);
    let Form::Styled { schema: Some(schema), .. } = &parameter.form else { panic!() };
    assert_eq!(schema.node().get("type").unwrap().value_place().line, 4);
}

#[test]
fn files_are_converted_across_references() {
    let entry = "swagger: '2.0'
info: {title: t, version: '1'}
security: []
paths: {/a: {$ref: 'paths/a.yaml'}}
";
    let item = "post:
  parameters: [{$ref: '../shared.yaml#/body'}]
  responses: {'200': {$ref: '../shared.yaml#/ok'}}
";
    let shared = "body: {name: b, in: body, schema: {$ref: '#/thing'}}
ok: {description: x, schema: {$ref: '#/thing'}}
thing: {type: object}
";
    let files = [("api/a.yaml", entry), ("api/paths/a.yaml", item), ("api/shared.yaml", shared)];
    let (description, findings) = load_all(&files);
    assert_eq!(codes(&findings), Vec::<&str>::new());
    let description = description.unwrap();
    let operation = &description.operations[0];
    let thing = json!({"type": "object"});
    assert_eq!(
        content(&description, &operation.body.as_ref().unwrap().content),
        json!([["application/json", thing]])
    );
    assert_eq!(
        content(&description, &operation.responses.find(200).unwrap().content),
        json!([["*/*", thing]])
    );
}

#[test]
fn a_body_beside_a_form_leaves_the_operation_out() {
    let operation = "{parameters: [{name: b, in: body, schema: {}}, {name: f, in: formData, type: string}]}";
    let (description, findings) = load_all(&[("a.yaml", &with(operation, ""))]);
    assert!(codes(&findings).contains(&"B1112"));
    assert!(description.unwrap().operations.is_empty());
}

#[test]
fn an_overlay_is_laid_over_the_document_before_it_is_converted() {
    let text = with("{parameters: [{name: q, in: query, type: string}]}", "");
    let overlay =
        "overlay: 1.0.0\nactions: [{target: \"$.paths['/a'].post.parameters[0]\", update: {maxLength: 3}}]\n";
    let files = crate::load::tests::Memory::new(&[("a.yaml", &text), ("o.yaml", overlay)]);
    let (description, findings) = crate::load("a.yaml", &["o.yaml".to_owned()], &files);
    assert_eq!(codes(&findings), Vec::<&str>::new());
    let description = description.unwrap();
    let Form::Styled { schema: Some(schema), .. } = &description.operations[0].parameters[0].form else {
        panic!()
    };
    assert_eq!(schema.node().to_value(), json!({"type": "string", "maxLength": 3}));
    assert_eq!(schema.node().get("maxLength").unwrap().value_place().to_string(), "o.yaml:2:76");
}
