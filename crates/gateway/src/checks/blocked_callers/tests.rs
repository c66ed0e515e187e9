#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use model::{Caller, Code, Names, Principal};
use serde_json::json;
use token::Signer;

use super::BlockedCallers;
use crate::blocks::{By, End, Target, TokenName, Wanted};
use crate::check::Check;
use crate::checks::identify::Identify;
use crate::checks::table::{
    ISSUER, Table, api_keys, bearer, caller, code, configured, exchange, sign, with_caller,
};
use crate::question::Answers;
use crate::settings::AuthenticatorKind;

fn block(table: &Table, target: Target) {
    let wanted =
        Wanted { target, reason: "drill".into(), by: By::default(), end: End::ForMs(60_000), drill: false };
    table.shared.blocks.add(vec![wanted], false).unwrap();
}

fn said(table: &Table, operation: &str, caller: &Caller) -> Option<Code> {
    let check: BlockedCallers = table.prepare(operation);
    code(check.step(&with_caller(caller.clone()), &Answers::default()))
}

/// Who Identify says it is; a token is remembered from the first time on.
fn identified(table: &Table, token: &str) -> Caller {
    let check: Identify = table.prepare("any");
    for _ in 0..2 {
        caller(check.step(&bearer(token), &Answers::default()));
    }
    assert_eq!(table.shared.tokens.len(), 1, "remembered");
    caller(check.step(&bearer(token), &Answers::default()))
}

fn hex(text: &str) -> Arc<str> {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

#[test]
fn each_name_of_a_caller_is_refused_and_no_other_caller_is() {
    let signer = Signer::generate("k").unwrap();
    let token = sign(&signer, &json!({}));
    let (signed, _) = token.rsplit_once('.').unwrap();
    let issuer: Arc<str> = ISSUER.into();
    let of = |token| Target { token: Some(token), ..Target::default() };
    let subject = |subject: &str| Target {
        principal: Some(Principal { issuer: Arc::clone(&issuer), subject: subject.into() }),
        ..Target::default()
    };
    let id = |issuer: &str, jti: &str| of(TokenName::Id { issuer: issuer.into(), jti: jti.into() });
    let client = |name: &str| Target { client: Some(name.into()), ..Target::default() };
    let cases = [
        (of(TokenName::Sha256(hex(&token))), true),
        (of(TokenName::Sha256(hex(signed))), true),
        (of(TokenName::Sha256(hex("another"))), false),
        (id(&issuer, "token-1"), true),
        (id("https://other.example", "token-1"), false),
        (subject("ada"), true),
        (subject("eve"), false),
        (client("shop"), true),
        (client("desk"), false),
        (Target { key: Some("token-1".into()), ..Target::default() }, false),
        (Target { api: Some("orders".into()), operation: Some("any".into()), ..client("shop") }, true),
        (Target { api: Some("orders".into()), operation: Some("key".into()), ..client("shop") }, false),
        (Target { network: Some("192.0.2.0/24".parse().unwrap()), ..client("shop") }, true),
        (Target { network: Some("198.51.100.0/24".parse().unwrap()), ..client("shop") }, false),
        (Target { principal: subject("ada").principal, ..client("desk") }, false),
    ];
    for (target, refused) in cases {
        let table = Table::new().authenticate("bearer", AuthenticatorKind::Jwt(configured(&signer)));
        let caller = identified(&table, &token);
        assert_eq!(said(&table, "any", &caller), None);
        block(&table, target.clone());
        assert_eq!(said(&table, "any", &caller), refused.then_some(Code::Blocked), "{target}");
        assert_eq!(said(&table, "any", &Caller::anonymous()), None, "{target}");
    }
}

#[test]
fn a_key_is_refused_by_its_id_and_not_by_its_clients_name() {
    let table = Table::new().authenticate("key", api_keys("one", true));
    let check: Identify = table.prepare("key");
    let caller = caller(check.step(&exchange(&[("x-api-key", "key-one")]), &Answers::default()));
    block(&table, Target { key: Some("client-one".into()), ..Target::default() });
    assert_eq!(said(&table, "key", &caller), None);
    block(&table, Target { key: Some("one".into()), ..Target::default() });
    assert_eq!(said(&table, "key", &caller), Some(Code::Blocked));
}

#[test]
fn of_a_token_and_a_key_each_is_refused_by_what_it_names() {
    let signer = Signer::generate("k").unwrap();
    let mut keys = api_keys("one", true);
    if let AuthenticatorKind::ApiKeys(keys) = &mut keys {
        keys.keys[0].tenant = Some("acme".into());
    }
    let mut table = Table::new()
        .authenticate("bearer", AuthenticatorKind::Jwt(configured(&signer)))
        .authenticate("key", keys);
    table.settings.tenant_claim = Some("org".into());
    let token = format!("Bearer {}", sign(&signer, &json!({ "org": "umbrella" })));
    let check: Identify = table.prepare("both");
    let both = exchange(&[("authorization", &token), ("x-api-key", "key-one")]);
    let caller = caller(check.step(&both, &Answers::default()));
    assert_eq!(said(&table, "both", &caller), None);
    let client = |name: &str| Target { client: Some(name.into()), ..Target::default() };
    let tenant = |name: &str| Target { tenant: Some(name.into()), ..Target::default() };
    let eve = Principal { issuer: ISSUER.into(), subject: "eve".into() };
    for (target, refused) in [
        (client("shop"), true),
        (client("client-one"), true),
        (client("desk"), false),
        (tenant("umbrella"), true),
        (tenant("acme"), true),
        (tenant("other"), false),
        (
            Target {
                principal: Some(Principal { subject: "ada".into(), ..eve.clone() }),
                ..client("client-one")
            },
            true,
        ),
        (Target { principal: Some(eve.clone()), ..client("client-one") }, false),
    ] {
        let lasting = Table { settings: table.settings.clone(), ..Table::new() };
        block(&lasting, target.clone());
        assert_eq!(said(&lasting, "both", &caller), refused.then_some(Code::Blocked), "{target}");
    }
    // A second token names a second principal.
    let mut two = caller.clone();
    two.credentials[1].names = Some(Arc::new(Names { principal: Some(eve.clone()), ..Names::default() }));
    block(&table, Target { principal: Some(eve), ..Target::default() });
    assert_eq!(said(&table, "both", &caller), None);
    assert_eq!(said(&table, "both", &two), Some(Code::Blocked));
    assert!(!serde_json::to_string(&two).unwrap().contains("eve"), "records do not tell it twice");
}

#[test]
fn nobody_is_refused_for_an_address_alone() {
    let table = Table::new();
    block(&table, Target { network: Some("192.0.2.1".parse().unwrap()), ..Target::default() });
    assert_eq!(said(&table, "any", &Caller::anonymous()), None, "the check of requests does that");
}
