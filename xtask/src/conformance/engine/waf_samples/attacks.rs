//! Attacks, and what only looks like one: parameter values by class, and cases with their places and encodings.

use std::path::{Path, PathBuf};

use tape::Node;

use super::place::{Encoding, place, request};
use super::{Sample, honest, split};

pub fn read(folder: &Path, samples: &mut Vec<Sample>) -> Result<(), String> {
    parameters(&honest::unpacked(&folder.join("httpparams.csv.gz"))?, samples);
    let mut files = Vec::new();
    for family in ["community", "false-pos", "owasp", "owasp-api"] {
        let folder = folder.join("gotestwaf/testcases").join(family);
        let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        files.extend(entries.filter_map(|entry| Some((family, entry.ok()?.path()))));
    }
    files.sort();
    for (family, file) in files {
        if let Err(why) = cases(family, &file, samples) {
            eprintln!("passed over {}: {why}", file.display());
        }
    }
    Ok(())
}

/// `"payload","length","attack_type","label"`, one place a value, chosen by its hash.
fn parameters(text: &str, samples: &mut Vec<Sample>) {
    let mut seen = std::collections::BTreeSet::new();
    for (number, row) in rows(text).into_iter().skip(1).enumerate() {
        let [payload, _, kind, ..] = row.as_slice() else { continue };
        if !seen.insert(payload.clone()) {
            continue;
        }
        let key = format!("httpparams/{payload}");
        let (at, encoding) = match (split::hash(&key) >> 8) % 10 {
            0..=2 if kind == "path-traversal" => ("URLPath", Encoding::Plain),
            0..=3 => ("URLParam", Encoding::Url),
            4..=5 => ("HTMLForm", Encoding::Url),
            6..=7 => ("JSONRequest", Encoding::Plain),
            8 => ("HTMLMultipartForm", Encoding::Plain),
            _ => ("Cookie", Encoding::Url),
        };
        let honest = kind == "norm";
        let class = format!("httpparams/{kind}");
        samples.extend(place(at, encoding, payload).map(|sent| Sample {
            class,
            id: format!("{number} {at}"),
            honest,
            learn: split::learns(&key),
            sent,
        }));
    }
}

/// RFC 4180: fields in quotes, quotes doubled, line breaks inside.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            _ => field.push(letter),
        }
    }
    rows
}

/// Every payload of a file with each of its encodings at each of its places.
fn cases(family: &str, file: &PathBuf, samples: &mut Vec<Sample>) -> Result<(), String> {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).ok_or("not a name")?;
    let name = format!("{family}/{stem}");
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    // The files escape a quote in ways that YAML 1.2 does not know, and tag strings that are strings anyway.
    let text = text.replace("!!str |", "|").replace("\"\\'", "\"\\\\'");
    let tape =
        tape::yaml::parse(text.into(), &tape::Limits::document()).map_err(|fault| fault.to_string())?;
    let items = |key: &str| tape.root().get(key).into_iter().flat_map(Node::items);
    for (number, payload) in items("payload").enumerate() {
        let payload = payload.as_str().map_or_else(|| payload.raw().to_owned(), str::to_owned);
        for encoding in items("encoder").filter_map(|encoder| Encoding::named(encoder.as_str()?)) {
            for at in items("placeholder") {
                let Some(sent) = sent(at, encoding, &payload) else { continue };
                samples.push(Sample {
                    class: format!("gotestwaf/{name}"),
                    id: format!("{number} {encoding:?} {}", at.as_str().unwrap_or("")),
                    honest: family == "false-pos",
                    learn: split::learns(&format!("gotestwaf/{name}/{payload}")),
                    sent,
                });
            }
        }
    }
    Ok(())
}

/// A place is a name, or a name with the request it stands in.
fn sent(at: Node<'_>, encoding: Encoding, payload: &str) -> Option<Vec<u8>> {
    if let Some(name) = at.as_str() {
        return place(name, encoding, payload);
    }
    let member = at.members().next()?;
    let described = member.value;
    let text = |name: &str| described.get(name).and_then(Node::as_str);
    match member.key {
        "RawRequest" => {
            let headers: Vec<_> = described
                .get("headers")
                .into_iter()
                .flat_map(Node::members)
                .filter_map(|header| Some((header.key.to_owned(), header.value.as_str()?.to_owned())))
                .collect();
            let headers: Vec<_> =
                headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let multipart = headers.iter().any(|(_, value)| value.starts_with("multipart/"));
            let body = text("body").unwrap_or_default().replace("{{payload}}", payload);
            let body = if multipart { body.replace('\n', "\r\n") } else { body };
            Some(request(text("method")?, text("path")?, &headers, &body))
        }
        "GraphQL" if text("method") == Some("GET") => {
            let query: serde_json::Value = serde_json::from_str(payload).ok()?;
            let query = query.get("query")?.as_str()?;
            let target: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
            Some(request("GET", &format!("/graphql?query={target}"), &[], ""))
        }
        name => place(name, encoding, payload),
    }
}
