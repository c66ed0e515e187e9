//! `policy`: bindings and policies, before anything is served.

mod infer;

use super::Common;
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
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    match &options.verb {
        Verb::Infer(options) => infer::run(common, options),
    }
}
