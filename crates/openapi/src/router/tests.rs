#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod specs;

use super::{Match, Router};
use crate::load::tests::load_all;
use crate::{NormalPath, PathFault};
use mutate::Random;

/// A router of `METHOD template` lines; path parameters are strings unless `declared` says otherwise.
fn router_with(lines: &[&str], declared: &[(&str, &str)]) -> Router {
    let mut paths = serde_json::Map::new();
    for line in lines {
        let (method, template) = line.split_once(' ').unwrap();
        let names = template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
        let parameters: Vec<_> = names
            .map(|name| {
                let mut parameter = serde_json::json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
                if let Some((_, more)) = declared.iter().find(|(declared, _)| *declared == name) {
                    let more: serde_json::Map<_, _> = serde_json::from_str(more).unwrap();
                    parameter.as_object_mut().unwrap().extend(more);
                }
                parameter
            })
            .collect();
        let operation = serde_json::json!({"operationId": line, "parameters": parameters, "responses": {"200": {"description": "ok"}}});
        let item = paths.entry(template).or_insert_with(|| serde_json::json!({}));
        item[method.to_ascii_lowercase()] = operation;
    }
    let text =
        serde_json::json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths});
    let (description, findings) = load_all(&[("api.json", &text.to_string())]);
    let description = description.unwrap_or_else(|| panic!("{findings:?}"));
    Router::new(&description.operations)
}

fn router(lines: &[&str]) -> Router {
    router_with(lines, &[])
}

/// What a method and path lead to: `id name=value ...`, `405 METHODS`, `404`, or the path's fault.
fn lead(router: &Router, method: &str, path: &str) -> String {
    let path = match NormalPath::new(path) {
        Ok(path) => path,
        Err(fault) => return format!("{fault:?}"),
    };
    match router.find(method, &path) {
        Match::Operation { operation, values } => {
            let values: Vec<_> = values.iter().map(|(name, value)| format!(" {name}={value}")).collect();
            format!("{}{}", operation.id, values.concat())
        }
        Match::Method { allow, .. } => format!("405 {}", allow.join(",")),
        Match::None => "404".to_owned(),
    }
}

fn check(router: &Router, cases: &[(&str, &str)]) {
    for (request, expected) in cases {
        let (method, path) = request.split_once(' ').unwrap();
        assert_eq!(lead(router, method, path), *expected, "{request}");
    }
}

#[test]
fn a_literal_goes_before_a_template_in_each_segment() {
    let router = router(&["GET /a/{x}", "GET /a/latest", "GET /a/{x}/b", "GET /{y}/latest/c", "POST /a/{x}"]);
    check(
        &router,
        &[
            ("GET /a/1", "GET /a/{x} x=1"),
            ("GET /a/latest", "GET /a/latest"),
            ("GET /a/1/b", "GET /a/{x}/b x=1"),
            ("GET /a/latest/b", "GET /a/{x}/b x=latest"),
            ("GET /a/latest/c", "GET /{y}/latest/c y=a"),
            ("POST /a/1", "POST /a/{x} x=1"),
            // The literal is the path's template, and it has no POST.
            ("POST /a/latest", "405 GET"),
            ("DELETE /a/1", "405 GET,POST"),
            ("HEAD /a/1", "405 GET,POST"),
            ("get /a/1", "405 GET,POST"),
            ("GET /a", "404"),
            ("GET /a/1/b/c", "404"),
            ("GET /", "404"),
        ],
    );
}

#[test]
fn templates_that_differ_in_names_only_keep_their_own_names() {
    let router = router(&["GET /a/{x}/b", "GET /a/{y}/c"]);
    check(&router, &[("GET /a/1/b", "GET /a/{x}/b x=1"), ("GET /a/1/c", "GET /a/{y}/c y=1")]);
}

