#![allow(clippy::unwrap_used)]

use std::path::Path;

use gateway::settings::AuthenticatorKind;

use super::{First, Options, file};
use crate::tests::world::{ORDERS, World};

fn written(description: &str, options: &Options) -> (String, World) {
    let mut world = World::default();
    world.file("orders.yaml", description);
    let (text, findings, _) = file(Path::new("orders.yaml"), Path::new(""), options, &world);
    assert!(!findings.iter().any(model::Finding::is_error), "{findings:?}");
    let text = text.unwrap().text;
    world.file("gateway.yaml", &text);
    (text, world)
}

#[test]
fn the_first_file_is_good_once_its_secrets_exist() {
    let partner = ORDERS.replace("{ bearerAuth: [orders.write] }", "{ partnerKey: [] }");
    let (text, mut world) = written(&partner, &Options::default());
    assert!(text.contains("TODO"), "{text}");
    let codes: Vec<_> = world.read().1.into_iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["B2011"]);
    world.secret("ORDERS_KEY", "0123456789abcdef0123456789abcdef");
    assert_eq!(world.read().1, []);
    assert_eq!(world.configuration().settings.apis.first().map(|api| &*api.name), Some("orders"));
}

#[test]
fn what_is_known_is_not_a_todo() {
    let options = Options {
        name: Some("shop".to_owned()),
        upstream: Some("http://127.0.0.1:4000".to_owned()),
        issuer: Some("https://issuer.example".to_owned()),
        audience: Some("shop".to_owned()),
        listen: Some("127.0.0.1:4001".to_owned()),
    };
    let (text, world) = written(ORDERS, &options);
    assert_eq!(world.configuration().settings.listeners.first().map(|one| one.address.port()), Some(4001));
    assert_eq!(text.matches("TODO").count(), 1, "{text}");
    assert_eq!(
        world.configuration().settings.apis.first().map(|api| api.upstream.targets[0].port),
        Some(4000)
    );
}

#[test]
fn a_title_cannot_break_out_of_its_comment() {
    let hostile = ORDERS.replace("title: Orders", "title: \"Orders\\nlisten: 0.0.0.0:1\"");
    let (text, world) = written(&hostile, &Options::default());
    assert!(!text.lines().any(|line| line.starts_with("listen: 0.0.0.0")), "{text}");
    world.configuration();
}

#[test]
fn schemes_that_nothing_can_enforce_leave_auth_out() {
    for scheme in ["{ type: apiKey, in: query, name: key }", "{ type: http, scheme: basic }"] {
        let only = ORDERS.replace("{ type: http, scheme: bearer }", scheme);
        let (text, world) = written(&only, &Options::default());
        assert!(text.contains("# TODO: nothing can enforce bearerAuth") && !text.contains("auth:"), "{text}");
        let codes: Vec<_> = world.read().1.into_iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["B2107"], "{text}");
    }
}

#[test]
fn a_key_in_authorization_is_taken_for_a_token() {
    let only =
        ORDERS.replace("{ type: http, scheme: bearer }", "{ type: apiKey, in: header, name: authorization }");
    let (text, world) = written(&only, &Options::default());
    let scheme = text.lines().skip_while(|line| !line.contains("bearerAuth:")).nth(1).unwrap();
    assert!(scheme.starts_with("    issuer: "), "{text}");
    world.configuration();
}

#[test]
fn keys_do_not_authorize_alone_until_somebody_says_so() {
    let partner = ORDERS.replace("{ bearerAuth: [orders.write] }", "{ partnerKey: [] }");
    let (text, mut world) = written(&partner, &Options::default());
    world.secret("ORDERS_KEY", "0123456789abcdef0123456789abcdef");
    let authorizing = |world: &World| {
        let settings = world.configuration().settings;
        let authenticators = settings.apis.first().unwrap().authenticators.get("partnerKey").unwrap().clone();
        match authenticators.first().map(|authenticator| authenticator.kind.clone()) {
            Some(AuthenticatorKind::ApiKeys(keys)) => keys.keys.iter().any(|key| key.authorizes),
            _ => unreachable!("{text}"),
        }
    };
    assert!(!authorizing(&world), "{text}");
    // The line is right once its mark is taken away.
    world.file("gateway.yaml", &text.replace("# authorizes", "authorizes"));
    assert!(authorizing(&world), "{text}");
}

#[test]
fn operations_without_security_are_counted() {
    let remark = |description: &str| {
        let mut world = World::default();
        world.file("orders.yaml", description);
        let options = Options::default();
        file(Path::new("orders.yaml"), Path::new(""), &options, &world).0.unwrap().remark()
    };
    assert_eq!(remark(ORDERS), None);
    let one = ORDERS.replace("      security: []\n", "");
    assert!(
        remark(&one)
            .unwrap()
            .starts_with("1 operation says nothing about who may call it and will be refused (B2101)")
    );
    let two = one.replace("      security: [{ bearerAuth: [orders.read] }]\n", "");
    assert!(
        remark(&two)
            .unwrap()
            .starts_with("2 operations say nothing about who may call them and will be refused")
    );
}

#[test]
fn one_place_is_not_places() {
    let first = |todo| First { text: String::new(), todo, silent: 0 };
    assert_eq!(first(1).places(), "1 place is marked TODO");
    assert_eq!(first(0).places(), "0 places are marked TODO");
}
