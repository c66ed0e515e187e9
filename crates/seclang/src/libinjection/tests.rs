#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! The port against the C library, and the gates that spare most values both judges.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use mutate::Random;

use super::{INJECTION, SQL_NEEDS, XSS_NEEDS};
use crate::ByteSet;

/// What is kept of the C library's verdicts: value (escaped), fingerprint, and whether it is HTML.
const CORPUS: &str = include_str!("tests/corpus.tsv");
/// How often the two differ over the samples and their mutations, and the values of which they say different things.
const DIFFERENCES: &str = include_str!("tests/differences.tsv");

/// Values of the corpus that the port judges otherwise: no name of an event, though it begins with `on`.
const DIFFERENT: &[&str] = &["online=1"];

type Verdict = (Option<Vec<u8>>, bool);

fn verdict(value: &[u8]) -> Verdict {
    (INJECTION.sql(value).fingerprint, INJECTION.xss(value))
}

fn byte_set(value: &[u8]) -> ByteSet {
    value.iter().fold(ByteSet::NONE, |set, byte| set.with(*byte))
}

/// Undoes `escape_ascii`.
fn unescaped(text: &str) -> Vec<u8> {
    let expression = regex::bytes::Regex::new(r#"\\(?:x([0-9a-f]{2})|([nrt\\'"]))"#).unwrap();
    let byte =
        |found: &regex::bytes::Captures<'_>| match (found.get(1), found.get(2).map(|c| c.as_bytes()[0])) {
            (Some(digits), _) => {
                vec![u8::from_str_radix(std::str::from_utf8(digits.as_bytes()).unwrap(), 16).unwrap()]
            }
            (_, Some(b'n')) => vec![b'\n'],
            (_, Some(b'r')) => vec![b'\r'],
            (_, Some(b't')) => vec![b'\t'],
            (_, other) => vec![other.unwrap()],
        };
    expression.replace_all(text.as_bytes(), byte).into_owned()
}

