//! Asking the API something, and taking the answer from where it is.

use std::sync::Arc;

use model::Caller;

use crate::evidence::{Ask, Digest, Found, Says, Service};
use crate::exchange::Exchange;
use crate::objects::ObjectKey;
use crate::question::{Answer, Answers};
use crate::shared::Shared;

pub(in crate::checks) enum Outcome {
    Found(Arc<Found>),
    Ask,
}

/// The answer so far: to this very question, or one that was given lately.
pub(in crate::checks) fn look(shared: &Shared, ask: &Ask, answers: &Answers) -> Outcome {
    // Nothing has been asked yet where the answer is known already.
    let told = if answers.is_empty() { None } else { answers.of(&ask.key()) };
    match told {
        Some(Answer::Evidence(found)) => Outcome::Found(Arc::clone(found)),
        Some(Answer::None(none)) => Outcome::Found(Arc::new(failed(match none {
            crate::question::NoAnswer::TimedOut => "the question timed out",
            crate::question::NoAnswer::OverBudget => "the question's budget is used up",
            crate::question::NoAnswer::Failed => "the question failed",
        }))),
        Some(_) => Outcome::Found(Arc::new(failed("the answer is to another question"))),
        None => match shared.evidence.known(ask) {
            Some(found) => Outcome::Found(Arc::new(found)),
            None => Outcome::Ask,
        },
    }
}

fn failed(words: &'static str) -> Found {
    Found { says: Says::Failed(words), calls: 0, cached: false }
}

/// Whether the caller may have given up the name by which this request knows them: what has the name is another's then.
pub(in crate::checks) fn is_outdated(shared: &Shared, exchange: &Exchange) -> bool {
    let subject = exchange.subject.as_ref();
    subject.is_some_and(|subject| shared.evidence.is_renamed(&subject.subject, exchange.received_ns))
}

/// The word in records.
pub(in crate::checks) fn word(found: &Found) -> &'static str {
    match (&found.says, found.cached) {
        (Says::Failed(_), _) => "failed",
        (Says::Absent, _) => "absent",
        (_, true) => "cached",
        _ => "found",
    }
}

/// Everything that tells one caller from another, each credential included. `None` for callers whom no credential
/// names: nothing that they are told is kept.
pub(in crate::checks) fn identity_of(caller: &Caller) -> Option<[u8; 32]> {
    if caller.is_anonymous() || caller.credentials.is_empty() {
        return None;
    }
    let mut digest = Digest::default();
    let names = caller.principal.as_ref();
    digest
        .text(names.map_or("", |principal| &principal.issuer))
        .text(names.map_or("", |principal| &principal.subject));
    digest
        .text(caller.client.as_deref().unwrap_or_default())
        .text(caller.tenant.as_deref().unwrap_or_default());
    for credential in &caller.credentials {
        digest.text(&credential.scheme).text(&credential.id);
        match &credential.token {
            Some(token) => digest.bytes(&token.sha256),
            None => digest.bytes(&[]),
        };
    }
    Some(digest.finish())
}

/// Who a caller is to the API, as it said itself: the same with every credential of theirs. No type is called so.
pub(in crate::checks) fn key_of_self(
    shared: &Shared,
    service: &Service,
    caller: &Caller,
) -> Option<ObjectKey> {
    let mut digest = Digest::default();
    match (&caller.principal, &caller.client) {
        (Some(principal), _) => digest.text(&principal.issuer).text(&principal.subject),
        (None, Some(client)) => digest.text(client),
        (None, None) => return None,
    };
    key_of(shared, service, "\0self", Some(digest.finish()))
}

/// What belongs to a caller as a whole.
pub(in crate::checks) fn key_of(
    shared: &Shared,
    service: &Service,
    kind: &str,
    identity: Option<[u8; 32]>,
) -> Option<ObjectKey> {
    Some(shared.objects.of_caller(&service.api.name, kind, &identity?))
}
