//! What `WWW-Authenticate` says (RFC 9110 section 11.6.1, RFC 6750 section 3).

use std::sync::Arc;

use model::{Challenge, Code};

use super::scheme::Scheme;

/// One challenge for each way in which a credential may be sent, without `error`.
pub(super) fn all(api: &Arc<str>, schemes: &[Scheme]) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    for scheme in schemes {
        let challenge = match (scheme.takes_bearer(), scheme.header()) {
            (true, _) => bearer(api),
            (false, Some(header)) => {
                let (realm, header) = (api.to_string(), header.to_string());
                Challenge { scheme: "ApiKey", parameters: vec![("realm", realm), ("header", header)] }
            }
            (false, None) => continue,
        };
        if !challenges.contains(&challenge) {
            challenges.push(challenge);
        }
    }
    challenges
}

/// `error` only when a token was sent: a caller without any is told nothing about what is wrong with it.
pub(super) fn with_error(challenges: &[Challenge], code: Code) -> Vec<Challenge> {
    let mut challenges = challenges.to_vec();
    if code != Code::CredentialMissing {
        for challenge in challenges.iter_mut().filter(|challenge| challenge.scheme == "Bearer") {
            challenge.parameters.push(("error", "invalid_token".to_owned()));
            challenge.parameters.push(("error_description", code.title().to_owned()));
        }
    }
    challenges
}

/// For 403: which scopes the operation requires.
pub(in crate::checks) fn insufficient_scope(api: &Arc<str>, scopes: &[Arc<str>]) -> Challenge {
    let mut challenge = bearer(api);
    challenge.parameters.push(("error", "insufficient_scope".to_owned()));
    challenge.parameters.push(("scope", scopes.join(" ")));
    challenge
}

fn bearer(api: &Arc<str>) -> Challenge {
    Challenge { scheme: "Bearer", parameters: vec![("realm", api.to_string())] }
}
