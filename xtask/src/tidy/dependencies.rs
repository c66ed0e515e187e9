//! Licences, bans and sources of everything we depend on, from `cargo metadata`.

use serde_json::Value;

use crate::shell;

/// Licences that a dependency may be used under; `deny.toml` states the same for users of cargo-deny.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Zlib",
];

/// Crates that must not come in, and why.
const BANNED: &[(&str, &str)] = &[
    ("openssl-sys", "TLS is rustls with aws-lc-rs"),
    ("native-tls", "TLS is rustls with aws-lc-rs"),
    ("serde_yaml", "no longer maintained"),
    ("serde_yml", "unsound"),
    ("jsonwebtoken", "accepts `crit` that it does not understand; `token` is our verifier"),
    ("reqwest", "only `net` opens sockets"),
    ("inventory", "registration is a visible list"),
    ("linkme", "registration is a visible list"),
];

pub fn metadata() -> Result<Value, String> {
    let text = shell::output("cargo", &["metadata", "--format-version", "1", "--locked"])?;
    serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))
}

pub fn faults(metadata: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    // Cargo's own registry is the one that the workspace's first foreign package comes from.
    let registry =
        packages(metadata).map(|package| text(package, "source")).find(|source| !source.is_empty());
    for package in packages(metadata) {
        let name = text(package, "name");
        if let Some((_, why)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            faults.push(format!("`{name}` is banned: {why}"));
        }
        let source = text(package, "source");
        if !source.is_empty() && (!source.starts_with("registry+") || Some(source) != registry) {
            faults.push(format!("`{name}` comes from `{source}`, not from Cargo's registry"));
        }
        let licence = text(package, "license");
        if !is_allowed(licence) {
            faults.push(format!("`{name}` has the licence `{licence}`, which is not on the list"));
        }
    }
    faults
}

pub fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata.get("packages").and_then(Value::as_array).into_iter().flatten()
}

pub fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Whether an SPDX expression can be satisfied by licences on the list. AND binds tighter than OR.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    split(&expression, " OR ").iter().any(|alternative| {
        split(alternative, " AND ").iter().all(|part| {
            let part = part.trim();
            match part.strip_prefix('(').and_then(|part| part.strip_suffix(')')) {
                Some(inner) => is_allowed(inner),
                None => LICENCES.contains(&part),
            }
        })
    })
}

/// Splits at a separator that stands outside parentheses.
fn split<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0
                && at >= start
                && text.get(at..).is_some_and(|rest| rest.starts_with(separator)) =>
            {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + separator.len();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn reads_licence_expressions() {
        for good in
            ["MIT", "MIT OR Apache-2.0", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "ISC AND (Apache-2.0 OR ISC)"]
        {
            assert!(is_allowed(good), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(GPL-2.0 OR GPL-3.0) AND MIT"] {
            assert!(!is_allowed(bad), "{bad}");
        }
    }
}
