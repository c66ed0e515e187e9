//! `policy infer`: a bindings file for a description, each line with how sure it is and why.

use std::path::PathBuf;

use control::confirm::{self, Identity};
use control::talk::{self, Exit, Failure};
use serde_json::json;

use crate::cli::{Common, runtime};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bartizan policy infer orders.openapi.yaml > bindings.yaml\n  bartizan policy infer \
                  orders.openapi.yaml --upstream http://127.0.0.1:3000 --as A=ann.token --as B=env:BOB_TOKEN"
)]
pub(crate) struct Options {
    /// The OpenAPI description
    spec: PathBuf,
    /// An overlay, applied in order
    #[arg(long, value_name = "FILE")]
    overlay: Vec<PathBuf>,
    /// Where the service answers: asks lists and objects of others to confirm the proposal
    #[arg(long, value_name = "URL", requires = "identities")]
    upstream: Option<String>,
    /// An identity: a file with its bearer token, or with all of `Authorization` (`Token abc`), or `env:NAME`; twice
    #[arg(long = "as", value_name = "NAME=FILE", requires = "upstream")]
    identities: Vec<String>,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    let (description, findings, sources) =
        config::described(&options.spec, &options.overlay, &config::Machine);
    let errors: Vec<_> = findings.into_iter().filter(model::Finding::is_error).collect();
    talk::show(&errors, &sources);
    let description = description.ok_or_else(|| Failure::trouble("the description cannot be used"))?;
    let mut inferred = ::policy::infer::infer(&description);
    if let Some(upstream) = &options.upstream {
        let [a, b] = options.identities.as_slice() else {
            return Err(Failure::trouble("two identities are needed: --as A=FILE --as B=FILE"));
        };
        let (a, b) = (identity(a)?, identity(b)?);
        runtime()?.block_on(confirm::confirm(&mut inferred, upstream, &a, &b))?;
    }
    let text = inferred.text();
    let lines = inferred.operations.iter().map(|one| {
        json!({ "operation": one.id, "binding": one.binding.what, "confidence": one.binding.confidence, "why": one.binding.why })
    });
    let document = json!({
        "version": 1, "bindings": text, "asked": inferred.asked, "operations": lines.collect::<Vec<_>>(),
    });
    talk::answer(common.json, &document, &text)?;
    let unsure = inferred.operations.iter().filter(|one| one.binding.confidence < 70).count();
    talk::say(&format!(
        "{} operations, {unsure} of them unsure; read every line, then `bartizan check`",
        inferred.operations.len()
    ));
    Ok(Exit::Good)
}

/// `A=token.txt`, `A=env:TOKEN`. The token itself never stands on a command line.
fn identity(text: &str) -> Result<Identity, Failure> {
    let from = text.split_once('=').map(|(_, from)| from);
    let from = from.ok_or_else(|| Failure::trouble("an identity reads NAME=FILE or NAME=env:VARIABLE"))?;
    let token = match from.strip_prefix("env:") {
        Some(name) => std::env::var(name).map_err(|_| Failure::trouble(format!("`{name}` is not set")))?,
        None => std::fs::read_to_string(from)
            .map_err(|error| Failure::trouble(format!("`{from}` cannot be read: {}", config::why(&error))))?,
    };
    Identity::with(&token)
}
