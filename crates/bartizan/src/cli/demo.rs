//! `demo`: a sample API behind this very program, and a labelled mix of honest and hostile requests.

use super::Common;
use control::talk::{Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// End after the table, with 1 if any row is not as it is labelled
    #[arg(long)]
    exit: bool,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    let program = std::env::current_exe().map_err(|error| {
        Failure::trouble(format!("the program's own file is not known: {}", error.kind()))
    })?;
    let options = demo::Options { program, exit: options.exit, json: common.json };
    match demo::run(&options) {
        Ok(true) => Ok(Exit::Good),
        Ok(false) => Ok(Exit::Findings),
        Err(sentence) => Err(Failure::trouble(sentence)),
    }
}
