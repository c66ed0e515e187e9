//! `completions`: a script that a shell reads to complete our commands.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use control::talk::{self, Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(options: &Options) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Cli::command(), "bartizan", &mut script);
    talk::data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Good)
}
