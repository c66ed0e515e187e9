//! What is said about descriptions that are not right.

use super::{codes, load_all};
use crate::{Location, SchemeKind, Security, Style};

/// A description with these paths, public throughout, and one scheme of each kind.
fn with_paths(paths: &str) -> String {
    format!(
        "openapi: 3.2.0\ninfo: {{title: t, version: '1'}}\nsecurity: []\ncomponents: {{securitySchemes: {{k: {{type: \
         apiKey, in: header, name: X-Key}}, o: {{type: oauth2, flows: {{clientCredentials: {{tokenUrl: u, scopes: \
         {{read: r}}}}}}}}}}}}\npaths: {paths}\n"
    )
}

/// Paths, the codes they give, and the operations that stay.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("{/a: {get: {responses: {}}, post: {}}}", &[], &["GET /a", "POST /a"]),
    ("{a: {get: {}}}", &["B1114", "B1101"], &[]),
    (
        "{'/a/{x}': {parameters: [{name: x, in: path, schema: {}}], get: {}}, '/a/{y}': {get: {}}}",
        &["B1102"],
        &["GET /a/{x}"],
    ),
    (
        "{'/a/{x}': {get: {parameters: [{name: x, in: path, schema: {}}]}}, '/a/{y}': {put: {parameters: [{name: y, in: path, \
         schema: {}}]}}}",
        &["B1102"],
        &["GET /a/{x}", "PUT /a/{y}"],
    ),
    ("{'/a/{x}': {get: {}}}", &["B1103"], &["GET /a/{x}"]),
    ("{/a: {get: {parameters: [{name: x, in: path, schema: {}}]}}}", &["B1104"], &["GET /a"]),
    ("{/a: {get: {operationId: same}, put: {operationId: same}}}", &["B1105"], &["GET /a", "PUT /a"]),
    ("{/a: {fetch: {}, get: {}}}", &["B1106"], &["GET /a"]),
    ("{/a: {additionalOperations: {COPY: {}, get: {}, 'a b': {}}}}", &["B1106", "B1106"], &["COPY /a"]),
    ("{/a: {get: {parameters: [{in: query, schema: {}}]}, put: {}}}", &["B1107"], &["PUT /a"]),
    ("{/a: {get: {parameters: [{name: q, in: body, schema: {}}]}, put: {}}}", &["B1107"], &["PUT /a"]),
    ("{/a: {get: {parameters: [{name: q, in: query}]}, put: {}}}", &["B1107"], &["PUT /a"]),
    (
        "{/a: {get: {parameters: [{name: q, in: query, schema: {}, content: {a/b: {}}}]}, put: {}}}",
        &["B1107"],
        &["PUT /a"],
    ),
    (
        "{/a: {get: {parameters: [{name: q, in: query, style: matrix, schema: {}}]}, put: {}}}",
        &["B1108"],
        &["PUT /a"],
    ),
    (
        "{/a: {get: {parameters: [{name: q, in: query, style: odd, schema: {}}]}, put: {}}}",
        &["B1108"],
        &["PUT /a"],
    ),
    (
        "{/a: {get: {parameters: [{name: q, in: query, schema: {}}, {name: q, in: query, schema: {}}]}, put: {}}}",
        &["B1109"],
        &["PUT /a"],
    ),
    (
        "{'/a/{': {get: {}}, '/b/}': {get: {}}, '/c/{}': {get: {}}, '/d/{x}/{x}': {get: {}}, /e: {get: {}}}",
        &["B1110", "B1110", "B1110", "B1110"],
        &["GET /e"],
    ),
    (
        "{/a//b: {get: {}}, /a/../b: {get: {}}, /a?x: {get: {}}, /a/: {get: {}}}",
        &["B1110", "B1110", "B1110"],
        &["GET /a/"],
    ),
    (
        "{/a: {get: {parameters: [{name: q, in: querystring, content: {a/b: {}}}, {name: r, in: query, schema: {}}]}, put: {}}}",
        &["B1107"],
        &["PUT /a"],
    ),
    ("{/a: {get: {parameters: [{name: q, in: querystring, content: {a/b: {}}}]}}}", &[], &["GET /a"]),
    (
        "{/a: {$ref: '#/paths/~1b', get: {}, put: {}}, /b: {get: {operationId: b}, post: {operationId: c}}}",
        &["B1111", "B1105"],
        &["POST /a", "PUT /a", "GET /b", "POST /b"],
    ),
    ("{/caf%C3%A9: {get: {}}, /café: {get: {}}}", &["B1102"], &["GET /caf%C3%A9"]),
    ("{/a: {post: {requestBody: {}}, put: {}}}", &["B1112"], &["PUT /a"]),
    ("{/a: {post: {requestBody: {content: {json: {}, a/b: {}}}}}}", &["B1116"], &["POST /a"]),
    ("{/a: {get: {responses: {'20': {}, '2xx': {}, 200: {}}}}}", &["B1113"], &["GET /a"]),
    ("{/a: {get: {responses: {default: 3}}, put: {}}}", &["B1007"], &["PUT /a"]),
    ("{/a: {get: 3, put: {}}, /b: []}", &["B1007", "B1007"], &["PUT /a"]),
    ("{/a: {post: {requestBody: {content: {a/b: {schema: 3}}}}, put: {}}}", &["B1202"], &["PUT /a"]),
    ("{/a: {get: {security: [{missing: []}]}, put: {}}}", &["B2104"], &["PUT /a"]),
    (
        "{/a: {get: {security: {k: []}}, put: {security: [k]}, post: {security: [{k: read}]}, head: {}}}",
        &["B2102", "B2102", "B2102"],
        &["HEAD /a"],
    ),
    ("{/a: {get: {security: [{o: [read, write]}]}}}", &["B2106"], &["GET /a"]),
    ("{/a: {servers: [{url: '{x}/a'}], get: {}}}", &["B1010"], &["GET /a"]),
];

