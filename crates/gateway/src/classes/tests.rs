#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use model::{Caller, Credential, CredentialKind, Names, TokenIdentity};

use super::Classes;
use crate::pipeline::testing::{ORDERS, api, description, settings};
use crate::settings::{Class, Declared, Importance, Settings};

fn class(name: &str, importance: Importance) -> Class {
    Class { importance, ..Class::plain(name) }
}

fn of(settings: &Settings, operation: &str) -> Classes {
    let api = &settings.apis[0];
    Classes::of(settings, api, api.description.operation(operation).map(|one| &**one))
}

fn name(classes: &Classes, caller: Option<&Caller>) -> String {
    classes.of_request(caller).map_or_else(String::new, |class| class.name.to_string())
}

fn caller(client: &str, scope: &str) -> Caller {
    let scopes = [Arc::from(scope)].into();
    Caller { client: Some(client.into()), scopes, ..Caller::anonymous() }
}

#[test]
fn an_operation_is_in_the_class_that_is_said_nearest_to_it() {
    let text = ORDERS
        .replace("{operationId: listOrders,", "{operationId: listOrders, x-bartizan: {class: own, cost: 7},")
        .replace("info:", "x-bartizan: {class: root, cost: 3}\ninfo:");
    let mut orders = api("orders", 9);
    orders.description = description(text.leak());
    orders.declared.insert("createOrder".into(), Declared { class: Some("file".into()), cost: None });
    let mut settings = settings(vec![orders]);
    settings.classes = ["file", "own", "root"].map(|name| Arc::new(class(name, Importance::Normal))).into();
    for (operation, expected, cost) in
        [("createOrder", "file", 3), ("listOrders", "own", 7), ("getOrder", "root", 3)]
    {
        let classes = of(&settings, operation);
        assert_eq!((name(&classes, None).as_str(), classes.cost), (expected, cost), "{operation}");
    }
}

#[test]
fn a_class_may_list_operations_and_apis_and_the_operation_comes_first() {
    let mut settings = settings(vec![api("orders", 9)]);
    let all = Class { apis: vec!["orders".into()], ..Class::plain("all") };
    let one = Class { operations: vec!["getOrder".into()], ..Class::plain("one") };
    settings.classes = vec![Arc::new(all), Arc::new(one)];
    assert_eq!(name(&of(&settings, "getOrder"), None), "one");
    assert_eq!(name(&of(&settings, "listOrders"), None), "all");
    assert_eq!(name(&of(&settings, "unmatched"), None), "all");
    settings.classes.remove(0);
    assert_eq!(name(&of(&settings, "listOrders"), None), "");
}

#[test]
fn the_callers_class_is_the_requests_and_a_client_goes_before_a_scope() {
    let mut settings = settings(vec![api("orders", 9)]);
    let operation = Class { operations: vec!["getOrder".into()], ..class("form", Importance::Normal) };
    let batch = Class { scopes: vec!["bulk".into()], ..class("batch", Importance::Low) };
    let partner = Class { clients: vec!["acme".into()], ..class("partner", Importance::High) };
    settings.classes = vec![Arc::new(operation), Arc::new(batch), Arc::new(partner)];
    let classes = of(&settings, "getOrder");
    for (client, scope, expected, importance) in [
        ("acme", "bulk", "partner", Importance::High),
        ("other", "bulk", "batch", Importance::Low),
        ("other", "read", "form", Importance::Normal),
    ] {
        let caller = caller(client, scope);
        assert_eq!(name(&classes, Some(&caller)), expected);
        assert_eq!(classes.importance(Some(&caller)), importance);
    }
    assert_eq!(name(&classes, None), "form");
    assert_eq!(Classes::default().importance(None), Importance::Normal);
}

/// A credential of an issuer that names this client.
fn credential(issuer: Option<&str>, names: Option<&str>) -> Credential {
    let identity = |issuer: &str| TokenIdentity {
        sha256: [0; 32],
        signed_sha256: None,
        issuer: issuer.into(),
        jti: None,
    };
    Credential {
        kind: if issuer.is_some() { CredentialKind::Jwt } else { CredentialKind::ApiKey },
        scheme: "s".into(),
        id: "c".into(),
        expires_unix_s: None,
        token: issuer.map(|issuer| Arc::new(identity(issuer))),
        names: names.map(|client| Arc::new(Names { client: Some(client.into()), ..Names::default() })),
    }
}

#[test]
fn a_class_with_issuers_takes_only_their_callers() {
    let mut settings = settings(vec![api("orders", 9)]);
    let issuers = || vec!["https://one.example".to_owned()];
    let partner = Class { clients: vec!["acme".into()], issuers: issuers(), ..Class::plain("partner") };
    let batch = Class { scopes: vec!["bulk".into()], issuers: issuers(), ..Class::plain("batch") };
    settings.classes = vec![Arc::new(partner), Arc::new(batch)];
    let classes = of(&settings, "getOrder");
    let (one, two) = (Some("https://one.example"), Some("https://two.example"));
    for (client, credentials, expected) in [
        ("acme", vec![credential(one, None)], "partner"),
        ("other", vec![credential(one, None)], "batch"),
        ("acme", vec![credential(two, None)], ""),
        ("other", vec![credential(two, None)], ""),
        // An API key of that name has no issuer.
        ("acme", vec![credential(None, None)], ""),
        // Another issuer's token beside it changes nothing, and lends nothing.
        ("acme", vec![credential(one, Some("acme")), credential(two, Some("b"))], "partner"),
        ("acme", vec![credential(two, Some("acme")), credential(one, Some("b"))], ""),
        ("acme", vec![credential(one, Some("acme")), credential(two, Some("acme"))], ""),
        ("acme", vec![credential(None, Some("acme")), credential(one, Some("acme"))], ""),
    ] {
        let caller = Caller { credentials, ..caller(client, "bulk") };
        assert_eq!(name(&classes, Some(&caller)), expected, "{client} {:?}", caller.credentials);
    }
}