#[test]
fn a_segment_may_mix_literals_and_values() {
    let router = router(&[
        "GET /f/{name}.json",
        "GET /f/{name}",
        "GET /r/{from}-{to}",
        "GET /v{major}/x",
        "GET /h/{a}2{b}",
    ]);
    check(
        &router,
        &[
            ("GET /f/x.json", "GET /f/{name}.json name=x"),
            ("GET /f/x.json.json", "GET /f/{name}.json name=x.json"),
            ("GET /f/x.JSON", "GET /f/{name} name=x.JSON"),
            ("GET /f/.json", "GET /f/{name} name=.json"),
            ("GET /f/%2ejson", "GET /f/{name} name=.json"),
            ("GET /f/x%2Ejson", "GET /f/{name}.json name=x"),
            ("GET /r/a-b", "GET /r/{from}-{to} from=a to=b"),
            ("GET /r/a-b-c", "GET /r/{from}-{to} from=a to=b-c"),
            ("GET /r/-a", "404"),
            ("GET /r/a-", "404"),
            ("GET /r/--a", "GET /r/{from}-{to} from=- to=a"),
            ("GET /v2/x", "GET /v{major}/x major=2"),
            ("GET /v/x", "404"),
            // A literal is not found inside an escape.
            ("GET /h/%20x", "404"),
            ("GET /h/%202x", "GET /h/{a}2{b} a=  b=x"),
        ],
    );
}

#[test]
fn a_slash_at_the_end_and_case_count() {
    let router = router(&["GET /a", "GET /b/", "GET /c/{x}", "GET /"]);
    check(
        &router,
        &[
            ("GET /a", "GET /a"),
            ("GET /a/", "404"),
            ("GET /A", "404"),
            ("GET /b/", "GET /b/"),
            ("GET /b", "404"),
            // No value is empty.
            ("GET /c/", "404"),
            ("GET /", "GET /"),
        ],
    );
}

#[test]
fn the_same_path_in_another_spelling_leads_to_the_same_place() {
    let router = router(&["GET /a_b/{x}", "GET /é", "GET /a b", "GET /c:d", "GET /%7Etilde"]);
    check(
        &router,
        &[
            ("GET /a%5Fb/1", "GET /a_b/{x} x=1"),
            ("GET /%61_b/1", "GET /a_b/{x} x=1"),
            ("GET /%C3%A9", "GET /é"),
            ("GET /%c3%a9", "GET /é"),
            ("GET /a%20b", "GET /a b"),
            ("GET /a+b", "404"),
            ("GET /c:d", "GET /c:d"),
            ("GET /c%3Ad", "404"),
            ("GET /~tilde", "GET /%7Etilde"),
        ],
    );
}

#[test]
fn values_are_decoded_and_tricks_have_no_path() {
    let router = router(&["GET /users/{id}", "GET /users/{id}/keys", "GET /admin"]);
    let fault = |fault: PathFault| format!("{fault:?}");
    assert_eq!(lead(&router, "GET", "/users/a%20b%C3%A9%25"), "GET /users/{id} id=a bé%");
    assert_eq!(lead(&router, "GET", "/users/..%2Fadmin"), fault(PathFault::EscapedSlash));
    assert_eq!(lead(&router, "GET", "/users/../admin"), fault(PathFault::DotSegment));
    assert_eq!(lead(&router, "GET", "/users/%2e%2e/admin"), fault(PathFault::DotSegment));
    assert_eq!(lead(&router, "GET", "/users//keys"), fault(PathFault::EmptySegment));
    assert_eq!(lead(&router, "GET", "/users/%252e%252e"), fault(PathFault::DoubleEscape));
    assert_eq!(lead(&router, "GET", "/users/%C0%AE"), fault(PathFault::Utf8));
}