#[test]
fn each_fault_has_its_code_and_its_place_and_leaves_the_rest() {
    for (paths, expected, operations) in TABLE {
        let (description, findings) = load_all(&[("a.yaml", &with_paths(paths))]);
        assert_eq!(codes(&findings), *expected, "{paths}: {findings:#?}");
        for finding in &findings {
            let place = finding.place.as_ref().unwrap();
            assert_eq!(&*place.file, "a.yaml");
            assert!(place.line == 5 && place.length > 0 || finding.code == "B1114", "{finding:?}");
        }
        let titles: Vec<_> =
            description.unwrap().operations.iter().map(|operation| operation.title()).collect();
        assert_eq!(titles, *operations, "{paths}");
    }
}

#[test]
fn every_code_that_is_found_is_explained() {
    for (_, expected, _) in TABLE {
        for code in *expected {
            assert!(crate::codes::explain(code).is_some(), "{code}");
        }
    }
}

#[test]
fn missing_security_is_a_warning_and_the_operation_is_kept_to_be_refused() {
    let text = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get: {responses: {}}\n    put: {security: []}\n";
    let (description, findings) = load_all(&[("a.yaml", text)]);
    assert_eq!(codes(&findings), ["B2101"]);
    assert_eq!(findings[0].place.as_ref().unwrap().to_string(), "a.yaml:5:5");
    let description = description.unwrap();
    assert_eq!(description.operations[0].security, Security::Missing);
    assert!(matches!(description.operations[1].security, Security::Public { .. }));
}

#[test]
fn security_is_read_as_and_and_or() {
    let text = with_paths("{/a: {get: {security: [{k: [], o: [read]}, {}]}}}");
    let (description, findings) = load_all(&[("a.yaml", &text)]);
    assert_eq!(codes(&findings), Vec::<&str>::new());
    let description = description.unwrap();
    let Security::AnyOf(alternatives) = &description.operations[0].security else { panic!() };
    assert_eq!(alternatives.len(), 2);
    assert_eq!(&*alternatives[0].schemes[1].scheme, "o");
    assert_eq!(&*alternatives[0].schemes[1].scopes[0], "read");
    assert_eq!(alternatives[0].schemes[0].place.column, 32);
    assert!(alternatives[1].schemes.is_empty());
    assert_eq!(description.security_schemes["o"].kind, SchemeKind::OAuth2);
}