/// The C library's verdicts; `None`, said aloud, when it is not installed.
fn peer(values: &[Vec<u8>]) -> Option<Vec<Verdict>> {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/libinjection/tests/peer.py");
    let started = Command::new("python3").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = started else {
        println!("skipped: python3 is not there to ask the C library");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    let lines: String = values
        .iter()
        .map(|value| value.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n")
        .collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    if output.status.code() == Some(3) {
        println!("skipped: libmodsecurity3 is not installed, whose libinjection is the peer");
        return None;
    }
    assert!(output.status.success(), "the peer failed: {:?}", output.status);
    let parse = |line: &str| {
        let (sql, xss) = line.split_once(' ').unwrap();
        let pairs = sql.as_bytes().chunks(2);
        let bytes = || {
            pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
        };
        ((sql != "-").then(bytes), xss == "1")
    };
    let verdicts: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(parse).collect();
    assert_eq!(verdicts.len(), values.len());
    Some(verdicts)
}

/// The public parameter values and the lines of the Core Rule Set's tests, when they are there.
fn samples() -> Vec<Vec<u8>> {
    let rules = crate::trial::crs_folder();
    let mut values = Vec::new();
    let samples = std::env::var_os("WAF_SAMPLES_DIR").map_or(rules.join("../waf-samples"), PathBuf::from);
    let parameters = samples.join("httpparams.csv.gz");
    if let Ok(read) = Command::new("gzip").arg("-dc").arg(parameters).output() {
        let text = String::from_utf8_lossy(&read.stdout).into_owned();
        let fields = text.lines().skip(1).filter_map(|line| line.strip_prefix('"')?.split("\",\"").next());
        values.extend(fields.map(|field| field.replace("\"\"", "\"").into_bytes()));
    }
    let tests = std::fs::read_dir(rules.join("tests/regression/tests")).into_iter().flatten().flatten();
    for folder in tests.filter(|entry| entry.path().is_dir()) {
        for file in std::fs::read_dir(folder.path()).unwrap().flatten() {
            let text = std::fs::read_to_string(file.path()).unwrap();
            let lines = text.lines().filter_map(|line| line.trim().split_once(": ").map(|(_, value)| value));
            values.extend(
                lines
                    .filter(|value| value.len() > 5)
                    .map(|value| value.trim_matches('"').as_bytes().to_vec()),
            );
        }
    }
    if values.is_empty() {
        println!("skipped: no samples (CRS_DIR, and waf-samples beside it)");
    }
    values
}

/// The samples, and two mutations of each.
fn corpus(samples: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut random = Random::new(3);
    let mut values = samples.to_vec();
    for sample in samples {
        let mut value = sample.clone();
        for _ in 0..2 {
            random.mutate(&mut value);
            random.mutate(&mut value);
            values.push(value.clone());
        }
    }
    values
}

#[test]
fn agrees_with_the_recorded_verdicts_of_the_c_library() {
    let lines = || CORPUS.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    if std::env::var_os("UPDATE").is_some() {
        let values: Vec<_> = lines().map(|fields| unescaped(fields[0])).collect();
        let verdicts = peer(&values).expect("the peer, to update from");
        let line = |(value, (sql, xss)): (&Vec<u8>, Verdict)| {
            let sql = sql.map_or_else(|| "-".to_owned(), |sql| sql.escape_ascii().to_string());
            format!("{}\t{sql}\t{}\n", value.escape_ascii(), if xss { "html" } else { "-" })
        };
        let text: String = values.iter().zip(verdicts).map(line).collect();
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/libinjection/tests/corpus.tsv");
        std::fs::write(file, text).unwrap();
        return;
    }
    assert!(lines().count() > 100, "{} verdicts", lines().count());
    for fields in lines() {
        let (sql, xss) = verdict(&unescaped(fields[0]));
        let sql = sql.map_or_else(|| "-".to_owned(), |sql| sql.escape_ascii().to_string());
        let agrees = [sql.as_str(), if xss { "html" } else { "-" }] == fields[1..];
        assert_eq!(agrees, !DIFFERENT.contains(&fields[0]), "{}: {sql} {xss}", fields[0]);
    }
}

#[test]
fn differs_from_the_c_library_only_as_it_is_listed() {
    let samples = samples();
    let values = corpus(&samples);
    if samples.is_empty() {
        return;
    }
    let Some(expected) = peer(&values) else { return };
    let (mut missed_sql, mut extra_sql, mut other_sql, mut missed_html, mut extra_html) = (0, 0, 0, 0, 0);
    let mut listed = String::new();
    for (value, (sql, html)) in values.iter().zip(&expected) {
        let (our_sql, our_html) = verdict(value);
        assert_ne!(our_sql.as_deref(), Some(b"?".as_slice()), "the port panics on {}", value.escape_ascii());
        if (&our_sql, our_html) != (sql, *html) {
            listed.push_str(&format!("value\t{}\n", value.escape_ascii()));
        }
        match (sql, &our_sql) {
            (Some(_), None) => missed_sql += 1,
            (None, Some(_)) => extra_sql += 1,
            (sql, our_sql) => other_sql += usize::from(sql != our_sql),
        }
        missed_html += usize::from(*html && !our_html);
        extra_html += usize::from(!html && our_html);
    }
    let table = format!(
        "values\t{}\nSQL missed\t{missed_sql}\nSQL more\t{extra_sql}\nother fingerprint\t{other_sql}\n\
         HTML missed\t{missed_html}\nHTML more\t{extra_html}\n{listed}",
        values.len()
    );
    if std::env::var_os("UPDATE").is_some() {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/libinjection/tests/differences.tsv");
        std::fs::write(file, table).unwrap();
        return;
    }
    assert_eq!(table, DIFFERENCES, "UPDATE=1 writes the list anew");
}

#[test]
fn no_value_is_judged_that_the_gates_let_pass() {
    let samples = samples();
    let mut random = Random::new(17);
    let mut values = corpus(&samples);
    values.extend(CORPUS.lines().map(|line| unescaped(line.split('\t').next().unwrap())));
    values.extend((0..40_000).map(|_| words(&mut random)));
    let passes = |value: &[u8], needs: ByteSet| -> Vec<u8> {
        value.iter().copied().filter(|byte| !needs.has(*byte)).collect()
    };
    let (mut sql, mut html) = (0, 0);
    for value in &values {
        let set = byte_set(value);
        // What has none of the bytes as it stands, and the same once they are taken out.
        for value in [value.clone(), passes(value, SQL_NEEDS)] {
            if !byte_set(&value).meets(&SQL_NEEDS) {
                assert_eq!(INJECTION.sql(&value).fingerprint, None, "{}", value.escape_ascii());
            }
        }
        if !set.meets(&XSS_NEEDS) {
            assert!(!INJECTION.xss(value), "{}", value.escape_ascii());
            html += 1;
        }
        let without = passes(value, XSS_NEEDS);
        assert!(!INJECTION.xss(&without), "{}", without.escape_ascii());
        sql += usize::from(!set.meets(&SQL_NEEDS));
    }
    println!("{} values: {sql} need no judge of SQL, {html} none of HTML", values.len());
}

/// Words of SQL and HTML with marks between them.
fn words(random: &mut Random) -> Vec<u8> {
    const WORDS: &[&[u8]] = &[
        b"union",
        b"select",
        b"or",
        b"and",
        b"sleep",
        b"1",
        b"0x41",
        b"1e5",
        b".1",
        b"null",
        b"like",
        b"from",
        b"exec",
        b"x",
        b"drop",
        b"if",
        b"case",
        b"version",
        b"b'1'",
        b"n'",
        b"script",
        b"onerror",
        b"href",
        b"javascript",
        b"style",
    ];
    const MARKS: &[u8] = b"_.,_., '\"()-/*=;:<>&|@#%+!`\t\n\xa0";
    let mut value = Vec::new();
    for _ in 0..random.below(9) {
        value.extend_from_slice(WORDS[random.below(WORDS.len())]);
        for _ in 0..random.below(3) {
            value.push(MARKS[random.below(MARKS.len())]);
        }
    }
    value
}
