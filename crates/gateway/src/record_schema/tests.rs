#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use model::{
    AddressFrom, AddressSource, AuthorizationTrace, Caller, CheckTrace, Code, Credential, CredentialKind,
    EvidenceTrace, FactTrace, InspectionTrace, Judgement, LimitKind, Limited, Mode, ObjectTrace, Outcome,
    Phase, Principal, QuestionTrace, RECORD_VERSION, Record, RuleMatch, Score, SeenValue, UpstreamTrace,
    Verdict, Violation, WalkEnd, rfc3339_millis,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::record_schema;

/// Nothing absent, nothing empty, nothing null.
pub(crate) fn full() -> Record {
    let question = QuestionTrace { kind: "keys".into(), outcome: "answered".into(), duration_us: 900 };
    let credential = Credential {
        kind: CredentialKind::Jwt,
        scheme: "bearer".into(),
        id: "token-1".into(),
        expires_unix_s: Some(1_800_000_300),
        token: None,
        names: None,
    };
    Record {
        v: RECORD_VERSION,
        time: rfc3339_millis(1_800_000_000_123),
        request_id: "01J0000000000000000000000A".to_owned(),
        trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
        protocol: "http/1.1".to_owned(),
        address: "192.0.2.1".to_owned(),
        address_from: Some(AddressFrom {
            source: AddressSource::XForwardedFor,
            hop: 2,
            ended: WalkEnd::Untrusted,
            socket: [10, 0, 0, 1].into(),
        }),
        api: Some("orders".to_owned()),
        operation: "getOrder".to_owned(),
        method: "GET".to_owned(),
        template: Some("/orders/{id}".to_owned()),
        class: Some("partner".to_owned()),
        outcome: Outcome::Refused,
        status: 400,
        code: Some(Code::ParameterInvalid),
        limited: Some(Limited { limit: "client".to_owned(), kind: LimitKind::Daily }),
        check: Some("parameters".to_owned()),
        violations: vec![Violation {
            place: "path".to_owned(),
            pointer: "id".to_owned(),
            rule: "type".to_owned(),
            expected: "integer".to_owned(),
        }],
        caller: Some(Caller {
            principal: Some(Principal { issuer: "https://login.example/".into(), subject: "ada".into() }),
            client: Some("shop".into()),
            tenant: Some("acme".into()),
            scopes: [Arc::from("orders.read")].into(),
            credentials: vec![credential],
            claims: Arc::default(),
        }),
        checks: vec![CheckTrace {
            name: "parameters".into(),
            phase: Phase::Validate,
            mode: Mode::Enforce,
            verdict: Verdict::Refuse,
            code: Some(Code::ParameterInvalid),
            reason: Some("a word".to_owned()),
            duration_ns: 1_200,
            questions: vec![question],
        }],
        inspection: Some(Box::new(InspectionTrace {
            matches: vec![RuleMatch {
                set: "bartizan".to_owned(),
                rule: 9_100_001,
                place: "rules/sql.conf:12".to_owned(),
                phase: 2,
                message: "An SQL statement".to_owned(),
                severity: Some("CRITICAL".to_owned()),
                tags: vec!["attack-sqli".to_owned()],
                refuses: true,
                seen: vec![SeenValue {
                    variable: "ARGS:id".to_owned(),
                    shape: "0' aa 0=0".to_owned(),
                    bytes: 9,
                }],
                scored: vec![Score { name: "tx.score".to_owned(), before: 0, change: 5, after: 5 }],
            }],
            more: 1,
            refused_by: Some(9_100_001),
            exhausted: Some("fuel_steps_max".to_owned()),
            steps: 100,
        })),
        authorization: Some(Box::new(AuthorizationTrace {
            decision: Judgement::Denied,
            policies: vec!["owner".to_owned()],
            objects: vec![ObjectTrace {
                kind: "Order".to_owned(),
                id: "7".to_owned(),
                decision: Judgement::Denied,
                facts: vec![FactTrace { name: "owner".to_owned(), origin: "resolver".to_owned() }],
            }],
            evidence: vec![EvidenceTrace {
                source: "resolver".to_owned(),
                operation: Some("getOrder".to_owned()),
                outcome: "found".to_owned(),
                calls: 1,
            }],
            upstream_calls: 1,
            faults: vec!["a word".to_owned()],
        })),
        upstream: Some(UpstreamTrace {
            address: "127.0.0.1:3000".to_owned(),
            status: Some(200),
            reused: true,
            attempts: 1,
            head_us: 700,
            error: Some("a word".to_owned()),
            tried: vec![model::FailedTry {
                address: "127.0.0.1:3001".to_owned(),
                error: "a word".to_owned(),
            }],
        }),
        request_bytes: 10,
        response_bytes: 20,
        duration_us: 1_500,
        snapshot: "0123456789ab".to_owned(),
    }
}

