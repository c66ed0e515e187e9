#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::{Options, file};
use crate::tests::world::{ORDERS, World};

fn written(description: &str, options: &Options) -> (String, World) {
    let mut world = World::default();
    world.file("orders.yaml", description);
    let (text, findings, _) = file(Path::new("orders.yaml"), Path::new(""), options, &world);
    assert!(!findings.iter().any(model::Finding::is_error), "{findings:?}");
    let text = text.unwrap();
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
    assert_eq!(world.configuration().settings.apis.first().map(|api| api.upstream.port), Some(4000));
}

#[test]
fn a_title_cannot_break_out_of_its_comment() {
    let hostile = ORDERS.replace("title: Orders", "title: \"Orders\\nlisten: 0.0.0.0:1\"");
    let (text, world) = written(&hostile, &Options::default());
    assert!(!text.lines().any(|line| line.starts_with("listen: 0.0.0.0")), "{text}");
    world.configuration();
}
