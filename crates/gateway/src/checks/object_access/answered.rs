//! The answer held against what was decided: by its status, and by the objects that it shows.

pub(super) mod kept;
mod reading;
mod shown;

use model::Judgement;
use policy::Facts;
use policy::bindings::Action;

use super::super::answer;
use super::super::subject::{identity_of, is_outdated};
use super::ids;
use super::located::located;
use super::{ObjectAccess, Standpoint, not_found, outdated, refuse, renames, unavailable};
use crate::check::{Edit, Step};
use crate::exchange::Exchange;
use crate::objects::ObjectName;
use crate::question::Answers;
use reading::Reading;

/// Whether the answer decides, or would where the check is watched.
fn is_awaited(exchange: &Exchange) -> bool {
    let decided = exchange.authorization.as_ref().map(|decided| decided.decision);
    exchange.awaits_answer || decided == Some(Judgement::Awaiting)
}

pub(super) fn head(check: &ObjectAccess, exchange: &Exchange) -> Step {
    let Some(response) = &exchange.response else { return Step::pass() };
    if !check.plan.safe {
        kept::changed(check, exchange);
    }
    if let Some((kind, id)) = located(&check.service, &check.plan, exchange) {
        let object = ObjectName { kind: &kind, id: &id };
        kept::remember(check, exchange, object, &Facts::default());
    }
    if check.plan.objects.is_empty() {
        return Step::pass();
    }
    let status = response.status.as_u16();
    if (is_awaited(exchange) || exchange.answer_decides()) && response.status.is_informational() {
        return not_found(Judgement::Denied, "a tunnel shows nobody whose it is");
    }
    // Where the answer decides, what is missing is read as long as what is somebody else's.
    if !is_awaited(exchange) && matches!(status, 404 | 410) {
        return not_found(Judgement::Absent, "the service says that there is no such object");
    }
    Step::pass()
}

pub(super) fn body(check: &ObjectAccess, exchange: &Exchange, answers: &Answers) -> Step {
    if exchange.answer_decides() && !check.plan.renames && is_outdated(&check.shared, exchange) {
        return outdated();
    }
    let failed = exchange.response.as_ref().is_some_and(|response| !response.status.is_success());
    if is_awaited(exchange) && failed {
        return not_found(Judgement::Absent, "the answer was to tell whose it is, and shows no object");
    }
    let read = answer::read(exchange);
    let root = match &read {
        Ok(Some(tape)) => Some(tape.root()),
        Ok(None) | Err(_) if is_awaited(exchange) => {
            let why = "the answer was to tell whose it is, and cannot be read";
            return not_found(Judgement::Absent, why);
        }
        _ if exchange.answer_decides() => None,
        Ok(None) => return Step::pass(),
        Err(_) if exchange.objects.is_empty() => return Step::pass(),
        Err(_) => return read.err().unwrap_or_else(Step::pass),
    };
    let (Some(subject), Some(caller)) = (&exchange.subject, &exchange.caller) else {
        return Step::Fail("it is not known who calls".to_owned());
    };
    if let Some(root) = root.filter(|_| check.plan.action == Action::Create) {
        kept::learn(check, exchange, root);
    }
    if let Some(root) = root {
        renames::shown(check, exchange, root);
    }
    let Ok(named) = ids::named(&check.plan.objects, exchange) else {
        // The body has been changed by what is preset; its ids were read before.
        return Step::Fail("the ids of the request cannot be read again".to_owned());
    };
    let Ok(written) = check.written(exchange) else {
        return Step::Fail("what the request writes cannot be read again".to_owned());
    };
    let at = Standpoint { check, exchange, subject, identity: identity_of(caller), written };
    match Reading::new(&at, answers).judged(&named, root) {
        Err(wanted) => Step::Ask(wanted),
        Ok((known, trace)) => match trace.decision {
            Judgement::Allowed if read.is_err() => read.err().unwrap_or_else(Step::pass),
            Judgement::Allowed if named.is_empty() => Step::pass(),
            Judgement::Allowed => Step::Continue(vec![Edit::Objects(known), Edit::Decided(Box::new(trace))]),
            Judgement::Unknown => unavailable(trace),
            _ => refuse(trace),
        },
    }
}
