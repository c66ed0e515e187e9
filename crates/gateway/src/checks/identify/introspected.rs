//! Tokens that somebody else is asked about (RFC 7662, or the service itself): what the answer proves.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use model::{Code, CredentialKind, Principal, Secret, TokenIdentity};
use serde_json::{Map, Value};

use super::caller;
use super::jwt::{is_bound, name, seconds, unchecked_binding};
use super::outcome::{Look, Outcome, Problem};
use super::scheme::signed_sha256;
use crate::question::{Answer, Question};
use crate::settings::{OpaqueTokens, TokenAuthority};
use crate::tokens::{Proven, Remembered, TokenKey};

/// How long at most a token counts as inactive without asking again.
const INACTIVE_FOR: Duration = Duration::from_secs(10);

type Members = Map<String, Value>;

pub(super) struct IntrospectionVerifier {
    settings: Arc<OpaqueTokens>,
}

impl IntrospectionVerifier {
    pub(super) fn new(settings: &OpaqueTokens) -> Self {
        Self { settings: Arc::new(settings.clone()) }
    }

    /// Whether the service is shown a token as it arrives there: after the word that it is asked with, and whole.
    pub(super) fn is_shown_alike(&self, word: &str, token: &str) -> bool {
        match &self.settings.asked {
            TokenAuthority::Introspection { .. } => true,
            TokenAuthority::Service { scheme } => {
                word.eq_ignore_ascii_case(scheme) && !token.contains([' ', ','])
            }
        }
    }

    /// Whether the endpoint is the one to ask about a token that says it is from `issuer`; opaque ones say nothing.
    pub(super) fn may_know(&self, issuer: Option<&str>) -> bool {
        match (issuer, &self.settings.issuer) {
            (Some(issuer), Some(ours)) => *issuer == **ours,
            _ => true,
        }
    }

    pub(super) fn question(&self, token: &str, fingerprint: [u8; 32]) -> Question {
        let token = Secret::new(token.to_owned());
        Question::Introspect { settings: Arc::clone(&self.settings), token, fingerprint }
    }

    /// Judges the answer and remembers it, at most for `cache` and never beyond the token's own end.
    pub(super) fn verify(
        &self,
        token: &str,
        key: &TokenKey,
        look: &Look<'_>,
        answer: Option<&Answer>,
    ) -> Outcome {
        let (members, begun_ns) = match answer {
            None => return Outcome::Ask,
            Some(Answer::Introspected { members, begun_ns }) => (members, *begun_ns),
            Some(_) => return Problem::new(Code::IntrospectionUnavailable, "").into(),
        };
        let (now, tokens) = (look.now_unix_s(), &look.shared.tokens);
        if members.get("active").and_then(Value::as_bool) != Some(true) {
            let until = now.saturating_add(self.settings.cache.min(INACTIVE_FOR).as_secs());
            tokens.put_inactive(*key, until, now);
            return Problem::new(Code::TokenRevoked, "").into();
        }
        if let Err(problem) = self.check(members, now) {
            return problem.into();
        }
        let jti = members.get("jti").and_then(Value::as_str).filter(|jti| !jti.is_empty()).map(Arc::from);
        let sha256 = (key.fingerprint, signed_sha256(token));
        let subject = match &self.settings.subject_claim {
            Some(claim) => caller::subject(members, claim).map(Some),
            None => named(members, "sub").map(|subject| subject.map(Arc::from)).map_err(Problem::from),
        };
        let subject = match subject {
            Ok(subject) => subject,
            Err(problem) => {
                let until = now.saturating_add(self.settings.cache.min(INACTIVE_FOR).as_secs());
                tokens.put_inactive(*key, until, now);
                return problem.into();
            }
        };
        let proven = match self.proven(members, subject, name(jti.as_ref(), key, tokens), sha256, jti) {
            Ok(proven) => Arc::new(proven),
            Err(fault) => return Outcome::Problem(fault.into()),
        };
        let cached = now.saturating_add(self.settings.cache.as_secs());
        let until = proven.expires_unix_s.map_or(cached, |expires| expires.min(cached));
        let remembered = Remembered { proven: Arc::clone(&proven), authenticator: 0, generation: 0 };
        tokens.put_told(*key, remembered, begun_ns, until, now);
        Outcome::Proven(proven)
    }

