//! Sizes of files, words that do not belong, and pages that must stay true.

use crate::shell;

/// Lines a Rust file may have. The page of style says 500 at most.
const FILE_LINES_MAX: usize = 500;
const ARCHITECTURE_LINES_MAX: usize = 250;
/// The binary's whole crate.
const BINARY_LINES_MAX: usize = 1500;

/// Names that say nothing.
const EMPTY_NAMES: &[&str] =
    &["utils.rs", "util.rs", "helpers.rs", "common.rs", "manager.rs", "types.rs", "mod.rs"];

pub fn faults() -> Result<Vec<String>, String> {
    let listed = shell::output("git", &["ls-files", "--cached", "--others", "--exclude-standard"])?;
    let mut faults = Vec::new();
    let mut binary_lines = 0;
    for path in listed.lines() {
        let full = shell::root().join(path);
        let Ok(bytes) = std::fs::read(&full) else { continue };
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let lines = text.lines().count();
        if path.ends_with(".rs") {
            rust_faults(path, &text, lines, &mut faults);
            if path.starts_with("crates/bartizan/src/") {
                binary_lines += lines;
            }
        }
        if path == "ARCHITECTURE.md" {
            architecture_faults(&text, lines, &mut faults);
        }
        if let Some(at) =
            text.lines().position(|line| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> "))
        {
            faults.push(format!("{path}:{}: a merge was left unfinished", at + 1));
        }
    }
    if binary_lines > BINARY_LINES_MAX {
        faults.push(format!("crates/bartizan has {binary_lines} lines; at most {BINARY_LINES_MAX}"));
    }
    Ok(faults)
}

fn rust_faults(path: &str, text: &str, lines: usize, faults: &mut Vec<String>) {
    if lines > FILE_LINES_MAX {
        faults.push(format!("{path}: {lines} lines; at most {FILE_LINES_MAX}"));
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    if EMPTY_NAMES.contains(&name) {
        faults.push(format!("{path}: a file is named for what it holds"));
    }
    let is_source = path.contains("/src/") && name != "tests.rs" && !path.contains("/tests/");
    if is_source && !text.starts_with("//!") {
        faults.push(format!("{path}: opens with a `//!` sentence that says what the reader will find"));
    }
}

/// ARCHITECTURE.md names every room that exists and no other.
fn architecture_faults(text: &str, lines: usize, faults: &mut Vec<String>) {
    if lines > ARCHITECTURE_LINES_MAX {
        faults.push(format!("ARCHITECTURE.md: {lines} lines; at most {ARCHITECTURE_LINES_MAX}"));
    }
    let Ok(rooms) = std::fs::read_dir(shell::root().join("crates")) else {
        faults.push("crates/ cannot be listed".to_owned());
        return;
    };
    for room in rooms.flatten() {
        let name = room.file_name().to_string_lossy().into_owned();
        if !text.contains(&format!("`{name}`")) {
            faults.push(format!("ARCHITECTURE.md does not name the room `{name}`"));
        }
    }
}
