//! The gateway file: read, judged as a whole, explained in pictures, and compared with another one.
//!
//! [`read`] finds everything that is wrong at once. [`keys`] is the one description of the file that reading,
//! suggestions and the JSON Schema come from. [`render`] shows findings; [`diff`] says what a change means for security.

mod build;
mod checks;
pub mod codes;
mod description;
pub mod diff;
pub mod explain;
pub mod init;
pub mod kept;
pub mod keys;
pub mod policies;
mod references;
mod relations;
pub mod render;
pub mod restart;
mod scalars;
pub mod schema;
mod sources;
mod suggest;
mod values;
pub mod waf;
mod walk;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use gateway::settings::Settings;
use model::Finding;

pub use description::described;
pub use scalars::{duration, instant};
pub use sources::{Environment, Look, Machine, Sources, WithoutSecrets, why};
pub use walk::rate_text as rate;

/// A gateway file that can be served, less what only a process knows.
#[derive(Debug, Clone)]
pub struct Configuration {
    pub settings: Settings,
    /// Where records, the administration socket and the last good configuration are kept.
    pub state_dir: PathBuf,
    /// Room for records in `state_dir`; `None` keeps none.
    pub records_bytes_max: Option<u64>,
    pub admin: Option<Admin>,
    /// A SHA-256 over what stands in the files of WAF rules, wherever these are.
    pub(crate) rule_files: Vec<u8>,
}

/// The read-only port for metrics and health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    pub address: SocketAddr,
    /// Holds the bearer token; made at the first start when it is absent.
    pub token_file: PathBuf,
    /// Names besides those of the loopback under which it may be asked, lower case.
    pub hosts: Vec<String>,
}

/// Reads a gateway file and everything that it names. All findings at once, sorted by place; `None` when one of them is
/// an error.
pub fn read(path: &Path, environment: &dyn Environment) -> (Option<Configuration>, Vec<Finding>, Sources) {
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    let noting = sources::Noting::new(environment);
    let configuration = read_into(path, &noting, &mut sources, &mut findings);
    sources.looked(noting.into_looks());
    findings.sort_by(|a, b| (&a.place, &a.code).cmp(&(&b.place, &b.code)));
    findings.dedup();
    let usable = !findings.iter().any(Finding::is_error);
    (configuration.filter(|_| usable), findings, sources)
}

fn read_into(
    path: &Path,
    environment: &dyn Environment,
    sources: &mut Sources,
    findings: &mut Vec<Finding>,
) -> Option<Configuration> {
    let name = path.to_string_lossy().into_owned();
    let text = match environment.read(path) {
        Ok(bytes) => Bytes::from(bytes),
        Err(error) => {
            findings.push(
                Finding::error("B2001", format!("`{name}` cannot be read: {}", why(&error)))
                    .advice("`bartizan init SPEC` writes a first file; `--config FILE` names another"),
            );
            return None;
        }
    };
    sources.insert(name.as_str(), text.clone());
    let locator = sources::Locator::new(name.as_str(), text.clone());
    let directory = path.parent().map(Path::to_owned).unwrap_or_default();
    let tape = match parse(path, text) {
        Ok(tape) => tape,
        Err(fault) => {
            let sentence = format!("`{name}` cannot be parsed: {fault}");
            findings.push(Finding::error("B2001", sentence).at(locator.point(fault.offset), "noticed here"));
            sources.could_not_parse(&name);
            return None;
        }
    };
    let root = {
        let mut walk = walk::Walk {
            locator: &locator,
            directory: directory.clone(),
            environment,
            sources: &mut *sources,
            findings: &mut *findings,
        };
        walk.section(tape.root(), &keys::ROOT)?
    };
    let insecure = build::Insecure::of(&root);
    let mut build = build::Build {
        environment,
        sources: &mut *sources,
        findings,
        directory,
        insecure,
        shown: Vec::new(),
        rule_files: waf::Written::default(),
    };
    let mut configuration = build.configuration(&root);
    configuration.settings.hash = sources.hash();
    Some(configuration)
}

/// Where a gateway file keeps its state, even when much of the file is wrong.
pub fn state_dir(path: &Path, environment: &dyn Environment) -> PathBuf {
    known_state_dir(path, environment).unwrap_or_else(|| folder(path).join(STATE_DIR))
}

/// Like [`state_dir`]; `None` when the file does not say, because it cannot be read or parsed.
pub fn known_state_dir(path: &Path, environment: &dyn Environment) -> Option<PathBuf> {
    let tape = parse(path, Bytes::from(environment.read(path).ok()?)).ok()?;
    let written = match tape.root().get("state_dir") {
        Some(written) => written.as_str()?.to_owned(),
        None => STATE_DIR.to_owned(),
    };
    Some(folder(path).join(written))
}

fn folder(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

/// As the table of keys says; a test holds them together.
const STATE_DIR: &str = ".bartizan";

/// JSON by its name, YAML otherwise.
fn parse(path: &Path, text: Bytes) -> Result<tape::Tape, tape::Fault> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        tape::json::parse(text, &tape::Limits::default())
    } else {
        tape::yaml::parse(text, &tape::Limits::default())
    }
}

#[cfg(test)]
mod tests;
