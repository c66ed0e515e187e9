//! The guide is a set of walkthroughs: each page is repeated here, command by command, and must answer as it says.
//!
//! A block marked `console` holds lines that begin with `$ ` and the answer below them; `...` in an answer stands for
//! anything, and alone on a line for any lines. A block marked with a language and a file name is that file. Ports
//! 8080, 8443, 3000, 3001 and 9901 of the pages are replaced by free ones, and so is the administration port where a page
//! leaves it as it is.

use std::path::Path;
use std::process::{Command, Stdio};

/// A page that takes longer hangs, in seconds.
const PAGE_MAX_S: &str = "600";

#[derive(Debug)]
enum Part {
    File { name: String, text: String },
    Command { line: usize, command: String, expected: Vec<String> },
}

#[test]
fn each_page_of_the_guide_can_be_repeated() {
    for program in ["bash", "curl", "python3"] {
        if Command::new(program).arg("--version").stdout(Stdio::null()).status().is_err() {
            eprintln!("skipped: `{program}` is not installed");
            return;
        }
    }
    let mut pages: Vec<_> = std::fs::read_dir(e2e::root().join("docs/guide")).unwrap().flatten().collect();
    pages.sort_by_key(std::fs::DirEntry::file_name);
    let mut commands = 0;
    for page in pages {
        commands += repeat(&page.path());
    }
    assert!(commands >= 20, "only {commands} commands were found");
}

/// Runs a page in a folder of its own and returns how many commands it had.
fn repeat(page: &Path) -> usize {
    let name = page.file_stem().unwrap().to_string_lossy().into_owned();
    let folder = e2e::folder(&format!("guide-{name}"));
    let mut text = std::fs::read_to_string(page).unwrap();
    for port in ["8080", "8443", "3000", "3001", "9901"] {
        let free = e2e::free_port();
        text = text
            .replace(&format!(":{port}"), &format!(":{free}"))
            .replace(&format!(" {port} "), &format!(" {free} "));
    }
    // What a reader waits until records are written.
    for pause in ["sleep 0.2; ", "sleep 0.5; "] {
        text = text.replace(pause, "sleep 3; ");
    }
    let parts = parts(&text);
    let script = script(&parts);
    let output = Command::new("timeout")
        .args([PAGE_MAX_S, "bash", "-c"])
        .arg(script)
        .current_dir(&folder)
        .env("PATH", path_with_program())
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut answers = said.split("\u{1}\n").skip(1);
    let mut count = 0;
    for part in &parts {
        let Part::Command { line, command, expected } = part else { continue };
        count += 1;
        let answer = answers.next().unwrap_or_default();
        let lines: Vec<&str> = answer.lines().collect();
        assert!(
            matches(expected, &lines),
            "{}:{line}: $ {command}\nexpected:\n{}\ngot:\n{answer}",
            page.display(),
            expected.join("\n")
        );
    }
    count
}

fn path_with_program() -> std::ffi::OsString {
    let program = e2e::program();
    let own = program.parent().unwrap().to_owned();
    let rest = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&rest))).unwrap()
}

/// One script: files are written where they stand, each command's answer follows a mark.
fn script(parts: &[Part]) -> String {
    // What a page leaves running ends with it, and a page that hangs ends too.
    assert_waits(parts);
    let mut script = String::from("exec 2>&1\ntrap 'kill $(jobs -p) 2>/dev/null' EXIT\n");
    for part in parts {
        match part {
            Part::File { name, text } => {
                script.push_str(&format!("cat > '{name}' <<'END_OF_FILE'\n{text}END_OF_FILE\n"));
            }
            Part::Command { command, .. } => {
                script.push_str(&format!("printf '\\001\\n'\n{command}\n"));
                // A server is waited for until its own log says that it serves; the page's own wait for the gateway would
                // not end where it never does.
                let log = command.split_whitespace().find(|word| word.ends_with(".log"));
                if let Some(log) = log.filter(|_| command.ends_with('&')) {
                    script.push_str(&format!(
                        "begun=$!; while ! grep -qs 'listening\\|Serving' {log} && kill -0 $begun 2>/dev/null; do sleep \
                         0.05; done\n"
                    ));
                    if command.starts_with("bartizan serve") {
                        script.push_str(&format!("grep -qs listening {log} || {{ cat {log}; exit 1; }}\n"));
                    }
                }
            }
        }
    }
    script
}

/// Readers have nothing that waits for them: after a command that starts the gateway the page has a line for it.
fn assert_waits(parts: &[Part]) {
    for pair in parts.windows(2) {
        let [Part::Command { line, command, .. }, next] = pair else { continue };
        let log = command.rsplit_once("2> ").and_then(|(_, log)| log.strip_suffix(" &"));
        let Some(log) = log.filter(|_| command.starts_with("bartizan serve")) else { continue };
        let wait = format!("until grep -q listening {log}; do sleep 0.1; done");
        assert!(
            matches!(next, Part::Command { command, .. } if *command == wait),
            "line {line} does not wait: {command}"
        );
    }
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((_, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let block: Vec<(usize, &str)> = lines.by_ref().take_while(|(_, line)| *line != "```").collect();
        match info.split_once(' ') {
            Some((_, name)) => {
                let mut text: String = block.iter().map(|(_, line)| format!("{line}\n")).collect();
                if name == "bartizan.yaml" && !text.contains("\nadmin:") {
                    // At the end, where it moves no line that an answer names.
                    text.push_str(&format!("admin: {{ address: 127.0.0.1:{} }}\n", e2e::free_port()));
                }
                parts.push(Part::File { name: name.to_owned(), text });
            }
            None if info == "console" => console(&block, &mut parts),
            None => {}
        }
    }
    parts
}

fn console(block: &[(usize, &str)], parts: &mut Vec<Part>) {
    for (number, line) in block {
        if let Some(command) = line.strip_prefix("$ ") {
            parts.push(Part::Command { line: number + 1, command: command.to_owned(), expected: Vec::new() });
        } else if let Some(Part::Command { command, expected, .. }) = parts.last_mut() {
            if command.ends_with('\\') && expected.is_empty() {
                command.push('\n');
                command.push_str(line);
            } else {
                expected.push((*line).to_owned());
            }
        }
    }
}

/// Lines against lines; `...` alone stands for any lines, within a line for any text.
fn matches(expected: &[String], lines: &[&str]) -> bool {
    let Some((first, rest)) = expected.split_first() else { return lines.is_empty() };
    if first.trim() == "..." {
        return (0..=lines.len()).any(|from| matches(rest, &lines[from..]));
    }
    lines.split_first().is_some_and(|(line, others)| line_matches(first, line) && matches(rest, others))
}

fn line_matches(pattern: &str, line: &str) -> bool {
    let mut pieces = pattern.split("...");
    let Some(mut rest) = pieces.next().and_then(|start| line.strip_prefix(start)) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    for (at, piece) in pieces.iter().enumerate() {
        if at + 1 == pieces.len() {
            return rest.ends_with(piece);
        }
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.is_empty()
}
