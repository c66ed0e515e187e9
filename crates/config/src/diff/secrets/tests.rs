#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::super::Direction::{Neutral, Unknown};
use super::changes;
use crate::tests::world::{World, auth, key};

/// Two folders with the same gateway file, and a secret beside each.
fn folders(gateway: &str, old: Option<&str>, new: Option<&str>) -> Vec<(super::Direction, String)> {
    let mut world = World::new("");
    for (folder, secret) in [("old", old), ("new", new)] {
        world.file(&format!("{folder}/gateway.yaml"), gateway);
        if let Some(secret) = secret {
            world.file(&format!("{folder}/secret"), secret);
        }
    }
    let told = changes(Path::new("old/gateway.yaml"), Path::new("new/gateway.yaml"), &world);
    told.into_iter().map(|change| (change.direction, change.sentence)).collect()
}

const ONE: &str = "0123456789abcdef0123456789abcdef";
const TWO: &str = "fedcba9876543210fedcba9876543210";

#[test]
fn another_secret_is_told_by_where_it_stands_and_by_nothing_of_its_own() {
    let verifying = auth("{ issuer: a, audience: a, secret: \"${file:secret}\" }");
    let of_client = auth(
        "{ introspection: { endpoint: https://a.example/, client_id: a, client_secret: \"${file:secret}\" } }",
    );
    for (gateway, direction, path) in [
        (&verifying, Unknown, "auth.bearerAuth.secret"),
        (&key("{ id: acme, key: \"${file:secret}\" }"), Unknown, "auth.partnerKey.keys[acme].key"),
        (&of_client, Neutral, "auth.bearerAuth.introspection.client_secret"),
    ] {
        let told = folders(gateway, Some(ONE), Some(TWO));
        assert_eq!(told, [(direction, format!("the secret `{path}` is another"))]);
        assert_eq!(folders(gateway, Some(ONE), Some(&format!("{ONE}\n"))), []);
        assert_eq!(folders(gateway, None, None), []);
        let told = folders(gateway, Some(ONE), None);
        assert!(matches!(told.as_slice(), [(found, _)] if *found == direction), "{told:?}");
    }
}

#[test]
fn another_variable_is_another_secret_unless_both_hold_the_same() {
    let of = |name: &str| auth(&format!("{{ issuer: a, audience: a, secret: \"${{env:{name}}}\" }}"));
    let mut world = World::new("");
    world.file("old.yaml", &of("SECRET"));
    world.file("new.yaml", &of("OTHER"));
    let told = |world: &World| changes(Path::new("old.yaml"), Path::new("new.yaml"), world);
    let list = told(&world);
    assert_eq!(
        list.first().map(|change| &*change.sentence),
        Some("the secret `auth.bearerAuth.secret` is another")
    );
    world.secret("OTHER", world.variables.get("SECRET").cloned().unwrap().as_str());
    assert_eq!(told(&world), []);
    world.variables.clear();
    let list = told(&world);
    assert!(list.first().unwrap().sentence.contains("comes from elsewhere"), "{list:?}");
}
