//! Keys rotate, issuers go down, forgers invent key ids.

use e2e::Issuer;

use crate::Stage;

#[test]
fn a_new_signing_key_is_accepted_without_a_restart() {
    let stage = Stage::set("rotation", "");
    assert_eq!(stage.gateway.client_with(&stage.token()).get("/orders/1").status, 200);
    stage.issuer.rotate("key-2");
    let token = stage.token();
    e2e::eventually("the new key is known", || {
        stage.gateway.client_with(&token).get("/orders/1").status == 200
    });
}

#[test]
fn an_issuer_that_is_down_does_not_lock_out_its_callers() {
    let stage = Stage::set("outage", "");
    let token = stage.token();
    assert_eq!(stage.gateway.client_with(&token).get("/orders/1").status, 200);
    stage.issuer.set_down(true);
    let other = stage.issuer.token("bob", "orders-api", "orders.read");
    assert_eq!(stage.gateway.client_with(&other).get("/orders/1").status, 200);
}

#[test]
fn invented_key_ids_do_not_hammer_the_issuer() {
    let stage = Stage::set("kids", "failed_authentications: 1000/min\n");
    assert_eq!(stage.gateway.client_with(&stage.token()).get("/orders/1").status, 200);
    let (before, begun) = (stage.issuer.fetches(), std::time::Instant::now());
    for number in 0..50 {
        let forger = token::Signer::generate(&format!("invented-{number}")).unwrap();
        let claims = stage.issuer.claims("alice", "orders-api", "orders.read");
        let answer = stage.gateway.client_with(&forger.sign("at+jwt", &claims).unwrap()).get("/orders/1");
        assert_eq!((answer.status, answer.code().as_str()), (401, "token_key_unknown"));
    }
    // One, and another every ten seconds.
    let most = 2 + usize::try_from(begun.elapsed().as_secs() / 10).unwrap();
    assert!(stage.issuer.fetches() - before <= most, "{} fetches", stage.issuer.fetches() - before);
}

#[test]
fn an_issuer_that_was_never_reached_refuses_with_503() {
    // From before the gateway, which asks for keys as soon as it runs.
    let issuer = Issuer::start();
    issuer.set_down(true);
    let stage = Stage::of("never", "", issuer);
    let answer = stage.gateway.client_with(&stage.token()).get("/orders/1");
    assert_eq!((answer.status, answer.code().as_str()), (503, "keys_unavailable"));
}
