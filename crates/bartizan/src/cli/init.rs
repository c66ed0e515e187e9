//! `init`: a first gateway file, with a comment at each decision. It asks nothing and overwrites nothing.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Common;
use control::talk::{self, Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The OpenAPI description
    spec: PathBuf,
    /// A name for the API; by default made from its title
    #[arg(long)]
    name: Option<String>,
    /// Where the service answers, such as http://127.0.0.1:3000
    #[arg(long)]
    upstream: Option<String>,
    /// The `iss` of the tokens
    #[arg(long)]
    issuer: Option<String>,
    /// The `aud` of the tokens
    #[arg(long)]
    audience: Option<String>,
    /// Where to listen, such as 127.0.0.1:8080
    #[arg(long)]
    listen: Option<String>,
    /// Print the file instead of writing it
    #[arg(long)]
    print: bool,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    let directory =
        common.config.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wishes = config::init::Options {
        name: options.name.clone(),
        upstream: options.upstream.clone(),
        issuer: options.issuer.clone(),
        audience: options.audience.clone(),
        listen: options.listen.clone(),
    };
    let (first, findings, sources) = config::init::file(&options.spec, directory, &wishes, &config::Machine);
    let errors: Vec<_> = findings.into_iter().filter(model::Finding::is_error).collect();
    talk::show(&errors, &sources);
    let first = first.ok_or_else(|| Failure::trouble("the description cannot be used"))?;
    talk::say(&first.remark().unwrap_or_default());
    if options.print {
        talk::data(&first.text)?;
        return Ok(Exit::Good);
    }
    let path = &common.config;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(first.text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::trouble(format!("{} exists; it is not overwritten", path.display()))
        }
        kind => Failure::trouble(format!("{} cannot be written: {kind}", path.display())),
    })?;
    talk::say(&format!("wrote {}; {}, then `bartizan check`", path.display(), first.places()));
    if common.json {
        talk::json(&json!({ "version": 1, "file": path.display().to_string(), "todo": first.todo }))?;
    }
    Ok(Exit::Good)
}
