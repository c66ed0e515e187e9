//! A file of tests, from YAML.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use regex::Regex;
use tape::{Kind, Limits, Node};

use super::wire::Described;
use super::{Expected, Stage, Test, template};

/// Reads one file. One without tests has none.
///
/// # Errors
/// A sentence, with the test it is about: the YAML, or what of the format is not understood.
pub fn read(text: Bytes) -> Result<Vec<Test>, String> {
    let says_nothing = |line: &[u8]| matches!(line.trim_ascii(), b"" | b"---" | [b'#', ..]);
    if text.split(|byte| *byte == b'\n').all(says_nothing) {
        return Ok(Vec::new());
    }
    let tape = tape::yaml::parse(text, &Limits::document()).map_err(|fault| fault.to_string())?;
    let root = tape.root();
    let Some(tests) = root.get("tests") else { return Ok(Vec::new()) };
    let rule = root.get("rule_id").and_then(Node::as_u64).ok_or("`rule_id` is missing")?;
    let all = tests.items().zip(1..).map(|(node, position)| {
        let number = node.get("test_id").and_then(Node::as_u64).unwrap_or(position);
        let id = format!("{rule}-{number}");
        let stages = node.get("stages").ok_or_else(|| format!("{id}: `stages` is missing"))?;
        let stages: Result<Vec<_>, _> = stages.items().map(stage).collect();
        Ok(Test { rule, stages: stages.map_err(|why| format!("{id}: {why}"))?, id })
    });
    all.collect()
}

fn stage(node: Node<'_>) -> Result<Stage, String> {
    let (input, output) = (node.get("input").ok_or("`input` is missing")?, node.get("output"));
    Ok(Stage { request: request(input)?, expected: output.map_or(Ok(Expected::default()), expected)? })
}

fn request(input: Node<'_>) -> Result<Vec<u8>, String> {
    for name in ["follow_redirect", "save_cookie", "encoded_data"] {
        if input.get(name).is_some() {
            return Err(format!("`{name}` is not supported"));
        }
    }
    let text = |name| input.get(name).map(written);
    if let Some(encoded) = text("encoded_request").filter(|encoded| !encoded.is_empty()) {
        let encoded: String = encoded.split_ascii_whitespace().collect();
        return STANDARD.decode(encoded).map_err(|_| "`encoded_request` is not Base64".to_owned());
    }
    let headers = input.get("headers");
    let headers = headers.iter().flat_map(|headers| headers.members());
    let stop_magic = input.get("stop_magic").and_then(Node::as_bool).map(|stop| !stop);
    let complete = input.get("autocomplete_headers").and_then(Node::as_bool).or(stop_magic);
    let described = Described {
        method: text("method").unwrap_or_else(|| "GET".to_owned()),
        uri: text("uri").unwrap_or_else(|| "/".to_owned()),
        version: text("version").unwrap_or_else(|| "HTTP/1.1".to_owned()),
        headers: headers.map(|member| (member.key.to_owned(), written(member.value))).collect(),
        data: template::fill(&text("data").unwrap_or_default())?.into_bytes(),
        complete: complete.unwrap_or(true),
    };
    Ok(described.bytes())
}

/// A scalar as its author wrote it.
fn written(node: Node<'_>) -> String {
    node.as_str().or_else(|| node.number()).map_or_else(|| node.raw().to_owned(), str::to_owned)
}

/// What a test may expect. Another word would be an expectation that nobody looks at.
const OUTPUT: [&str; 4] = ["status", "log", "expect_error", "retry_once"];
const LOG: [&str; 4] = ["expect_ids", "no_expect_ids", "match_regex", "no_match_regex"];

fn known(node: Node<'_>, known: &[&str]) -> Result<(), String> {
    let unknown = node.members().find(|member| !known.contains(&member.key));
    unknown.map_or(Ok(()), |member| Err(format!("the expectation `{}` is not supported", member.key)))
}

fn expected(output: Node<'_>) -> Result<Expected, String> {
    let log = output.get("log");
    known(output, &OUTPUT)?;
    log.map_or(Ok(()), |log| known(log, &LOG))?;
    let list = |name: &str| -> Result<Vec<u64>, String> {
        let Some(items) = log.and_then(|log| log.get(name)) else { return Ok(Vec::new()) };
        if items.kind() != Kind::Array {
            return Err(format!("`{name}` is no list of numbers"));
        }
        items.items().map(|id| id.as_u64().ok_or_else(|| format!("`{name}` is no list of numbers"))).collect()
    };
    let pattern = |name| {
        let text = log.and_then(|log| log.get(name)).map(written);
        text.map(|text| Regex::new(&text).map_err(|_| format!("`{name}` is no pattern"))).transpose()
    };
    let status = output.get("status").map(|status| {
        let status = status.as_u64().and_then(|status| u16::try_from(status).ok());
        status.ok_or("`status` is no status")
    });
    Ok(Expected {
        status: status.transpose()?,
        error: output.get("expect_error").and_then(Node::as_bool).unwrap_or(false),
        ids: list("expect_ids")?,
        no_ids: list("no_expect_ids")?,
        line: pattern("match_regex")?,
        no_line: pattern("no_match_regex")?,
    })
}
