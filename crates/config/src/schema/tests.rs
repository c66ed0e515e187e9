#![allow(clippy::unwrap_used)]

use super::document;
use crate::keys::{Kind, ROOT, Section};
use crate::tests::world::{GOOD, api, auth, key, root, upstream};

fn accepts(validator: &jsonschema::Validator, yaml: &str) -> bool {
    let tape = tape::yaml::parse(yaml.to_owned().into(), &tape::Limits::default()).unwrap();
    validator.is_valid(&tape.root().to_value())
}

#[test]
fn the_schema_accepts_what_is_read_and_refuses_what_is_not() {
    let validator = jsonschema::validator_for(&document()).unwrap();
    for good in [
        GOOD.to_owned(),
        root(
            "listen: [127.0.0.1:1, { address: \"[::1]:2\" }]\nsizes: { body_bytes_max: 64KiB, head_bytes_max: 4096 }",
        ),
        root(
            "limits: [{ per: client, rate: 10/30s, burst: 3 }]\ntelemetry: { endpoint: http://a, sample: 0.5% }",
        ),
        api("checks: { limits: watch }\noperations: { health: { limits: [{ per: api, rate: 1/s }] } }"),
        auth(
            "[{ issuer: a, audience: [a, b], secret: \"${env:A}\" }, { issuer: b, audience: c, leeway: 0s }]",
        ),
        upstream("{ url: http://127.0.0.1:1, base_path: / }"),
        key("{ id: a, key: \"${file:/run/k}\", expires: \"2030-01-01\" }"),
    ] {
        assert!(accepts(&validator, &good), "{good}");
    }
    for bad in [
        root("lissten: 127.0.0.1:1"),
        root("sizes: { body_bytes_max: 1MB }"),
        root("timeouts: { head: 10 }"),
        root("limits: [{ per: client }]"),
        root("limits: [{ per: client, rate: 0/s }]"),
        api("undeclared: allow"),
        auth("{ issuer: a, audience: a, secret: hunter2 }"),
        auth("{ issuer: a, audience: a, algorithms: [none] }"),
        GOOD.replace("version: 1", "version: 2"),
    ] {
        assert!(!accepts(&validator, &bad), "{bad}");
    }
}

#[test]
fn every_key_is_in_the_schema_with_its_sentence() {
    let text = document().to_string();
    let mut open = vec![&ROOT];
    while let Some(section) = open.pop() {
        // The reader of this file asks for none.
        assert_eq!(section.alternatives().next(), None, "{}", section.name);
        for key in section.keys {
            assert!(key.about.ends_with('.'), "{}.{} has no sentence", section.name, key.name);
            let sentence = serde_json::Value::from(key.about).to_string();
            assert!(text.contains(sentence.trim_end_matches('"')), "{}.{}", section.name, key.name);
            open.extend(inner(&key.kind));
        }
    }
}

fn inner(kind: &'static Kind) -> Option<&'static Section> {
    match kind {
        Kind::Section(section) | Kind::Short { section, .. } => Some(section),
        Kind::List(item) | Kind::OneOrMany(item) | Kind::Map { value: item, .. } => inner(item),
        _ => None,
    }
}
