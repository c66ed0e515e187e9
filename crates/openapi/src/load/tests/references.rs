//! Where references lead.

use super::{codes, load_all};
use crate::{Form, ReferenceFault, StatusKey};

/// A description whose one operation has this as the schema of its response, with more below `components`.
fn with_schema(version: &str, schema: &str, components: &str) -> String {
    format!(
        "openapi: {version}\ninfo: {{title: t, version: '1'}}\nsecurity: []\npaths:\n  /a:\n    get:\n      responses:\n        \
         '200': {{description: x, content: {{application/json: {{schema: {schema}}}}}}}\n  /other: {{get: {{responses: \
         {{}}}}}}\ncomponents: {components}\n"
    )
}

#[test]
fn every_kind_of_reference_is_followed() {
    let entry = "openapi: 3.1.0
info: {title: t, version: '1'}
security: []
paths:
  /a/{id}: {$ref: 'parts/items.yaml#/item'}
components:
  responses: {Gone: {description: gone, headers: {X-A: {$ref: '#/components/headers/A'}}}}
  headers: {A: {required: true, schema: {type: integer}}}
";
    let items = "item:
  parameters: [{$ref: '#/id'}]
  post:
    requestBody: {$ref: '../bodies.json#/New%20thing'}
    responses:
      '410': {$ref: '../api.yaml#/components/responses/Gone'}
id: {name: id, in: path, required: true, schema: {$ref: 'ids.yaml'}}
";
    let bodies = r#"{"New thing":{"required":true,"content":{"application/json":{"schema":{"$ref":"parts/ids.yaml"}}}}}"#;
    let files = [
        ("api.yaml", entry),
        ("parts/items.yaml", items),
        ("bodies.json", bodies),
        ("parts/ids.yaml", "type: string\n"),
    ];
    let (description, findings) = load_all(&files);
    assert_eq!(codes(&findings), Vec::<&str>::new());
    let description = description.unwrap();
    let operation = &description.operations[0];
    assert_eq!(operation.title(), "POST /a/{id}");
    assert_eq!(operation.place.to_string(), "parts/items.yaml:3:3");
    let Form::Styled { schema: Some(schema), .. } = &operation.parameters[0].form else { panic!() };
    let target = schema.documents.follow(schema.id).unwrap();
    assert_eq!(target.get("type").unwrap().value_place().to_string(), "parts/ids.yaml:1:7");
    let body = operation.body.as_ref().unwrap();
    assert!(body.required);
    let schema = body.content[0].schema.as_ref().unwrap();
    assert_eq!(schema.pointer(), "/New thing/content/application~1json/schema");
    assert_eq!(schema.documents.follow(schema.id).unwrap().id(), target.id());
    let gone = operation.responses.find(410).unwrap();
    assert!(gone.headers[0].required);
    let names: Vec<&str> = description.files.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["api.yaml", "parts/items.yaml", "bodies.json", "parts/ids.yaml"]);
}

#[test]
fn an_operation_with_a_broken_reference_is_left_out_and_others_stay() {
    let cases = [
        ("{$ref: '#/components/schemas/B'}", "{}", "B1004"),
        ("{items: {$ref: '#/components/schemas/A'}}", "{schemas: {A: {$ref: '#/nothing'}}}", "B1004"),
        ("{$ref: '#/components/schemas/A'}", "{schemas: {A: {properties: {b: {$ref: gone.yaml}}}}}", "B1001"),
        ("{$ref: 'https://example.com/a.json'}", "{}", "B1005"),
        ("{$ref: '//example.com/a.json'}", "{}", "B1005"),
        ("{$ref: 'file:///etc/passwd'}", "{}", "B1005"),
        ("{$ref: '/etc/passwd'}", "{}", "B1004"),
        ("{$ref: '%FF.yaml'}", "{}", "B1004"),
        ("{$ref: '#/components/schemas/A'}", "{schemas: {A: {$ref: '#/components/schemas/A'}}}", "B1006"),
        (
            "{$ref: '#/components/schemas/A'}",
            "{schemas: {A: {allOf: [{$ref: '#/components/schemas/B'}]}, B: {anyOf: [{$ref: '#/components/schemas/A'}]}}}",
            "B1006",
        ),
    ];
    for (schema, components, code) in cases {
        let (description, findings) = load_all(&[("a.yaml", &with_schema("3.0.3", schema, components))]);
        assert_eq!(codes(&findings), [code], "{schema} {components}");
        assert!(findings[0].is_error() && findings[0].place.is_some());
        let titles: Vec<_> = description.unwrap().operations.iter().map(|o| o.title()).collect();
        assert_eq!(titles, ["GET /other"], "{schema} {components}");
    }
}