#[test]
fn a_scheme_that_is_not_well_defined_leaves_its_operations_out() {
    let text = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\nsecurity: [{s: []}]\npaths: {/a: {get: {}}}\n\
                components: {securitySchemes: {s: {type: http}}}\n";
    let (description, findings) = load_all(&[("a.yaml", text)]);
    assert_eq!(codes(&findings), ["B1114", "B2105"]);
    assert!(description.unwrap().operations.is_empty());
}

#[test]
fn parameters_of_the_operation_override_those_of_the_path_and_get_their_defaults() {
    let text = with_paths(
        "{'/a/{id}': {parameters: [{name: id, in: path, required: true, schema: {}}, {name: X-A, in: header, schema: {}}], \
         get: {parameters: [{name: x-a, in: header, required: true, schema: {}}, {name: f, in: query, style: deepObject, \
         explode: false, schema: {}}, {name: Accept, in: header, schema: {}}, {name: c, in: cookie, schema: {}}]}}}",
    );
    let (description, findings) = load_all(&[("a.yaml", &text)]);
    assert_eq!(codes(&findings), Vec::<&str>::new());
    let description = description.unwrap();
    let seen: Vec<_> = description.operations[0]
        .parameters
        .iter()
        .map(|parameter| {
            let crate::Form::Styled { style, explode, .. } = &parameter.form else { panic!() };
            (&*parameter.name, parameter.location, parameter.required, *style, *explode)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("id", Location::Path, true, Style::Simple, false),
            ("x-a", Location::Header, true, Style::Simple, false),
            ("f", Location::Query, false, Style::DeepObject, true),
            ("c", Location::Cookie, false, Style::Form, true),
        ]
    );
}

#[test]
fn extensions_of_the_operation_are_laid_over_those_of_the_path() {
    let text = with_paths("{/a: {x-bartizan: {a: 1, b: 1}, get: {x-bartizan: {b: 2}}, put: {}}}");
    let (description, _) = load_all(&[("a.yaml", &text)]);
    let description = description.unwrap();
    assert_eq!(description.operations[0].extension, serde_json::json!({"a": 1, "b": 2}));
    assert_eq!(description.operations[1].extension, serde_json::json!({"a": 1, "b": 1}));
    assert_eq!(description.extension, serde_json::Value::Null);
}

#[test]
fn json_and_yaml_of_one_document_give_the_same_operations() {
    let yaml = "openapi: 3.0.3
info: {title: Orders, version: 1.5}
servers: [{url: 'https://{host}/v1', variables: {host: {default: a.example}}}]
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      tags: [orders]
      deprecated: true
      security: []
      parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1}}]
      responses: {'200': {description: ok}, default: {description: no}}
";
    let json = r#"{"openapi":"3.0.3","info":{"title":"Orders","version":1.5},
"servers":[{"url":"https://{host}/v1","variables":{"host":{"default":"a.example"}}}],
"paths":{"/orders/{id}":{"get":{"operationId":"getOrder","tags":["orders"],"deprecated":true,"security":[],
"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"integer","minimum":1}}],
"responses":{"200":{"description":"ok"},"default":{"description":"no"}}}}}}"#;
    let shape = |name: &str, text: &str| {
        let (description, findings) = load_all(&[(name, text)]);
        assert_eq!(codes(&findings), Vec::<&str>::new());
        let description = description.unwrap();
        let operation = &description.operations[0];
        let crate::Form::Styled { schema: Some(schema), .. } = &operation.parameters[0].form else {
            panic!()
        };
        format!(
            "{} {} {} {:?} {} {:?} {} {:?} {} {:?}",
            description.title,
            description.version,
            description.servers[0].url,
            operation,
            operation.deprecated,
            operation.tags,
            schema.node().to_value(),
            operation.responses.by_status.iter().map(|(status, _)| *status).collect::<Vec<_>>(),
            operation.responses.default.is_some(),
            description.documents().root().to_value(),
        )
    };
    assert_eq!(shape("a.yaml", yaml), shape("a.json", json));
}
