//! The demo: a sample business API that checks nothing, an issuer, the real gateway before it, and a labelled mix of
//! honest and hostile requests with a table of what was let through, what was refused, and why.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the demo talks to a person")]

mod backend;
mod cases;
mod gateway;
mod issuer;
mod raw;
pub mod stage;
mod table;

use std::path::{Path, PathBuf};

use cases::{Case, Tokens};

/// How the demo is run.
pub struct Options {
    /// The `bartizan` program to start as the gateway.
    pub program: PathBuf,
    /// End after the table instead of staying up.
    pub exit: bool,
    /// Print the rows as JSON instead of a table.
    pub json: bool,
}

/// Runs the demo. `Ok(true)`: every row went as it is labelled.
///
/// # Errors
/// A sentence when something cannot be started.
pub fn run(options: &Options) -> Result<bool, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("no runtime: {error}"))?;
    let backend = runtime.block_on(backend::start())?;
    let issuer = runtime.block_on(issuer::start())?;
    let gateway = gateway::Gateway::start(&options.program, backend.address, &issuer)?;
    let tokens = Tokens::mint(&issuer)?;
    let rows = cases::run(&cases::all(&tokens), gateway.address)?;
    let as_labelled = rows.iter().all(|row| row.as_labelled);
    if options.json {
        println!("{}", table::json(&rows));
    } else {
        table::print(&rows);
    }
    if !options.exit {
        stay_up(&options.program, &gateway, &issuer, &tokens, &backend);
        runtime.block_on(async { tokio::signal::ctrl_c().await }).map_err(|error| error.to_string())?;
    }
    Ok(as_labelled)
}

fn stay_up(
    program: &Path,
    gateway: &gateway::Gateway,
    issuer: &issuer::Issuer,
    tokens: &Tokens,
    backend: &backend::Backend,
) {
    let at = gateway.address;
    let file = gateway.folder().join("gateway.yaml");
    eprintln!(
        "\nstill up: gateway http://{at}, sample API http://{}, issuer {}",
        backend.address, issuer.url
    );
    eprintln!("its files are in {}; Ctrl-C ends everything. Try:\n", gateway.folder().display());
    eprintln!("  curl -i http://{at}/orders -H 'Authorization: Bearer {}'", tokens.alice);
    eprintln!("  curl -i 'http://{at}/status?debug=true'");
    eprintln!("  curl -i http://{at}/internal/users");
    eprintln!("\nand, with the request id of an answer (the header x-request-id):\n");
    eprintln!("  {} explain --config {} --request-id ID", program.display(), file.display());
}

/// One row's outcome.
pub(crate) struct Row {
    pub case: Case,
    pub status: u16,
    pub code: String,
    pub request_id: String,
    pub as_labelled: bool,
}