#[test]
fn a_schema_may_contain_itself_below_a_property() {
    let components = "{schemas: {A: {properties: {next: {$ref: '#/components/schemas/A'}}, items: {$ref: \
                      '#/components/schemas/A'}}}}";
    let text = with_schema("3.0.3", "{$ref: '#/components/schemas/A'}", components);
    let (description, findings) = load_all(&[("a.yaml", &text)]);
    assert_eq!(codes(&findings), Vec::<&str>::new());
    assert_eq!(description.unwrap().operations.len(), 2);
}

#[test]
fn anchors_and_identifiers_are_found_from_3_1_on() {
    let components = "{schemas: {A: {$anchor: here, type: string}, B: {$id: 'https://example.com/b', $defs: {C: \
                      {$anchor: c, type: integer}}, properties: {p: {$ref: '#c'}, q: {$ref: '#/$defs/C'}}}}}";
    for (reference, kind) in [
        ("#here", "string"),
        ("https://example.com/b#c", "integer"),
        ("https://example.com/b#/$defs/C", "integer"),
    ] {
        let text = with_schema("3.1.0", &format!("{{$ref: '{reference}'}}"), components);
        let (description, findings) = load_all(&[("a.yaml", &text)]);
        assert_eq!(codes(&findings), Vec::<&str>::new(), "{reference}");
        let description = description.unwrap();
        let response = &description.operations[0].responses;
        assert_eq!(response.by_status[0].0, StatusKey::Exact(200));
        let schema = response.by_status[0].1.content[0].schema.as_ref().unwrap();
        let target = schema.documents.follow(schema.id).unwrap();
        assert_eq!(target.get("type").and_then(|kind| kind.as_str()), Some(kind), "{reference}");
    }
    let (_, findings) = load_all(&[("a.yaml", &with_schema("3.0.3", "{$ref: '#here'}", components))]);
    assert!(codes(&findings).contains(&"B1004"));
}

#[test]
fn self_names_the_document_from_3_2_on() {
    let text = "openapi: 3.2.0
$self: https://example.com/api/main
info: {title: t, version: '1'}
security: []
paths:
  /a: {query: {responses: {'200': {$ref: 'https://example.com/api/main#/components/responses/R'}}}}
components: {responses: {R: {description: x}}}
";
    let (description, findings) = load_all(&[("a.yaml", text)]);
    assert_eq!(codes(&findings), Vec::<&str>::new());
    assert_eq!(description.unwrap().operations[0].title(), "QUERY /a");
}

#[test]
fn examples_and_extensions_hold_no_references() {
    let schema =
        "{type: object, example: {$ref: '#/no'}, x-more: {$ref: 'http://a/b'}, enum: [{$ref: '#/no'}]}";
    let (_, findings) = load_all(&[("a.yaml", &with_schema("3.1.0", schema, "{}"))]);
    assert_eq!(codes(&findings), Vec::<&str>::new());
    // A property may have the name of a keyword.
    let schema = "{type: object, properties: {example: {$ref: '#/no'}, enum: {type: string}}}";
    let (_, findings) = load_all(&[("a.yaml", &with_schema("3.1.0", schema, "{}"))]);
    assert_eq!(codes(&findings), ["B1004"]);
}

#[test]
fn a_reference_can_be_resolved_from_anywhere() {
    let (description, _) = load_all(&[("a.yaml", &with_schema("3.0.3", "{type: string}", "{}"))]);
    let documents = description.unwrap().documents().clone();
    let root = documents.root().id();
    assert_eq!(documents.resolve(root, "#/paths/~1a/get").unwrap().key(), Some("get"));
    assert_eq!(documents.resolve(root, "#/paths/~1b").map(|node| node.id()), Err(ReferenceFault::Missing));
    assert_eq!(documents.resolve(root, "b.yaml").map(|node| node.id()), Err(ReferenceFault::Unread));
}

