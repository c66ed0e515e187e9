//! `rule`: what a finding's code means, and what to do about it.

use serde_json::json;

use super::Common;
use control::talk::{self, Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Such as B2103; every code is listed without one
    code: Option<String>,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    let Some(code) = &options.code else {
        let entries: Vec<_> = config::codes::all().collect();
        if common.json {
            let rules: Vec<_> =
                entries.iter().map(|entry| json!({ "code": entry.code, "title": entry.title })).collect();
            talk::json(&json!({ "version": 1, "rules": rules }))?;
        } else {
            let rows: Vec<_> =
                entries.iter().map(|entry| vec![entry.code.to_owned(), entry.title.to_owned()]).collect();
            talk::data(&config::render::table(&["CODE", "MEANS"], &rows))?;
        }
        return Ok(Exit::Good);
    };
    let entry = config::codes::explain(code)
        .ok_or_else(|| Failure::trouble(format!("there is no code `{code}`; `bartizan rule` lists them")))?;
    if common.json {
        let rule = json!({ "version": 1, "code": entry.code, "title": entry.title, "text": entry.text });
        talk::json(&rule)?;
    } else {
        talk::line(&format!(
            "{}: {}\n\n{}",
            entry.code,
            entry.title,
            config::render::wrapped(entry.text, 80)
        ))?;
    }
    Ok(Exit::Good)
}
