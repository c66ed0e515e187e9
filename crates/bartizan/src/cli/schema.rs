//! `schema`: what is generated from the code, for editors, for reviews and for the reference.

use clap::ValueEnum;

use super::Common;
use control::talk::{self, Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What to print
    #[arg(value_enum, default_value_t = Target::Gateway)]
    target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Target {
    /// The JSON Schema of the gateway file
    Gateway,
    /// The JSON Schema of a bindings file
    Bindings,
    /// The JSON Schema of a record: one JSON line for each request
    Record,
    /// Every check, and the risks of OWASP that they stand against, in Markdown or as a list
    Checks,
    /// Every reason for which a request is refused, in Markdown or as a list
    Codes,
    /// Every rule of our own, with examples and tags, in Markdown or as a list
    WafRules,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    talk::data(&printed(options.target, common.json)?)?;
    Ok(Exit::Good)
}

/// What is a page for people is a list with `--json`; a JSON Schema is JSON either way.
pub(super) fn printed(target: Target, json: bool) -> Result<String, Failure> {
    let list = |list: serde_json::Value| format!("{}\n", config::render::json(&list));
    Ok(match target {
        Target::Gateway => pretty(&config::schema::document())?,
        Target::Bindings => pretty(&policy::bindings::schema::document())?,
        Target::Record => pretty(&gateway::record_schema::record_schema())?,
        Target::Checks if json => list(gateway::catalogue::checks_list()),
        Target::Checks => gateway::catalogue::checks_markdown(),
        Target::Codes if json => list(gateway::catalogue::codes_list()),
        Target::Codes => gateway::catalogue::codes_markdown(),
        Target::WafRules if json => list(gateway::waf::own_rules_list()),
        Target::WafRules => gateway::waf::own_rules_page(),
    })
}

fn pretty(schema: &serde_json::Value) -> Result<String, Failure> {
    let text =
        serde_json::to_string_pretty(schema).map_err(|_| Failure::trouble("the schema cannot be written"))?;
    Ok(format!("{text}\n"))
}
