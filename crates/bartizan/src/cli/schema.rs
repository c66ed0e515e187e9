//! `schema`: what is generated from the code, for editors, for reviews and for the reference.

use clap::ValueEnum;

use control::talk::{self, Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What to print
    #[arg(value_enum, default_value_t = Target::Gateway)]
    target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// The JSON Schema of the gateway file
    Gateway,
    /// The JSON Schema of a bindings file
    Bindings,
    /// The JSON Schema of a record: one JSON line for each request
    Record,
    /// Every check, and the risks of OWASP that they stand against, in Markdown
    Checks,
    /// Every reason for which a request is refused, in Markdown
    Codes,
    /// Every rule of our own, with examples and tags, in Markdown
    WafRules,
}

pub(crate) fn run(options: &Options) -> Result<Exit, Failure> {
    match options.target {
        Target::Gateway => json(&config::schema::document())?,
        Target::Bindings => json(&policy::bindings::schema::document())?,
        Target::Record => json(&gateway::record_schema::record_schema())?,
        Target::Checks => talk::data(&gateway::catalogue::checks_markdown())?,
        Target::Codes => talk::data(&gateway::catalogue::codes_markdown())?,
        Target::WafRules => talk::data(&gateway::waf::own_rules_page())?,
    }
    Ok(Exit::Good)
}

fn json(schema: &serde_json::Value) -> Result<(), Failure> {
    let text =
        serde_json::to_string_pretty(schema).map_err(|_| Failure::trouble("the schema cannot be written"))?;
    talk::line(&text)
}
