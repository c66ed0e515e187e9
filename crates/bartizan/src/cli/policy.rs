//! `policy`: who may do what, proposed, judged, tried on expected decisions, and proved to keep tenants apart.

mod infer;
mod judge;

use std::path::PathBuf;

use super::{Common, Shape};
use control::talk::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Propose a bindings file for a description, and confirm it with two identities
    Infer(infer::Options),
    /// Judge bindings and policies, the tenant guard among them
    Check {
        /// Policy files in place of those that the gateway file names
        files: Vec<PathBuf>,
        /// The API, where several have authorization
        #[arg(long)]
        api: Option<String>,
        /// How findings are written
        #[arg(long, value_enum, default_value = "text")]
        format: Shape,
    },
    /// Run a table of expected decisions; ends with 1 where one differs
    Test {
        table: PathBuf,
        /// The API, where the table names none
        #[arg(long)]
        api: Option<String>,
        /// A policy file in place of those that the gateway file names; may be repeated. The set may lack the guard
        #[arg(long)]
        policies: Vec<PathBuf>,
    },
    /// Show that nobody but operators crosses tenants, by the guard's shape, or who does
    Prove,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    match &options.verb {
        Verb::Infer(options) => infer::run(common, options),
        Verb::Check { files, api, format } => judge::check(common, files, api.as_deref(), *format),
        Verb::Test { table, api, policies } => judge::test(common, table, api.as_deref(), policies),
        Verb::Prove => judge::prove(common),
    }
}
