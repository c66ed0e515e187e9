#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use model::Code;
use serde_json::json;
use token::Signer;

use super::FailedAuthentications;
use crate::check::Check;
use crate::checks::identify::Identify;
use crate::checks::table::{
    NOW_S, Table, api_keys, bearer, code, configured, exchange, from_address, refused, sign,
};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::settings::{AuthenticatorKind, FailedAuthentications as Settings};

fn table(count: u64, signer: &Signer) -> Table {
    let mut table = Table::new()
        .authenticate("bearer", AuthenticatorKind::Jwt(configured(signer)))
        .authenticate("key", api_keys("one", true));
    table.settings.failed_authentications = Settings { count, window: Duration::from_secs(60) };
    table
}

/// Shows the request to Identify `times` times, and says whether its address is refused then.
fn is_limited_after(times: usize, request: &Exchange) -> bool {
    let signer = Signer::generate("k").unwrap();
    let table = table(3, &signer);
    let (identify, check): (Identify, FailedAuthentications) =
        (table.prepare("either"), table.prepare("any"));
    for _ in 0..times {
        let _ = identify.step(request, &Answers::default());
    }
    code(check.step(request, &Answers::default())).is_some()
}

#[test]
fn an_address_is_refused_after_too_many_false_credentials_and_not_before() {
    let false_token = sign(&Signer::generate("k").unwrap(), &json!({}));
    for request in [bearer(&false_token), bearer("nonsense"), exchange(&[("x-api-key", "guess")])] {
        assert!(!is_limited_after(2, &request));
        assert!(is_limited_after(3, &request));
    }
    assert!(!is_limited_after(50, &exchange(&[])), "a missing credential is no guess");
}

#[test]
fn an_expired_token_with_a_good_signature_is_no_guess_and_one_with_a_bad_signature_is() {
    let (signer, other) = (Signer::generate("k").unwrap(), Signer::generate("k").unwrap());
    let expired = json!({ "exp": NOW_S - 100 });
    for (token, expected) in
        [(sign(&signer, &expired), None), (sign(&other, &expired), Some(Code::AuthenticationLimited))]
    {
        let table = table(3, &signer);
        let (identify, check): (Identify, FailedAuthentications) =
            (table.prepare("any"), table.prepare("any"));
        for _ in 0..10 {
            assert!(code(identify.step(&bearer(&token), &Answers::default())).is_some());
        }
        assert_eq!(code(check.step(&bearer(&token), &Answers::default())), expected);
    }
}

#[test]
fn others_are_not_refused_and_the_address_recovers() {
    let signer = Signer::generate("k").unwrap();
    let table = table(3, &signer);
    let (identify, check): (Identify, FailedAuthentications) = (table.prepare("any"), table.prepare("any"));
    for _ in 0..5 {
        let _ = identify.step(&bearer("nonsense"), &Answers::default());
    }
    let refusal = refused(check.step(&bearer("nonsense"), &Answers::default()));
    assert_eq!((refusal.code, refusal.retry_after_s), (Code::AuthenticationLimited, Some(60)));
    assert_eq!(code(check.step(&from_address("192.0.2.9"), &Answers::default())), None);
    table.clock.advance_ms(60_000);
    assert_eq!(code(check.step(&bearer("nonsense"), &Answers::default())), None);
}

#[test]
fn one_credential_that_is_sent_again_and_again_locks_out_itself_and_not_its_neighbours() {
    let signer = Signer::generate("k").unwrap();
    let table = table(3, &signer);
    let (identify, check): (Identify, FailedAuthentications) = (table.prepare("any"), table.prepare("any"));
    for _ in 0..50 {
        let _ = identify.step(&bearer("broken"), &Answers::default());
    }
    assert_eq!(code(check.step(&bearer("broken"), &Answers::default())), Some(Code::AuthenticationLimited));
    let good = bearer(&sign(&signer, &json!({})));
    assert_eq!(code(check.step(&good, &Answers::default())), None, "a neighbour behind the same address");
    assert_eq!(code(check.step(&exchange(&[]), &Answers::default())), None);
    // A guess is another credential each time.
    for guess in ["one", "two"] {
        let _ = identify.step(&bearer(guess), &Answers::default());
    }
    assert_eq!(code(check.step(&good, &Answers::default())), Some(Code::AuthenticationLimited));
}

#[test]
fn the_count_is_the_configured_one_and_not_zero() {
    let signer = Signer::generate("k").unwrap();
    let table = table(1, &signer);
    let (identify, check): (Identify, FailedAuthentications) = (table.prepare("any"), table.prepare("any"));
    let _ = identify.step(&bearer("nonsense"), &Answers::default());
    assert!(code(check.step(&bearer("nonsense"), &Answers::default())).is_some());
    assert!(self::table(0, &signer).try_prepare::<FailedAuthentications>("any").is_err());
}
