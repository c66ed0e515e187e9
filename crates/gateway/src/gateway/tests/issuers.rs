use std::sync::Arc;
use std::time::Duration;

use token::Algorithm;

use super::stand::Stand;
use crate::fetches::FetchFaultKind;
use crate::settings::{Authenticator, AuthenticatorKind, Jwt, KeySource};

pub(super) fn jwt(issuer: &str, keys: KeySource) -> Jwt {
    Jwt {
        issuer: issuer.into(),
        audiences: vec!["orders".to_owned()],
        algorithms: Algorithm::ASYMMETRIC.to_vec(),
        keys,
        token_lifetime_max: None,
        leeway: Duration::from_secs(30),
        types: vec!["jwt".to_owned()],
        legacy_token: false,
        required_claims: Vec::new(),
        subject_claim: None,
    }
}

#[tokio::test]
async fn an_issuer_whose_keys_cannot_be_fetched_shows_in_status_and_metrics() {
    let stand = Stand::new(&[], |settings| {
        let uri = "http://login.example/keys?secret=s3cr3t".to_owned();
        let jwt = jwt("https://login.example", KeySource::JwksUri(uri));
        let authenticator = Authenticator { place: None, kind: AuthenticatorKind::Jwt(jwt) };
        settings.apis[0].authenticators.insert(Arc::from("bearerAuth"), vec![authenticator]);
    })
    .await;
    // The upkeep fetches when it begins; whether it has begun is not for us to know.
    let mut fetches = Vec::new();
    for _ in 0..12_000 {
        fetches = stand.gateway.status().fetches;
        if !fetches.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let fetch = fetches.first().expect("nothing was fetched");
    assert_eq!((fetch.what, &*fetch.issuer), ("keys", "https://login.example"));
    assert_eq!(fetch.source, "http://login.example/keys");
    assert!(fetch.failing);
    assert_eq!(fetch.last_failure, Some(FetchFaultKind::Forbidden));
    let metrics = stand.gateway.metrics();
    let line = "bartizan_fetch_failures_total{what=\"keys\",issuer=\"https://login.example\",source=\"http://login.example/keys\",kind=\"forbidden\"} 1";
    assert!(metrics.contains(line), "{metrics}");
    assert!(!metrics.contains("s3cr3t"), "{metrics}");
}

#[tokio::test]
async fn open_connections_are_counted_by_listener() {
    let stand = Stand::new(&[], |_| {}).await;
    stand.get("/orders").await;
    assert_eq!(stand.gateway.status().connections_open, 1);
    let line = format!("bartizan_connections_open{{listener=\"{}\"}} 1", stand.address);
    let metrics = stand.gateway.metrics();
    assert!(metrics.contains(&line), "{metrics}");
    assert!(metrics.contains("bartizan_limit_keys 0"), "{metrics}");
}
