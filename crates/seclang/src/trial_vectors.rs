//! The vectors that ModSecurity and Coraza share (secrules-language-tests), read as ModSecurity's own tests read them.

use std::path::PathBuf;

use regex::bytes::{Captures, Regex};
use serde_json::Value;

/// The cases of one kind (`operators`, `transformations`); `None`, said aloud, when the folder is not named.
pub fn cases(kind: &str) -> Option<Vec<Value>> {
    let Some(folder) = std::env::var_os("SECRULES_LANGUAGE_TESTS").map(PathBuf::from) else {
        println!("skipped: SECRULES_LANGUAGE_TESTS does not name the folder of secrules-language-tests");
        return None;
    };
    let mut cases: Vec<Value> = Vec::new();
    for file in std::fs::read_dir(folder.join(kind)).expect("a folder").flatten() {
        if file.path().extension().is_some_and(|extension| extension == "json") {
            let read: Vec<Value> =
                serde_json::from_slice(&std::fs::read(file.path()).expect("readable")).expect("JSON");
            cases.extend(read);
        }
    }
    // ModSecurity's tests take `\xag` for an escape too, and so compare something else than the case says.
    cases.retain(|case| !case["input"].as_str().is_some_and(|text| text.contains("\\xag")));
    assert!(!cases.is_empty(), "{} holds no case of {kind}", folder.display());
    Some(cases)
}

/// A text of a case: up to the first NUL character, with `\xHH` and `\uHHHH` undone.
pub fn bytes(case: &Value, key: &str) -> Vec<u8> {
    let text = case.get(key).and_then(Value::as_str).unwrap_or_default();
    let text = text.split('\0').next().unwrap_or_default();
    let escape =
        Regex::new(r"\\(?:x([0-9a-fA-F]{2})|u[0-9a-fA-F]{2}([0-9a-fA-F]{2}))").expect("an expression");
    let byte = |found: &Captures<'_>| {
        let digits = found.get(1).or_else(|| found.get(2)).expect("digits");
        vec![u8::from_str_radix(&String::from_utf8_lossy(digits.as_bytes()), 16).expect("digits")]
    };
    escape.replace_all(text.as_bytes(), byte).into_owned()
}