/// Everything absent, empty or null that can be.
pub(crate) fn bare() -> Record {
    Record {
        trace_id: None,
        address_from: None,
        api: None,
        method: String::new(),
        template: None,
        class: None,
        status: 0,
        code: None,
        limited: None,
        check: None,
        violations: Vec::new(),
        caller: Some(Caller::anonymous()),
        checks: Vec::new(),
        authorization: Some(Box::new(AuthorizationTrace::new(Judgement::Allowed))),
        upstream: Some(UpstreamTrace::default()),
        ..full()
    }
}

fn faults(instance: &Value) -> Vec<String> {
    let validator =
        jsonschema::draft202012::options().should_validate_formats(true).build(&record_schema()).unwrap();
    validator.iter_errors(instance).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

/// Pairs each object of a record with its description.
fn objects<'a>(
    schema: &'a Value,
    instance: &'a Value,
    at: &str,
    found: &mut Vec<(String, &'a Value, &'a Value)>,
) {
    match instance {
        Value::Object(members) => {
            found.push((at.to_owned(), schema, instance));
            for (name, member) in members {
                objects(&schema["properties"][name], member, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for item in items {
                objects(&schema["items"], item, &format!("{at}/0"), found);
            }
        }
        _ => {}
    }
}

/// The words that a closed enumeration takes, by what its reader says of a word that it does not.
fn variants<T: DeserializeOwned>() -> Vec<String> {
    let fault = serde_json::from_value::<T>(json!("no such word")).err().expect("an enumeration").to_string();
    let (_, words) = fault.split_once("expected").expect("says what it expects");
    words.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn words(pointer: &str) -> Vec<String> {
    let schema = record_schema();
    let words =
        schema.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer}"))["enum"].as_array().unwrap();
    words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

#[test]
fn real_records_are_valid() {
    for record in [full(), bare()] {
        assert_eq!(faults(&serde_json::to_value(&record).unwrap()), Vec::<String>::new());
    }
}

#[test]
fn every_member_is_described_and_nothing_else_is() {
    let (schema, instance) = (record_schema(), serde_json::to_value(full()).unwrap());
    let mut found = Vec::new();
    objects(&schema, &instance, "", &mut found);
    assert!(found.len() >= 7, "{} objects", found.len());
    for (at, schema, instance) in found {
        let mut described: Vec<_> =
            schema["properties"].as_object().unwrap_or_else(|| panic!("{at}")).keys().collect();
        let mut there: Vec<_> = instance.as_object().unwrap().keys().collect();
        described.sort();
        there.sort();
        assert_eq!(described, there, "at {at:?}");
        assert_eq!(schema["additionalProperties"], json!(false), "at {at:?}");
        for (name, member) in schema["properties"].as_object().unwrap() {
            assert!(member["description"].as_str().is_some_and(|text| text.len() > 8), "{at}/{name}");
        }
    }
}

#[test]
fn what_a_bare_record_leaves_out_is_not_required_and_everything_else_is() {
    let (schema, instance) = (record_schema(), serde_json::to_value(bare()).unwrap());
    let required: Vec<_> =
        schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    for name in schema["properties"].as_object().unwrap().keys() {
        let is_sometimes = ["caller", "upstream", "authorization", "inspection"].contains(&name.as_str());
        let there = instance.get(name).is_some() && !is_sometimes;
        assert_eq!(there, required.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn a_member_that_is_not_described_is_a_fault() {
    let mut instance = serde_json::to_value(full()).unwrap();
    instance["caller"]["password"] = json!("secret");
    assert_eq!(faults(&instance).len(), 1);
    instance["caller"]["credentials"][0]["kind"] = json!("magic");
    assert_eq!(faults(&instance).len(), 2);
}

#[test]
fn the_words_of_closed_enumerations_are_all_there() {
    let check = "/properties/checks/items/properties";
    assert_eq!(words("/properties/outcome"), variants::<Outcome>());
    assert_eq!(words("/properties/code"), variants::<Code>());
    assert_eq!(words(&format!("{check}/code")), variants::<Code>());
    assert_eq!(words(&format!("{check}/phase")), variants::<Phase>());
    assert_eq!(words(&format!("{check}/mode")), variants::<Mode>());
    assert_eq!(words(&format!("{check}/verdict")), variants::<Verdict>());
    let credential = "/properties/caller/properties/credentials/items/properties";
    assert_eq!(words(&format!("{credential}/kind")), variants::<CredentialKind>());
}
