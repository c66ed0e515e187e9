//! Descriptions of real APIs, kept by others: every schema of a request compiles, in both strictnesses.

use std::path::PathBuf;

use bytes::Bytes;

use super::{REQUEST, RESPONSE, Rules, STRICT, Schema};
use crate::{Description, Files, Media};

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Bytes, String> {
        std::fs::read(self.0.join(path)).map(Bytes::from).map_err(|error| error.to_string())
    }
}

fn folder() -> Option<Folder> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let specs = std::env::var_os("BARTIZAN_DATA").map_or_else(beside, PathBuf::from).join("specs");
    if specs.is_dir() {
        return Some(Folder(specs));
    }
    eprintln!("skipped: {} not found", specs.display());
    None
}

/// How many schemas were compiled, and the errors among their findings.
fn compiled(media: &[&Media], rules: Rules) -> (usize, Vec<String>) {
    let mut errors = Vec::new();
    let schemas: Vec<_> = media.iter().filter_map(|media| media.schema.as_ref()).collect();
    for source in &schemas {
        let schema = Schema::compile(source, rules);
        let found = schema.findings().iter().filter(|finding| finding.is_error());
        errors.extend(found.map(|f| format!("{} {} {}", f.code, f.place.as_ref().unwrap(), f.sentence)));
    }
    errors.sort();
    errors.dedup();
    (schemas.len(), errors)
}

fn requests(description: &Description) -> Vec<&Media> {
    let bodies = description.operations.iter().filter_map(|operation| operation.body.as_ref());
    bodies.flat_map(|body| &body.content).collect()
}

fn responses(description: &Description) -> Vec<&Media> {
    let responses = description.operations.iter().map(|operation| &operation.responses);
    let every = responses.flat_map(|r| r.by_status.iter().map(|(_, response)| response).chain(&r.default));
    every.flat_map(|response| &response.content).collect()
}

#[test]
fn every_request_schema_of_real_apis_compiles() {
    let Some(folder) = folder() else { return };
    for (name, at_least) in [
        ("github.json", 340),
        ("twilio.json", 60),
        ("adyen-management.json", 50),
        ("crapi.json", 20),
        ("vampi.yml", 5),
    ] {
        let (description, _) = crate::load(name, &[], &folder);
        let description = description.unwrap();
        for rules in [REQUEST, STRICT] {
            let (count, errors) = compiled(&requests(&description), rules);
            assert!(count >= at_least, "{name}: {count}");
            assert!(errors.is_empty(), "{name} {rules:?}: {} errors\n{}", errors.len(), errors.join("\n"));
        }
        // Every eighth, because most of them share their parts.
        let sample: Vec<&Media> = responses(&description).into_iter().step_by(8).collect();
        let (_, errors) = compiled(&sample, RESPONSE);
        assert!(errors.is_empty(), "{name} responses: {} errors\n{}", errors.len(), errors.join("\n"));
    }
}
