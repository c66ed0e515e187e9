//! The vectors of others: Wycheproof and the JOSE cookbook (RFC 7520), read from the data folder beside the
//! repository. Every vector is run or named with a reason, and the counts are exact.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cookbook;
mod primitives;
mod wycheproof_jose;

use std::path::PathBuf;

use serde_json::Value;

/// The parsed file, or `None` after saying that it is not there.
fn data(file: &str) -> Option<Value> {
    let root = std::env::var_os("BARTIZAN_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(file);
    let Ok(text) = std::fs::read(&path) else {
        eprintln!("skipped: {} not found", path.display());
        return None;
    };
    Some(serde_json::from_slice(&text).expect("the data is JSON"))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is a string"))
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("{name} is an array"))
}

fn id(test: &Value) -> u64 {
    test["tcId"].as_u64().expect("tcId is a number")
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

/// A JWK Set of one key or of a set.
fn as_set(key: &Value) -> Vec<u8> {
    if key.get("keys").is_some() {
        key.to_string().into_bytes()
    } else {
        serde_json::json!({ "keys": [key] }).to_string().into_bytes()
    }
}
