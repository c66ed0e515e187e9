//! Every rule of ours on what it must match and on what like it must pass: the files of `rules/tests`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use seclang::ftw::{self, Test};
use seclang::{Limits, RuleSet, Source};

use super::{Nowhere, SOURCES, own_rules};

/// The files, in the order of the rules.
fn fixtures() -> Vec<(String, Vec<Test>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules/tests");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let named = files.into_iter().map(|path| {
        let text = Bytes::from(std::fs::read(&path).unwrap());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let tests = ftw::read(text).unwrap_or_else(|why| panic!("{name}: {why}"));
        (name, tests)
    });
    named.collect()
}

/// The rules as they are shipped, watching, so that one request shows everything that matches.
fn watching() -> Arc<RuleSet> {
    let mut sources = vec![Source {
        name: "watch.conf",
        text: "SecRuleEngine DetectionOnly\nSecRequestBodyAccess On\nSecResponseBodyAccess On\n\
               SecResponseBodyMimeType text/plain text/html application/json\n",
    }];
    sources.extend(SOURCES.iter().map(|source| Source { name: source.name, text: source.text }));
    Arc::new(seclang::compile(&sources, &Nowhere).unwrap_or_else(|findings| panic!("{findings:#?}")))
}

/// Ids that the sources define, but for set-up and decisions.
fn rule_ids() -> BTreeSet<u64> {
    let texts = SOURCES.iter().flat_map(|source| source.text.split("\"id:").skip(1));
    let ids = texts.map(|rest| rest.split(',').next().unwrap().parse::<u64>().unwrap());
    ids.filter(|id| (9_101_000..9_119_000).contains(id)).collect()
}

#[test]
fn every_rule_matches_its_attacks_and_passes_what_is_like_them() {
    let rules = watching();
    let mut unmet = Vec::new();
    for (file, tests) in fixtures() {
        for test in tests {
            for stage in &test.stages {
                let bytes = Bytes::from(stage.request.clone());
                let (request, body) = seclang::wire::read(&bytes).expect("a request");
                let (seen, _) = ftw::run(&rules, Limits::default(), request, &body, ftw::reflect);
                unmet.extend(stage.expected.unmet(&seen).map(|why| format!("{file} {}: {why}", test.id)));
            }
        }
    }
    assert!(unmet.is_empty(), "{} unmet:\n{}", unmet.len(), unmet.join("\n"));
}

#[test]
fn every_rule_has_attacks_and_honest_requests() {
    let tests: Vec<_> = fixtures().into_iter().flat_map(|(_, tests)| tests).collect();
    let stages = || tests.iter().flat_map(|test| &test.stages);
    let matched: BTreeSet<_> = stages().flat_map(|stage| stage.expected.ids.clone()).collect();
    let passed: BTreeSet<_> = stages().flat_map(|stage| stage.expected.no_ids.clone()).collect();
    let missing: Vec<_> =
        rule_ids().into_iter().filter(|id| !matched.contains(id) || !passed.contains(id)).collect();
    assert!(missing.is_empty(), "without an attack or an honest request: {missing:?}");
}

#[test]
fn an_attack_is_refused_and_a_plain_request_is_not() {
    let rules = own_rules().unwrap();
    let sent = |line: &str| {
        let text = format!("{line}\r\nHost: api.example.com\r\nUser-Agent: shop/1\r\n\r\n");
        let (request, body) = seclang::wire::read(&Bytes::from(text)).unwrap();
        ftw::run(&rules, Limits::default(), request, &body, ftw::reflect).0.status
    };
    assert_eq!(sent("GET /items?id=1%27%20union%20select%20name%20from%20users-- HTTP/1.1"), Some(403));
    assert_eq!(sent("GET /items?name=O%27Brien HTTP/1.1"), Some(200));
}
