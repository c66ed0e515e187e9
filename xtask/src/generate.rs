//! Pages of `docs/reference` that are made from the code: the configuration's schema, the checks, the codes.

use std::fs;

use crate::shell;

/// A generated file and the arguments of `bartizan` that print it.
const PAGES: &[(&str, &[&str])] = &[
    ("docs/reference/gateway-file.schema.json", &["schema", "gateway"]),
    ("docs/reference/record.schema.json", &["schema", "record"]),
    ("docs/reference/bindings.schema.json", &["schema", "bindings"]),
    ("docs/reference/checks.md", &["schema", "checks"]),
    ("docs/reference/codes.md", &["schema", "codes"]),
    ("docs/reference/waf-rules.md", &["schema", "waf-rules"]),
];

/// `generate [--check]`
pub fn run(arguments: &[String]) -> Result<(), String> {
    let check = arguments.iter().any(|argument| argument == "--check");
    crate::ci::build()?;
    let mut stale = Vec::new();
    for (page, verb) in PAGES {
        let text = shell::output(&shell::bartizan("debug"), verb)?;
        let path = shell::root().join(page);
        if fs::read_to_string(&path).is_ok_and(|current| current == text) {
            continue;
        }
        if check {
            stale.push(*page);
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(|error| format!("{page}: {error}"))?;
        fs::write(&path, text).map_err(|error| format!("{page}: {error}"))?;
        eprintln!("generate: wrote {page}");
    }
    if stale.is_empty() {
        Ok(())
    } else {
        Err(format!("stale: {}; run `cargo x generate`", stale.join(", ")))
    }
}
