//! References to secrets: `${env:NAME}` and `${file:/path}`. A secret never stands in the file itself.

use std::path::{Path, PathBuf};

use model::{Finding, Place, Secret};

use crate::sources::Environment;

/// What a reference names.
#[derive(Debug, PartialEq, Eq)]
enum Reference<'a> {
    Variable(&'a str),
    File(&'a str),
    /// A scheme that this version does not know.
    Other(&'a str),
}

/// Bytes that stand where a secret was not to be read ([`Environment::has_secrets`]).
pub(crate) const STAND_IN: [u8; 64] = [b'-'; 64];

fn parse(text: &str) -> Option<Reference<'_>> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    let (scheme, name) = inner.split_once(':')?;
    (!name.is_empty()).then_some(match scheme {
        "env" => Reference::Variable(name),
        "file" => Reference::File(name),
        other => Reference::Other(other),
    })
}

/// Whether the text looks like a reference, for keys where a plain text belongs.
pub(crate) fn looks_like_one(text: &str) -> bool {
    text.starts_with("${")
}

/// Reads a secret. The finding names the variable or the file, never the content.
pub(crate) fn resolve(
    text: &str,
    place: &Place,
    directory: &Path,
    environment: &dyn Environment,
) -> Result<Secret<Vec<u8>>, Box<Finding>> {
    let reference = parse(text).ok_or_else(|| {
        Finding::error("B2010", "a secret stands in the file")
            .at(place.clone(), "a reference belongs here")
            .advice("write `${env:NAME}` or `${file:/run/secrets/name}`, and change the secret if it was ever committed")
    })?;
    let unresolved =
        |sentence: String| Finding::error("B2011", sentence).at(place.clone(), "referred to here");
    let bytes =
        match reference {
            Reference::Other(scheme) => {
                let finding = Finding::error("B2012", format!("there are no `{scheme}` references"));
                let finding = finding.at(place.clone(), "not known in this version");
                return Err(Box::new(finding.advice("use `${env:NAME}` or `${file:/path}`")));
            }
            _ if !environment.has_secrets() => return Ok(Secret::new(STAND_IN.to_vec())),
            Reference::Variable(name) => environment
                .variable(name)
                .map(std::ffi::OsString::into_encoded_bytes)
                .ok_or_else(|| unresolved(format!("the environment variable `{name}` is not set")))?,
            Reference::File(name) => {
                let path: PathBuf = directory.join(name);
                let mut bytes = environment.read(&path).map_err(|error| {
                    unresolved(format!("the secret's file cannot be read: {}", crate::why(&error)))
                })?;
                // Editors and `echo` end a file with a line break that is not part of the secret.
                if bytes.last() == Some(&b'\n') {
                    bytes.pop();
                    if bytes.last() == Some(&b'\r') {
                        bytes.pop();
                    }
                }
                bytes
            }
        };
    if bytes.is_empty() {
        return Err(Box::new(unresolved("the secret is empty".to_owned())));
    }
    Ok(Secret::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::{Reference, parse};

    #[test]
    fn a_reference_has_a_scheme_and_a_name() {
        assert_eq!(parse("${env:KEY}"), Some(Reference::Variable("KEY")));
        assert_eq!(parse("${file:/run/secrets/x}"), Some(Reference::File("/run/secrets/x")));
        assert_eq!(parse("${vault:orders}"), Some(Reference::Other("vault")));
        for text in ["hunter2", "$KEY", "${KEY}", "${env:}", "x${env:KEY}", "${env:KEY} "] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
