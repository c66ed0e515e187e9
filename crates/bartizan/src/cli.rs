//! The command line: its verbs, its options, and how each verb ends.

mod block;
mod check;
mod completions;
mod demo;
mod diff;
mod explain;
mod init;
mod policy;
mod reload;
mod routes;
mod rule;
mod schema;
mod serve;
mod status;
mod tail;
mod waf;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use config::{Configuration, Environment, Sources};
use model::Finding;

use control::talk::{self, Exit, Failure};

/// An API security gateway: only what the OpenAPI description lists gets through.
#[derive(Debug, Parser)]
#[command(name = "bartizan", version, propagate_version = true, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// The gateway file
    #[arg(
        long,
        global = true,
        env = "BARTIZAN_CONFIG",
        default_value = "bartizan.yaml",
        value_name = "FILE"
    )]
    pub(crate) config: PathBuf,
    /// Write data as JSON, in a versioned shape
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write a first gateway file for a description
    Init(init::Options),
    /// Run the gateway
    Serve(serve::Options),
    /// Show the main job: a sample API, honest and hostile requests, what became of them
    Demo(demo::Options),
    /// Judge the gateway file and everything it names
    Check(check::Options),
    /// Say what happens to a request, and why
    Explain(explain::Options),
    /// List the operations that are served, and who may call them
    Routes,
    /// Print the JSON Schema of the gateway file or of a record, the checks, or the codes of refusals
    Schema(schema::Options),
    /// Judge, try and prove who may do what
    Policy(policy::Options),
    /// Rules against attacks: list them, try them on requests, explain and tune them
    Waf(waf::Options),
    /// Make the running gateway read its configuration again
    Reload,
    /// Ask the running gateway how it is
    Status,
    /// Keep somebody or something out at once, until an end; list and lift such blocks
    Block(Box<block::Options>),
    /// Follow the decisions of the running gateway
    Tail(tail::Options),
    /// Say what the difference of two gateway files means for security
    Diff(diff::Options),
    /// Explain the code of a finding
    Rule(rule::Options),
    /// Print a script that completes commands in a shell
    Completions(completions::Options),
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    Text,
    Json,
    Sarif,
    Github,
}

impl Shape {
    /// The format on stdout; `--json` wins over the default.
    pub(crate) fn format(self, json: bool) -> config::render::Format {
        use config::render::Format;
        match self {
            Self::Text if json => Format::Json,
            Self::Text => Format::Text(talk::style(&std::io::stdout())),
            Self::Json => Format::Json,
            Self::Sarif => Format::Sarif,
            Self::Github => Format::Github,
        }
    }
}

pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap writes help and version to stdout and everything else to stderr.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Trouble as u8 } else { Exit::Good as u8 });
        }
    };
    let exit = run(&cli).unwrap_or_else(|failure| {
        if !failure.sentence.is_empty() {
            talk::say(&format!("bartizan: {}", failure.sentence));
        }
        failure.exit
    });
    ExitCode::from(exit as u8)
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    let common = &cli.common;
    match &cli.verb {
        Verb::Init(options) => init::run(common, options),
        Verb::Serve(options) => serve::run(common, options),
        Verb::Demo(options) => demo::run(common, options),
        Verb::Check(options) => check::run(common, options),
        Verb::Explain(options) => explain::run(common, options),
        Verb::Routes => routes::run(common),
        Verb::Schema(options) => schema::run(common, options),
        Verb::Policy(options) => policy::run(common, options),
        Verb::Waf(options) => waf::run(common, options),
        Verb::Reload => reload::run(common),
        Verb::Status => status::run(common),
        Verb::Block(options) => block::run(common, options),
        Verb::Tail(options) => tail::run(common, options),
        Verb::Diff(options) => diff::run(common, options),
        Verb::Rule(options) => rule::run(common, options),
        Verb::Completions(options) => completions::run(options),
    }
}

/// The configuration, or its errors as pictures and exit 2.
pub(crate) fn configuration(
    common: &Common,
    environment: &dyn Environment,
) -> Result<(Configuration, Vec<Finding>, Sources), Failure> {
    let (configuration, findings, sources) = config::read(&common.config, environment);
    match configuration {
        Some(configuration) => Ok((configuration, findings, sources)),
        None => {
            let errors: Vec<_> = findings.into_iter().filter(Finding::is_error).collect();
            talk::show(&errors, &sources);
            let file = common.config.display();
            Err(Failure::trouble(format!("{file} cannot be used: {}", config::render::tally(&errors))))
        }
    }
}

/// The configuration as far as looking at it needs: secrets are not read.
pub(crate) fn looked_at(common: &Common) -> Result<(Configuration, Sources), Failure> {
    let environment = config::WithoutSecrets(config::Machine);
    configuration(common, &environment).map(|(configuration, _, sources)| (configuration, sources))
}

/// A runtime for verbs that ask the running gateway.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::trouble(format!("no runtime: {}", error.kind())))
}

#[cfg(test)]
mod tests;