#[test]
fn what_a_path_item_declares_for_all_its_operations_can_break_them_all() {
    let text = "openapi: 3.0.3
info: {title: t, version: '1'}
security: []
paths:
  /a:
    parameters: [{name: q, in: query, schema: {items: {$ref: '#/nothing'}}}]
    get: {}
  /b: {get: {}}
";
    let (description, findings) = load_all(&[("a.yaml", text)]);
    assert_eq!(codes(&findings), ["B1004"]);
    let titles: Vec<_> = description.unwrap().operations.iter().map(|operation| operation.title()).collect();
    assert_eq!(titles, ["GET /b"]);
}

#[test]
fn a_reference_back_to_the_entry_finds_what_overlays_have_changed() {
    let entry = "openapi: 3.0.3
info: {title: t, version: '1'}
security: []
paths: {/a: {$ref: other.yaml}}
components: {parameters: {P: {name: q, in: query, schema: {type: string}}}}
";
    let other = "get: {parameters: [{$ref: 'sub/.././api.yaml#/components/parameters/P'}]}\n";
    let overlay =
        "overlay: 1.0.0\nactions: [{target: $.components.parameters.P.schema, update: {maxLength: 3}}]\n";
    let files = super::Memory::new(&[("api.yaml", entry), ("other.yaml", other), ("o.yaml", overlay)]);
    let (description, findings) = crate::load("./api.yaml", &["./o.yaml".to_owned()], &files);
    assert_eq!(codes(&findings), Vec::<&str>::new());
    let description = description.unwrap();
    let Form::Styled { schema: Some(schema), .. } = &description.operations[0].parameters[0].form else {
        panic!()
    };
    assert_eq!(schema.node().get("maxLength").and_then(|node| node.as_u64()), Some(3));
}

#[test]
fn an_alias_that_repeats_a_long_text_costs_its_text_once() {
    let long = "x".repeat(100_000);
    let aliases = "- *a\n".repeat(20_000);
    let text = format!(
        "openapi: 3.0.3\nx-a: &a {long}\nx-b:\n{aliases}info: {{title: t, version: '1'}}\npaths: {{}}\n"
    );
    let (description, _) = load_all(&[("a.yaml", &text)]);
    assert!(description.unwrap().documents().arena.heap_bytes() < 1 << 20);
}

#[test]
fn files_are_named_from_the_root_or_the_folder_of_the_entry() {
    let entry =
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\nsecurity: []\npaths: {/a: {$ref: '../b.yaml'}}\n";
    for (entry_name, other_name) in [
        ("/etc/api/a.yaml", "/etc/b.yaml"),
        ("a.yaml", "../b.yaml"),
        ("../x/a.yaml", "../b.yaml"),
        ("x/a.yaml", "b.yaml"),
    ] {
        let (description, findings) = load_all(&[(entry_name, entry), (other_name, "get: {}\n")]);
        assert_eq!(codes(&findings), Vec::<&str>::new(), "{entry_name}");
        assert_eq!(&*description.unwrap().files[1].0, other_name);
    }
}

#[test]
fn references_that_follow_one_another_too_long_are_found() {
    let mut components = String::from("components: {responses: {R0: {description: x}");
    for number in 1..100 {
        components += &format!(", R{number}: {{$ref: '#/components/responses/R{}'}}", number - 1);
    }
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\nsecurity: []\npaths: {{/a: {{get: {{responses: {{'200': {{$ref: \
         '#/components/responses/R99'}}}}}}, put: {{}}}}}}\n{components}}}}}\n"
    );
    let (description, findings) = load_all(&[("a.yaml", &text)]);
    assert_eq!(codes(&findings), ["B1006"]);
    assert_eq!(description.unwrap().operations.len(), 1);
}

#[test]
fn a_file_may_have_what_is_named_where_examples_would_stand() {
    let entry = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\nsecurity: []\npaths: {/a: {get: {responses: {'200': {$ref: \
                 'parts.yaml#/example'}}}}}\n";
    let parts = "example: {description: x, content: {application/json: {schema: {$ref: more.yaml}}}}\n";
    let files = [("a.yaml", entry), ("parts.yaml", parts), ("more.yaml", "type: string\n")];
    let (description, findings) = load_all(&files);
    assert_eq!(codes(&findings), Vec::<&str>::new());
    assert_eq!(description.unwrap().files.len(), 3);
}
