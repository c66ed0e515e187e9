//! A first gateway file for a description, with a comment at each decision.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use model::Finding;
use openapi::{Description, KeyLocation, Operation, SchemeKind, Security, SecurityScheme};

use crate::{Environment, Sources};

/// What the caller knows already; the rest is marked `TODO` in the file.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub name: Option<String>,
    pub upstream: Option<String>,
    pub issuer: Option<String>,
    pub audience: Option<String>,
    /// `host:port` to listen on.
    pub listen: Option<String>,
}

/// A first gateway file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    pub text: String,
    /// Places that are marked `TODO`.
    pub todo: usize,
    /// Operations that say nothing about who may call them.
    pub silent: usize,
}

impl First {
    /// What is to be done about operations that would be refused; `None` when every one says who may call it.
    pub fn remark(&self) -> Option<String> {
        let begin = match self.silent {
            0 => return None,
            1 => "1 operation says nothing about who may call it and will be refused".to_owned(),
            many => format!("{many} operations say nothing about who may call them and will be refused"),
        };
        let advice =
            "add `security` to the description, or an overlay that does; `security: []` lets anyone call";
        Some(format!("{begin} (B2101): {advice}"))
    }

    /// `1 place is marked TODO`.
    pub fn places(&self) -> String {
        match self.todo {
            1 => "1 place is marked TODO".to_owned(),
            many => format!("{many} places are marked TODO"),
        }
    }
}

/// The gateway file that lies in `directory` and serves `spec`. `None` when the description is not usable; the
/// findings are about the description.
pub fn file(
    spec: &Path,
    directory: &Path,
    options: &Options,
    environment: &dyn Environment,
) -> (Option<First>, Vec<Finding>, Sources) {
    let mut sources = Sources::default();
    let (description, findings) = crate::description::load(spec, &[], directory, environment, &mut sources);
    let first = description.map(|description| {
        // From the file's folder, as every path in it.
        let relative = match (environment.canonical(spec), environment.canonical(directory)) {
            (Ok(spec), Ok(directory)) => {
                spec.strip_prefix(&directory).map(Path::to_owned).unwrap_or_else(|_| spec.clone())
            }
            _ => spec.to_owned(),
        };
        let text = write(&description, &relative.to_string_lossy(), options);
        let silent = |operation: &&Arc<Operation>| matches!(operation.security, Security::Missing);
        First {
            todo: text.matches("TODO").count(),
            silent: description.operations.iter().filter(silent).count(),
            text,
        }
    });
    (first, findings, sources)
}

fn write(description: &Description, spec: &str, options: &Options) -> String {
    let name = options.name.clone().unwrap_or_else(|| slug(&description.title));
    let mut out = String::new();
    let mut line = |text: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{text}");
    };
    line(&format!("# Bartizan in front of {}.", comment(&description.title)));
    line(
        "# `bartizan check` judges this file, `bartizan explain GET /path` says what it does, `bartizan serve` runs it.",
    );
    line("version: 1");
    let listen = options.listen.as_deref().unwrap_or("127.0.0.1:8080");
    let beyond = "# beyond loopback: { address: ..., tls: { certificate: ..., key: ... } }";
    line(&format!("listen: {:<26} {beyond}", quoted(listen)));
    line("apis:");
    line(&format!("  {name}:"));
    line(&format!("    spec: {}", quoted(spec)));
    match &options.upstream {
        Some(upstream) => line(&format!("    upstream: {}", quoted(upstream))),
        None => line("    upstream: http://127.0.0.1:3000  # TODO: where the service answers"),
    }
    if distinct_paths(description) > 1 {
        line("    base_path: /                     # TODO: the description's servers have different paths");
    }
    let (entries, idle): (Vec<_>, Vec<_>) = used(description)
        .into_iter()
        .map(|scheme| authenticator(scheme, &name, options).ok_or(scheme))
        .partition(Result::is_ok);
    for scheme in idle.into_iter().filter_map(Result::err) {
        line(&format!(
            "# TODO: nothing can enforce {}; an overlay can say what the service really uses",
            comment(&scheme.name)
        ));
    }
    // With nothing below it, the key would be refused.
    if !entries.is_empty() {
        line("auth:");
    }
    for entry in entries.into_iter().flatten() {
        line(&entry);
    }
    line("limits:");
    line("  - { per: client, rate: 600/min }   # TODO: what an honest client needs");
    line("  - { per: address, rate: 1200/min }");
    line("# admin: { address: 127.0.0.1:9901 } # metrics and health");
    out
}

/// The entry of `auth`; `None` when nothing could enforce the scheme.
fn authenticator(scheme: &SecurityScheme, api: &str, options: &Options) -> Option<String> {
    let name = quoted(&scheme.name);
    let todo = |given: &Option<String>, fallback: &str, what: &str| match given {
        Some(text) => quoted(text),
        None => format!("{}  # TODO: {what}", quoted(fallback)),
    };
    // A key in `Authorization` is a token with a word before it, as Swagger 2.0 and frameworks describe theirs.
    let is_token = |header: &str| header.eq_ignore_ascii_case("authorization");
    match &scheme.kind {
        SchemeKind::ApiKey { location: KeyLocation::Header, name: header } if !is_token(header) => {
            let variable: String = api
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
                .collect();
            Some(format!(
                "  {name}:\n    keys:\n      # TODO: one entry a client; `openssl rand -hex 32` makes a key\n      \
                 - id: first-client\n        key: ${{env:{variable}_KEY}}\n        \
                 # authorizes: true           # TODO: only if the key alone may satisfy an operation"
            ))
        }
        SchemeKind::ApiKey { location: KeyLocation::Header, .. }
        | SchemeKind::Bearer { .. }
        | SchemeKind::OAuth2
        | SchemeKind::OpenIdConnect { .. } => {
            let issuer = todo(&options.issuer, "https://login.example.com/", "the `iss` of your tokens");
            let audience = todo(&options.audience, api, "the `aud` that your issuer writes for this API");
            Some(format!("  {name}:\n    issuer: {issuer}\n    audience: {audience}"))
        }
        _ => None,
    }
}

/// Schemes that an operation asks for, by name.
fn used(description: &Description) -> Vec<&SecurityScheme> {
    let asks = |scheme: &SecurityScheme| {
        description.operations.iter().any(|operation| match &operation.security {
            Security::AnyOf(alternatives) => alternatives
                .iter()
                .flat_map(|alternative| &alternative.schemes)
                .any(|required| required.scheme == scheme.name),
            _ => false,
        })
    };
    description.security_schemes.values().filter(|scheme| asks(scheme)).collect()
}

fn distinct_paths(description: &Description) -> usize {
    let mut paths: Vec<_> =
        description.servers.iter().map(|server| crate::build::server_path(&server.url)).collect();
    paths.sort();
    paths.dedup();
    paths.len()
}

/// A name from a title: lower case, digits and `-`.
fn slug(title: &str) -> String {
    let words: Vec<String> = title
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .take(4)
        .collect();
    match words.join("-") {
        text if text.starts_with(|c: char| c.is_ascii_alphabetic()) => text,
        text if text.is_empty() => "api".to_owned(),
        text => format!("api-{text}"),
    }
}

/// A scalar that YAML reads as this text.
fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-:".contains(c))
        && !text.ends_with(':')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_lowercase().as_str());
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// Text of the description inside a comment: one line.
fn comment(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests;
