//! What the bindings say of callers and types, each seen in what is answered: a seal as evidence, objects that the API
//! keeps for each caller apart, claims within others.

use std::sync::Arc;

use model::Secret;
use policy::sealing::{Audience, Key, Keys, Seal};
use serde_json::{Value, json};

use super::{BINDINGS, World};

fn keys() -> Keys {
    Keys::new(vec![Key { number: 1, secret: Secret::new(vec![7; 32]) }]).unwrap()
}

/// With `resource` as a type `Thing` whose objects `getPlain` shows.
fn bindings(resource: &str, evidence: &str) -> &'static str {
    let plain =
        "getPlain: { action: read, object: { type: Order, id: path.id }, evidence: [resolver], safe: true }";
    assert!(BINDINGS.contains(plain));
    let thing =
        format!("getPlain: {{ action: read, object: {{ type: Thing, id: path.id }}{evidence}, safe: true }}");
    let text = BINDINGS
        .replace(plain, &thing)
        .replace("operations:\n", &format!("  Thing: {resource}\noperations:\n"));
    text.leak()
}

#[tokio::test]
async fn a_seal_shows_whose_tenant_an_object_is_of_and_nothing_more() {
    let thing = "{ id: id, tenant: { property: $.org }, owner: { from: none }, seal: thing }";
    let rule = r#"@id("things") permit (principal is User, action == Action::"getPlain", resource);"#;
    let seal = Seal { prefix: "thing".into(), shared: false };
    for (evidence, status) in [(", evidence: [sealed, response]", 200), (", evidence: []", 404)] {
        let text = bytes::Bytes::from(format!("{}\n{rule}", policy::cedar::BUILT_IN));
        let bindings = bindings(thing, evidence);
        let world = World::with(bindings, |settings| {
            let api = &mut settings.apis[0];
            let policies = [(Arc::from("own.cedar"), text)];
            api.authorization = Some(super::authorize_by(bindings, &policies, &api.description).unwrap());
            api.sealing = Some(Arc::new(keys()));
        })
        .await;
        let keys = keys();
        let of = |tenant| {
            let sealed = keys.sealer("orders", "Thing", &seal, Audience::Tenant(tenant)).seal("101").unwrap();
            format!("GET /plain/{sealed}")
        };
        // Of the tenant `acme`, as ben is, and `umbra`, as cem is.
        for (name, line, expected) in [
            ("ada", of("acme"), status),
            ("ben", of("acme"), status),
            ("cem", of("acme"), 404),
            ("cem", of("umbra"), status),
            ("ada", "GET /plain/101".to_owned(), 404),
        ] {
            let answer = world.ask(name, &line).await;
            assert_eq!(answer.status, expected, "{name} {evidence}");
            if status == 200 && name == "ada" && expected == 200 {
                let decided = world.record(&answer).await.authorization.unwrap();
                assert_eq!(
                    (&*decided.evidence[0].source, &*decided.evidence[0].outcome),
                    ("sealed", "found")
                );
            }
        }
    }
}

#[tokio::test]
async fn what_the_api_keeps_for_each_caller_apart_is_the_callers_whatever_is_named() {
    for (apart, code) in [(", per_caller: true", "200"), ("", "object_not_found")] {
        let thing = format!("{{ id: id, tenant: {{ from: principal }}{apart} }}");
        let world = World::with(bindings(&thing, ""), |_| {}).await;
        for id in [1, 101, 201] {
            assert_eq!(world.code("ada", &format!("GET /plain/{id}")).await, code, "{apart} {id}");
        }
    }
}

#[tokio::test]
async fn claims_are_read_where_they_stand_within_others() {
    let changes = [
        ("  roles: roles\n", "  roles: $.realm.roles\n  subject: $.person.name\n"),
        ("evidence: [{ claim: sub }]", "evidence: [{ claim: $.person.name }]"),
    ];
    let mut text = BINDINGS.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let world = World::with(text.leak(), |_| {}).await;
    let more = [("person", json!({ "name": "ada" })), ("realm", json!({ "roles": ["admin"] }))];
    let send = async |more: &[(&str, Value)], line: &str| {
        let (method, target) = line.split_once(' ').unwrap();
        let token = world.token("somebody", more);
        world.stand.send(method, target, &[("authorization", token.as_str())], "").await
    };
    for (line, status) in
        [("GET /plain/1", 200), ("GET /plain/101", 404), ("GET /people/ada", 200), ("POST /admin/purge", 200)]
    {
        assert_eq!(send(&more, line).await.status, status, "{line}");
        assert!(send(&[("roles", json!("admin"))], line).await.status >= 400, "{line} without these claims");
    }
}
