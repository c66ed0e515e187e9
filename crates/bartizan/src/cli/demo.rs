//! `demo`: a sample API behind this very program, and a labelled mix of honest and hostile requests.

use super::Common;
use control::talk::{self, Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// End after the table, with 1 if any row is not as it is labelled
    #[arg(long)]
    exit: bool,

    /// An API that checks no owner, every kind of caller, object and operation: bare, hardened, and behind this program
    #[arg(long)]
    authorization: bool,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    let program = std::env::current_exe().map_err(|error| {
        Failure::trouble(format!("the program's own file is not known: {}", error.kind()))
    })?;
    if options.authorization {
        return matrix(common, &program);
    }
    let options = demo::Options { program, exit: options.exit, json: common.json };
    match demo::run(&options) {
        Ok(true) => Ok(Exit::Good),
        Ok(false) => Ok(Exit::Findings),
        Err(sentence) => Err(Failure::trouble(sentence)),
    }
}

/// Ends with 1 if any cell is not as its rule says.
fn matrix(common: &Common, program: &std::path::Path) -> Result<Exit, Failure> {
    let folder = std::env::temp_dir().join(format!("bartizan-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::trouble(format!("no folder for its files: {}", error.kind())))?;
    let report = victim::matrix::report(program, &folder);
    // What is left behind when this fails is a few files in the folder for such things.
    let _ = std::fs::remove_dir_all(&folder);
    let report = report.map_err(Failure::trouble)?;
    talk::answer(common.json, &report.to_json(), &report.to_string())?;
    Ok(Exit::good_if(report.holds()))
}