    /// An active token may still be meant for somebody else. Members that the answer lacks are not checked, except
    /// that a limited lifetime needs an end.
    fn check(&self, members: &Members, now: u64) -> Result<(), Problem> {
        let settings = &self.settings;
        let problem = |code| Err(Problem::new(code, ""));
        if let (Some(ours), Some(issuer)) = (&settings.issuer, members.get("iss"))
            && issuer.as_str() != Some(&**ours)
        {
            return problem(Code::TokenIssuer);
        }
        if let Some(audience) = members.get("aud").filter(|_| !settings.audiences.is_empty()) {
            let ours = |value: &Value| settings.audiences.iter().any(|ours| value.as_str() == Some(ours));
            if !(ours(audience) || audience.as_array().is_some_and(|all| all.iter().any(ours))) {
                return problem(Code::TokenAudience);
            }
        }
        let bearer =
            |kind: &str| kind.eq_ignore_ascii_case("bearer") || kind.eq_ignore_ascii_case("access_token");
        if members.get("token_type").is_some_and(|kind| !kind.as_str().is_some_and(bearer)) {
            return problem(Code::TokenType);
        }
        if is_bound(members) {
            return Err(unchecked_binding());
        }
        self.check_dates(members, now)
    }

    fn check_dates(&self, members: &Members, now: u64) -> Result<(), Problem> {
        let date = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(value) => {
                seconds(value).map(Some).ok_or_else(|| Problem::new(Code::TokenClaims, "a date is malformed"))
            }
        };
        let (expires, issued) = (date("exp")?, date("iat")?);
        if expires.is_some_and(|expires| now >= expires) {
            return Err(Problem::new(Code::TokenExpired, ""));
        }
        if date("nbf")?.is_some_and(|not_before| not_before > now) {
            return Err(Problem::new(Code::TokenNotYetValid, ""));
        }
        let Some(max) = self.settings.token_lifetime_max else { return Ok(()) };
        match expires {
            Some(expires) if expires.saturating_sub(issued.unwrap_or(now)) <= max.as_secs() => Ok(()),
            _ => Err(Problem::new(Code::TokenLifetime, "")),
        }
    }

    fn proven(
        &self,
        members: &Members,
        subject: Option<Arc<str>>,
        id: Arc<str>,
        (sha256, signed_sha256): ([u8; 32], Option<[u8; 32]>),
        jti: Option<Arc<str>>,
    ) -> Result<Proven, token::Fault> {
        let issuer: Arc<str> = match (named(members, "iss")?, &self.settings.issuer) {
            (Some(issuer), _) => issuer.into(),
            (None, Some(issuer)) => Arc::clone(issuer),
            (None, None) => self.settings.endpoint.as_str().into(),
        };
        Ok(Proven {
            kind: CredentialKind::Introspected,
            id,
            principal: subject.map(|subject| Principal { issuer: Arc::clone(&issuer), subject }),
            token: Some(Arc::new(TokenIdentity { sha256, signed_sha256, issuer, jti })),
            client: named(members, "client_id")?.map(Arc::from),
            tenant: None,
            scopes: scopes(members)?,
            claims: Arc::new(members.clone()),
            not_before_unix_s: members.get("nbf").and_then(seconds).unwrap_or(0),
            expires_unix_s: members.get("exp").and_then(seconds),
        })
    }
}

/// A member that names somebody, held to what a verified token's claims are; null counts as absent.
fn named<'m>(members: &'m Members, name: &'static str) -> Result<Option<&'m str>, token::Fault> {
    if members.get(name).is_some_and(Value::is_null) {
        return Ok(None);
    }
    token::name(members, name)
}

/// `scope` is a string with spaces (RFC 7662 section 2.2); some servers send an array.
fn scopes(members: &Members) -> Result<BTreeSet<Arc<str>>, token::Fault> {
    let scopes = token::scopes(members.get("scope").filter(|scope| !scope.is_null()))?;
    Ok(scopes.into_iter().map(Arc::from).collect())
}
