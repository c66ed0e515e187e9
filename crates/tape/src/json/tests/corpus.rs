//! The fuzzer's corpus, replayed.

use std::path::Path;

use bytes::Bytes;
use serde_json::Value;

use crate::json::parse;
use crate::{FaultKind, Limits};

#[test]
fn the_corpus_is_judged_as_serde_json_judges_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/tape_json");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is part of the repository") {
        let path = entry.unwrap().path();
        let text = std::fs::read(&path).unwrap();
        let theirs: Result<Value, _> = serde_json::from_slice(&text);
        match (parse(Bytes::from(text), &Limits::default()), theirs) {
            (Ok(tape), Ok(value)) => assert_eq!(tape.root().to_value(), value, "{path:?}"),
            (Ok(_), Err(error)) => panic!("only we accept {path:?}: {error}"),
            (Err(fault), Ok(_)) => {
                let stricter = [
                    FaultKind::DuplicateMember,
                    FaultKind::DepthMax,
                    FaultKind::ValuesMax,
                    FaultKind::MembersMax,
                ];
                assert!(stricter.contains(&fault.kind), "{path:?}: {fault}");
            }
            (Err(_), Err(_)) => {}
        }
        read += 1;
    }
    assert!(read > 0);
}
