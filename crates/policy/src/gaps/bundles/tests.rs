#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;

use crate::bindings;
use crate::gaps::gaps;

/// What is said of a POST at a path with these properties in its body.
fn told(path: &str, media: &str, properties: &[&str], binding: &str) -> Vec<String> {
    let properties: Vec<_> = properties.iter().map(|name| format!("{name}: {{}}")).collect();
    let description = format!(
        "openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\npaths:\n  {path}:\n    post:\n      operationId: all\n      requestBody: {{ content: {{ {media}: {{ schema: {{ type: object, properties: {{ {} }} }} }} }} }}\n      responses: {{ '200': {{ description: ok }} }}\n",
        properties.join(", ")
    );
    let files = crate::compile::tests::OneFile(description.leak());
    let description = openapi::load("shop.yaml", &[], &files).0.unwrap();
    let text = format!("version: 1\ntenants: single\noperations:\n  all: {binding}\n");
    let (read, findings) = bindings::read("bindings.yaml", Bytes::from(text));
    assert!(findings.is_empty(), "{findings:#?}");
    let found = gaps(&read.unwrap(), &description);
    found.into_iter().filter(|one| one.code == "B4214").map(|one| one.sentence).collect()
}

#[test]
fn what_stands_for_many_operations_is_told_unless_it_is_for_those_who_may_all_of_them() {
    let json = "application/json";
    for (path, media, properties, what) in [
        ("/graphql", json, &[][..], "GraphQL"),
        ("/api", "application/graphql-response+json", &[], "GraphQL"),
        ("/api", json, &["query", "variables"], "GraphQL"),
        ("/rpc", json, &["jsonrpc", "method", "params"], "JSON-RPC"),
        ("/v1/$batch", "multipart/mixed", &[], "a batch of requests"),
        ("/batch", json, &["requests"], "a batch of requests"),
    ] {
        let all = told(path, media, properties, "{ action: act }");
        assert!(all.len() == 1 && all[0].contains(what), "{path}: {all:?}");
        for binding in ["{ deny: true }", "{ action: act, class: admin, roles: [admin] }"] {
            assert_eq!(told(path, media, properties, binding), Vec::<String>::new(), "{path} {binding}");
        }
        assert_eq!(told(path, media, properties, "{ action: act, class: admin }").len(), 1);
    }
    assert_eq!(told("/search", json, &["query", "limit"], "{ action: act }"), Vec::<String>::new());
    assert_eq!(told("/batch", json, &["size"], "{ action: act }"), Vec::<String>::new());
}
