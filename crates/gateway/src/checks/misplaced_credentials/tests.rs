#![allow(clippy::unwrap_used)]

use model::Code;

use super::{CREDENTIAL_NAMES, MisplacedCredentials};
use crate::check::Check;
use crate::checks::table::{Table, code, exchange, refused};
use crate::exchange::Exchange;
use crate::question::Answers;

fn query(query: &str) -> Exchange {
    let mut exchange = exchange(&[]);
    exchange.route.query = Some(query.to_owned());
    exchange
}

fn said(operation: &str, exchange: &Exchange) -> Option<Code> {
    code(Table::new().prepare::<MisplacedCredentials>(operation).step(exchange, &Answers::default()))
}

#[test]
fn credentials_in_the_query_are_refused_however_they_are_spelled() {
    for name in CREDENTIAL_NAMES {
        assert_eq!(
            said("any", &query(&format!("a=1&{name}=secret"))),
            Some(Code::CredentialMisplaced),
            "{name}"
        );
    }
    for spelling in [
        "Access_Token=x",
        "ACCESS-TOKEN=x",
        "access%5Ftoken=x",
        "access_token",
        "access_token[]=x",
        "a=1&&token[x]=1",
        "%61pi_key=x",
        "Api-Key=x",
        "+token=x",
    ] {
        assert_eq!(said("any", &query(spelling)), Some(Code::CredentialMisplaced), "{spelling}");
        assert_eq!(said("unmatched", &query(spelling)), Some(Code::CredentialMisplaced), "{spelling}");
    }
    for harmless in ["", "a=token", "tokens=3", "page_token=x", "key=1", "code=2", "a=b%26token%3D1"] {
        assert_eq!(said("any", &query(harmless)), None, "{harmless}");
    }
}

#[test]
fn a_parameter_that_the_operation_declares_is_a_parameter() {
    for declared in ["token=1", "api-key=1", "Api_Key=1"] {
        assert_eq!(said("declared", &query(declared)), None, "{declared}");
    }
    assert_eq!(said("declared", &query("access_token=1")), Some(Code::CredentialMisplaced));
    assert_eq!(said("declared", &exchange(&[("cookie", "jwt=1")])), None);
    assert_eq!(said("any", &exchange(&[("cookie", "jwt=1")])), Some(Code::CredentialMisplaced));
}

#[test]
fn the_keys_of_the_description_are_refused_outside_their_header() {
    for place in ["X-API-Key=1", "x_api_key=1", "legacy_key=1", "sid=1"] {
        assert_eq!(said("any", &query(place)), Some(Code::CredentialMisplaced), "{place}");
        assert_eq!(said("any", &exchange(&[("cookie", place)])), Some(Code::CredentialMisplaced), "{place}");
    }
    // Even where an operation lists the key as a parameter as well.
    assert_eq!(said("declared", &query("legacy_key=1")), Some(Code::CredentialMisplaced));
    assert_eq!(said("any", &exchange(&[("x-api-key", "1")])), None);
}

#[test]
fn cookies_are_read_in_every_header_and_position() {
    for cookies in [vec![("cookie", "a=1; access_token=x")], vec![("cookie", "a=1"), ("cookie", "b=2;SID=x")]]
    {
        assert_eq!(said("any", &exchange(&cookies)), Some(Code::CredentialMisplaced));
    }
    assert_eq!(said("any", &exchange(&[("cookie", "theme=access_token; a=token")])), None);
}

#[test]
fn two_credentials_of_a_kind_are_ambiguous() {
    let two = [("authorization", "Bearer a"), ("authorization", "Bearer a")];
    assert_eq!(said("any", &exchange(&two)), Some(Code::CredentialAmbiguous));
    assert_eq!(said("public", &exchange(&two)), Some(Code::CredentialAmbiguous));
    assert_eq!(
        said("any", &exchange(&[("x-api-key", "a"), ("x-api-key", "b")])),
        Some(Code::CredentialAmbiguous)
    );
    assert_eq!(said("any", &exchange(&[("authorization", "Bearer a"), ("x-api-key", "b")])), None);
}

#[test]
fn the_refusal_names_the_place_and_never_the_value() {
    let check: MisplacedCredentials = Table::new().prepare("any");
    let refusal = refused(check.step(&query("ACCESS%5ftoken=s3cr3t"), &Answers::default()));
    assert_eq!(refusal.detail, "in the query, as `access_token`");
    let refusal = refused(check.step(&exchange(&[("cookie", "sid=s3cr3t")]), &Answers::default()));
    assert_eq!(refusal.detail, "in the cookie, as `sid`");
}
