//! Objects that callers name as their own: by a word in place of an id, or by a path without one.

use serde_json::json;

use super::super::shop::Odd;
use super::{BINDINGS, World};

async fn world() -> World {
    let bindings = BINDINGS
        .replace("  Person:\n    id: name\n", "  Person:\n    id: name\n    me: [me, self]\n")
        .replace(
            "{ type: Person, id: path.name }, evidence: [{ claim: sub }]",
            "{ type: Person, id: path.name }, evidence: []",
        )
        .replace(
            "getMe: { action: read }",
            "getMe: { action: read, object: { type: Person, id: principal }, evidence: [], shows: Person }",
        );
    assert!(bindings.contains("me: [me, self]") && bindings.contains("id: principal"));
    World::with(bindings.leak(), |_| {}).await
}

fn person(name: &str) -> Odd {
    Odd::Answer("application/json", json!({ "name": name, "org": "acme" }).to_string().into_bytes())
}

#[tokio::test]
async fn a_word_for_ones_own_is_the_caller_and_nobody_else() {
    let world = world().await;
    world.shop.be_odd("GET /people/me", person("ada"));
    for (line, code) in [
        ("GET /people/me", "200"),
        ("GET /people/ada", "200"),
        ("GET /people/ben", "object_not_found"),
        // A word that is not declared is a name like others.
        ("GET /people/ME", "object_not_found"),
        ("GET /people/mine", "object_not_found"),
    ] {
        assert_eq!(world.code("ada", line).await, code, "{line}");
    }
}

#[tokio::test]
async fn a_path_without_an_id_shows_the_callers_own_or_nothing() {
    let world = world().await;
    world.shop.be_odd("GET /me", person("ada"));
    assert_eq!(world.code("ada", "GET /me").await, "200");
    // What the service took for the caller is somebody else.
    assert_eq!(world.code("ben", "GET /me").await, "object_not_found");
}

#[tokio::test]
async fn nobody_is_the_owner_of_what_is_named_as_ones_own_without_a_subject() {
    let bindings = BINDINGS
        .replace("  Person:\n    id: name\n", "  Person:\n    id: name\n    me: me\n")
        .replace("roles: roles", "roles: roles\n  issuer: https://other.example");
    let world = World::with(bindings.leak(), |_| {}).await;
    world.shop.be_odd("GET /people/me", person("ada"));
    assert_eq!(world.code("ada", "GET /people/me").await, "object_not_found");
    assert_eq!(world.code("ada", "GET /people/ada").await, "object_not_found");
}
