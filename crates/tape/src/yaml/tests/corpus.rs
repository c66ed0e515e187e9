//! The fuzzer's corpus, and the descriptions of others.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::Value;

use crate::{Limits, json, yaml};

#[test]
fn the_corpus_never_panics_and_its_values_are_inside_their_text() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/tape_yaml");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is part of the repository") {
        let text = Bytes::from(std::fs::read(entry.unwrap().path()).unwrap());
        if let Ok(tape) = yaml::parse(text.clone(), &Limits::default()) {
            let nodes = (0..).map_while(|id| (id < 200_000).then(|| tape.node(id))).flatten();
            assert!(nodes.take(tape.len()).all(|node| text.get(node.span()).is_some()));
        }
        read += 1;
    }
    assert!(read > 0);
}

fn specs() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("BARTIZAN_DATA").map_or_else(beside, PathBuf::from).join("specs");
    folder.is_dir().then_some(folder)
}

#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn descriptions_of_others_read_as_serde_json_reads_them_and_yaml_agrees() {
    let Some(folder) = specs() else {
        eprintln!("skipped: shared/data/specs not found");
        return;
    };
    for name in ["crapi.json", "adyen-management.json", "twilio.json", "github.json"] {
        let text = Bytes::from(std::fs::read(folder.join(name)).unwrap());
        let theirs: Value = serde_json::from_slice(&text).unwrap();
        let tape =
            json::parse(text.clone(), &Limits::document()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert!(tape.root().to_value() == theirs, "{name}");
        // The YAML reader is slower by far; the small one will do.
        if name == "crapi.json" {
            let yaml =
                yaml::parse(text, &Limits::document()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            assert!(yaml.root().to_value() == theirs, "{name} as YAML");
        }
    }
    let text = Bytes::from(std::fs::read(folder.join("vampi.yml")).unwrap());
    let tape = yaml::parse(text, &Limits::document()).unwrap();
    assert!(tape.root().get("paths").is_some_and(|paths| paths.len() > 5));
}
