//! Honest requests: recordings of people who browse and of applications.

use std::path::Path;

use serde_json::Value;

use super::{Sample, place, split};

pub fn read(folder: &Path) -> Result<Vec<Sample>, String> {
    let text = unpacked(&folder.join("legitimate-browser-and-app.jsonl.gz"))?;
    text.lines().enumerate().map(|(number, line)| sample(number, line)).collect()
}

fn sample(number: usize, line: &str) -> Result<Sample, String> {
    let wrong = |what: &str| format!("line {number} of the honest requests: {what}");
    let recorded: Value = serde_json::from_str(line).map_err(|error| wrong(&error.to_string()))?;
    let text = |name: &str| recorded.get(name).and_then(Value::as_str).ok_or_else(|| wrong(name));
    let headers = recorded.get("headers").and_then(Value::as_object).ok_or_else(|| wrong("headers"))?;
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())).collect();
    let site = text("site")?;
    Ok(Sample {
        class: "sites".to_owned(),
        id: format!("{site} {number}"),
        honest: true,
        learn: split::learns(site),
        sent: place::write(text("method")?, text("url")?, &headers, text("data")?.as_bytes()),
    })
}

/// The text of a file packed with gzip.
pub fn unpacked(path: &Path) -> Result<String, String> {
    let output = std::process::Command::new("gzip").arg("-dc").arg(path).output();
    let output = output.map_err(|error| format!("gzip: {error}"))?;
    if !output.status.success() {
        return Err(format!("{}: {}", path.display(), String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("{}: not UTF-8", path.display()))
}