#[test]
fn matrix_parameters_lead_nowhere_unless_they_are_declared() {
    let router = router_with(
        &["GET /a/{x}", "GET /m/{color}", "GET /n/{color}/{x}", "GET /admin"],
        &[("color", r#"{"style": "matrix"}"#)],
    );
    check(
        &router,
        &[
            ("GET /a/1;v=2", "404"),
            ("GET /admin;v=2", "404"),
            ("GET /;a=b/admin", "404"),
            ("POST /a/1;v=2", "404"),
            ("GET /m/;color=blue", "GET /m/{color} color=;color=blue"),
            ("GET /m/;color=%c3%a9", "GET /m/{color} color=;color=%C3%A9"),
            ("POST /m/;color=blue", "405 GET"),
            ("GET /n/;color=blue/1", "GET /n/{color}/{x} color=;color=blue x=1"),
            ("GET /n/;color=blue/1;x", "404"),
            // Escaped, a semicolon is data.
            ("GET /a/1%3Bv", "GET /a/{x} x=1;v"),
        ],
    );
}

#[test]
fn lists_in_a_path_keep_their_escapes() {
    let router = router_with(
        &["GET /l/{ids}", "GET /p/{label}"],
        &[
            ("ids", r#"{"schema": {"type": "array", "items": {"type": "string"}}}"#),
            ("label", r#"{"style": "label"}"#),
        ],
    );
    check(
        &router,
        &[("GET /l/a,b%2cc", "GET /l/{ids} ids=a,b%2Cc"), ("GET /p/.a%20b", "GET /p/{label} label=.a%20b")],
    );
}

#[test]
fn many_templates_that_share_their_beginning_cost_no_more_than_their_number() {
    // With each segment literal or template, a naive search would try 2^16 ways.
    let mut lines: Vec<String> = Vec::new();
    for bits in 0..256_u32 {
        let segments: Vec<_> = (0..8)
            .map(|at| if bits >> at & 1 == 1 { "a".to_owned() } else { format!("{{p{at}}}") })
            .collect();
        lines.push(format!("GET /{}", segments.join("/")));
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let router = router(&lines);
    assert_eq!(lead(&router, "GET", "/a/a/a/a/a/a/a/a"), "GET /a/a/a/a/a/a/a/a");
    assert_eq!(lead(&router, "GET", "/a/a/a/a/a/a/a/b"), "GET /a/a/a/a/a/a/a/{p7} p7=b");
    assert_eq!(lead(&router, "GET", &"/a".repeat(9)), "404");
    assert_eq!(lead(&router, "GET", &"/a".repeat(100_000)), "404");
}

#[test]
fn no_path_makes_the_router_panic() {
    let router = router(&["GET /f/{a}.json", "GET /r/{b}-{c}/{d}", "GET /{e}%20{g}x", "GET /f/é{h}"]);
    let mut random = Random::new(0xFACE_FEED);
    let seeds = ["/f/x.json", "/r/a-b/c", "/a%20bx", "/f/%C3%A9a", "/r/%C3%A9-%E2%82%AC/%F0%9F%98%80"];
    let mut found = 0;
    for _ in 0..50_000 {
        let mut bytes = seeds[random.below(seeds.len())].as_bytes().to_vec();
        for _ in 0..random.below(3) {
            random.mutate(&mut bytes);
        }
        if let Ok(path) = NormalPath::new(&String::from_utf8_lossy(&bytes))
            && let Match::Operation { values, .. } = router.find("GET", &path)
        {
            assert!(values.iter().all(|(_, value)| !value.is_empty()));
            found += 1;
        }
    }
    assert!(found > 5_000, "{found}");
}

#[test]
fn a_value_that_some_service_takes_for_a_literal_beside_it_is_none() {
    let router = router(&[
        "GET /users/{name}",
        "GET /users/_debug",
        "GET /users/me/keys",
        "GET /users/{name}/keys",
        "GET /users/{name}/posts",
        "GET /{tenant}/admin",
        "GET /{tenant}/{page}",
        "GET /files/latest",
        "GET /files/{file}.json",
    ]);
    check(
        &router,
        &[
            ("GET /users/_debug", "GET /users/_debug"),
            ("GET /users/_DEBUG", "404"),
            ("GET /users/_Debug%20", "404"),
            ("GET /users/_debug.json", "404"),
            ("GET /users/_debug.", "404"),
            ("GET /users/%5fdebuG", "404"),
            ("GET /users/debug", "GET /users/{name} name=debug"),
            ("GET /users/_debugger", "GET /users/{name} name=_debugger"),
            ("GET /users/_debug.v2", "404"),
            ("GET /users/_debug.a-b", "GET /users/{name} name=_debug.a-b"),
            ("GET /users/ME", "GET /users/{name} name=ME"),
            ("GET /users/ME/keys", "404"),
            ("GET /users/ME/posts", "GET /users/{name}/posts name=ME"),
            ("GET /USERS/_debug", "404"),
            ("GET /files/latest.json", "GET /files/{file}.json file=latest"),
            ("GET /acme/Admin", "404"),
            ("GET /acme/admins", "GET /{tenant}/{page} tenant=acme page=admins"),
        ],
    );
}
