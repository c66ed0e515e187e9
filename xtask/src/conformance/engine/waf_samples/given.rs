//! Requests of one's own, whole: a JSON object a line with `class`, `id`, `honest`, and the bytes `sent`, in Base64.
//!
//! What has the same `key` falls into the same half; without one the `id` decides.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Sample, split};

pub fn read(path: &Path) -> Result<Vec<Sample>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let samples = text.lines().enumerate().map(|(number, line)| {
        sample(line).map_err(|why| format!("{}:{}: {why}", path.display(), number + 1))
    });
    samples.collect()
}

fn sample(line: &str) -> Result<Sample, String> {
    let given: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let text =
        |name: &str| given.get(name).and_then(Value::as_str).ok_or_else(|| format!("there is no `{name}`"));
    let (class, id) = (text("class")?, text("id")?);
    let key = text("key").unwrap_or(id);
    Ok(Sample {
        class: class.to_owned(),
        id: id.to_owned(),
        honest: given.get("honest").and_then(Value::as_bool).ok_or("there is no `honest`")?,
        learn: split::learns(&format!("{class}/{key}")),
        sent: STANDARD.decode(text("sent")?).map_err(|error| error.to_string())?,
    })
}
