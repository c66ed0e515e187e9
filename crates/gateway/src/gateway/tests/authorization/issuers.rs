//! Two issuers that call two people the same.

use serde_json::json;

use super::{Answer, BINDINGS, ISSUER, World};
use crate::settings::{Authenticator, AuthenticatorKind, Settings};

const OTHER: &str = "https://other.example";

/// The API trusts tokens of another issuer too; here it signs with the same key.
fn trust_another(settings: &mut Settings) {
    let schemes = settings.apis[0].authenticators.get_mut("bearer").unwrap();
    let AuthenticatorKind::Jwt(jwt) = &schemes[0].kind else { panic!("no JWT") };
    let jwt = crate::settings::Jwt { issuer: OTHER.into(), ..jwt.clone() };
    schemes.push(Authenticator { place: None, kind: AuthenticatorKind::Jwt(jwt) });
}

async fn world(principals: &str) -> World {
    let bindings = BINDINGS.replace("roles: roles", &format!("roles: roles\n{principals}"));
    World::with(bindings.leak(), trust_another).await
}

async fn as_one(
    world: &World,
    name: &str,
    more: &[(&str, serde_json::Value)],
    line: &str,
    body: &str,
) -> Answer {
    let (method, target) = line.split_once(' ').unwrap();
    let token = world.token(name, more);
    let mut headers = vec![("authorization", token.as_str())];
    headers.extend((!body.is_empty()).then_some(("content-type", "application/json")));
    world.stand.send(method, target, &headers, body).await
}

#[tokio::test]
async fn whom_another_issuer_calls_like_an_owner_owns_nothing() {
    let world = world(&format!("  issuer: {ISSUER}")).await;
    let foreign = [("iss", json!(OTHER))];
    for line in ["GET /orders/1", "GET /plain/1", "GET /listed/1", "GET /people/ada", "DELETE /orders/1"] {
        assert_eq!(as_one(&world, "ada", &foreign, line, "").await.status, 404, "{line}");
    }
    let body = r#"{"owner":"ada","org":"acme"}"#;
    assert_eq!(as_one(&world, "ada", &foreign, "PUT /orders/1", body).await.status, 404);
    assert_eq!(as_one(&world, "ada", &foreign, "POST /orders", body).await.code(), "property_denied");
    assert!(world.shop.order(1).is_some());
    // The API lists what is of the name; none of it is shown.
    let list = as_one(&world, "ada", &foreign, "GET /orders", "").await;
    assert_eq!(list.body, br#"{"items":[]}"#[..]);
    for line in ["GET /orders/1", "GET /plain/1", "GET /listed/1", "GET /people/ada", "DELETE /orders/1"] {
        assert_eq!(world.code("ada", line).await, "200", "{line}");
    }
}

#[tokio::test]
async fn issuers_that_are_named_together_mean_the_same_people() {
    let world = world(&format!("  issuer: [{ISSUER}, {OTHER}]")).await;
    let line = "GET /plain/1";
    assert_eq!(as_one(&world, "ada", &[("iss", json!(OTHER))], line, "").await.status, 200);
    assert_eq!(as_one(&world, "ben", &[("iss", json!(OTHER))], line, "").await.status, 404);
}

#[tokio::test]
async fn a_client_that_is_called_like_an_owner_owns_only_where_clients_do() {
    let client = [("sub", serde_json::Value::Null), ("client_id", json!("ada"))];
    for (principals, status) in [("", 404), ("  clients_own: true", 200)] {
        let world = world(principals).await;
        let answer = as_one(&world, "nobody", &client, "GET /plain/1", "").await;
        assert_eq!(answer.status, status, "{principals}");
    }
}

#[tokio::test]
async fn what_was_learned_of_one_issuers_people_says_nothing_of_anothers() {
    let learned =
        "getPlain: { action: read, object: { type: Order, id: path.id }, evidence: [learned], safe: true }";
    let resolved =
        "getPlain: { action: read, object: { type: Order, id: path.id }, evidence: [resolver], safe: true }";
    let bindings = BINDINGS.replace(resolved, learned);
    assert!(bindings.contains(learned));
    // A configuration cannot say this: it would have to name the owners' issuer.
    let world = World::with(bindings.leak(), trust_another).await;
    let made = as_one(&world, "ada", &[], "POST /orders", r#"{"owner":"ada","org":"acme"}"#).await;
    let id = serde_json::from_slice::<serde_json::Value>(&made.body).unwrap()["id"].clone();
    let line = format!("GET /plain/{id}");
    assert_eq!(as_one(&world, "ada", &[], &line, "").await.status, 200);
    assert_eq!(as_one(&world, "ada", &[("iss", json!(OTHER))], &line, "").await.status, 404);
}

#[tokio::test]
async fn policies_see_who_verified_a_caller() {
    let bindings = BINDINGS.replace("roles: roles", &format!("roles: roles\n  issuer: {ISSUER}"));
    let policies = format!(
        "@id(\"partners\") permit (principal is User, action == Action::\"getPlain\", resource) when {{ principal.issuer == \"{OTHER}\" }};"
    );
    let text = bytes::Bytes::from(format!("{}\n{policies}", policy::cedar::BUILT_IN));
    let bindings: &'static str = bindings.leak();
    let world = World::with(bindings, |settings| {
        trust_another(settings);
        let policies = [("own.cedar".into(), text)];
        let description = &settings.apis[0].description;
        settings.apis[0].authorization = Some(super::authorize_by(bindings, &policies, description).unwrap());
    })
    .await;
    assert_eq!(as_one(&world, "zoe", &[("iss", json!(OTHER))], "GET /plain/1", "").await.status, 200);
    assert_eq!(as_one(&world, "zoe", &[], "GET /plain/1", "").await.status, 404);
}
