#![allow(clippy::unwrap_used)]

use model::{Caller, Code, Credential, CredentialKind};

use super::KeyAlone;
use crate::check::{Check, Step};
use crate::checks::table::{Table, api_keys, code, exchange, with_caller};
use crate::exchange::Exchange;
use crate::question::Answers;

fn with_key(id: &str) -> Exchange {
    let credential = Credential {
        kind: CredentialKind::ApiKey,
        scheme: "key".into(),
        id: id.into(),
        expires_unix_s: None,
        token: None,
        names: None,
    };
    with_caller(Caller { credentials: vec![credential], ..Caller::anonymous() })
}

#[test]
fn a_lonely_key_is_refused_unless_it_authorizes() {
    let table = Table::new()
        .authenticate("key", api_keys("weak", false))
        .authenticate("key", api_keys("strong", true));
    let check: KeyAlone = table.prepare("key");
    assert_eq!(code(check.step(&with_key("weak"), &Answers::default())), Some(Code::KeyNotEnough));
    assert_eq!(code(check.step(&with_key("strong"), &Answers::default())), None);
    assert_eq!(code(check.step(&with_key("gone"), &Answers::default())), Some(Code::KeyNotEnough));
}

#[test]
fn nobody_is_an_error_and_an_api_without_keys_does_without_the_check() {
    let table = Table::new().authenticate("key", api_keys("weak", false));
    let check: KeyAlone = table.prepare("key");
    assert!(matches!(check.step(&exchange(&[]), &Answers::default()), Step::Fail(_)));
    assert!(Table::new().try_prepare::<KeyAlone>("key").unwrap().is_none());
    assert!(table.try_prepare::<KeyAlone>("public").unwrap().is_none());
}
