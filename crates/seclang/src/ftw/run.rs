//! One request through all five phases, as a gateway would run it, in memory.

use std::sync::Arc;

use bytes::Bytes;

use super::Seen;
use crate::input::Input;
use crate::request::Request;
use crate::response::Response;
use crate::{Limits, Outcome, Phase, RuleSet, Transaction};

/// What a limit's end answers.
pub const EXHAUSTED_STATUS: u16 = 500;

/// Runs the rules over the request and over what `answer` makes of it, when they let it through. Values of the request
/// stand in the lines: never for traffic.
pub fn run(
    rules: &Arc<RuleSet>,
    limits: Limits,
    request: Request,
    body: &Bytes,
    answer: impl FnOnce(&Request, &Bytes) -> (Response, Bytes),
) -> (Seen, Transaction) {
    let mut transaction = Transaction::new(Arc::clone(rules), limits).show_values();
    let mut input = Input::new(request.clone(), &rules.settings().body);
    let seen = run_begun(rules, &mut transaction, &mut input, body, || answer(&request, body));
    (seen, transaction)
}

/// The same with a transaction and an input that were made elsewhere, with settings of their own.
pub fn run_begun(
    rules: &RuleSet,
    transaction: &mut Transaction,
    input: &mut Input,
    body: &Bytes,
    answer: impl FnOnce() -> (Response, Bytes),
) -> Seen {
    let outcome = phases(rules, transaction, input, body, answer);
    let _ = transaction.run(Phase::Logging, input);
    let status = match &outcome {
        Ok(status) => *status,
        Err(Outcome::Interrupted(interruption)) => interruption.status,
        Err(_) => EXHAUSTED_STATUS,
    };
    let mut seen = Seen { status: Some(status), ..Seen::default() };
    for found in transaction.matches() {
        seen.ids.push(found.rule_id);
        let line = format!(
            "{} [id \"{}\"] [msg \"{}\"] [data \"{}\"]",
            found.place, found.rule_id, found.message, found.data
        );
        seen.lines.push(one_line(&line));
    }
    if let Err(Outcome::Exhausted(exhausted)) = outcome {
        seen.lines.push(format!("refused: {} is exceeded", exhausted.limit()));
    }
    seen
}

/// The status of the answer, or the verdict that came before it.
fn phases(
    rules: &RuleSet,
    transaction: &mut Transaction,
    input: &mut Input,
    body: &Bytes,
    answer: impl FnOnce() -> (Response, Bytes),
) -> Result<u16, Outcome> {
    pass(transaction.run(Phase::RequestHeaders, input))?;
    let looked_at = if transaction.request_body_access() { body.clone() } else { Bytes::new() };
    input.read_body(looked_at, &transaction.body_wanted());
    pass(transaction.run(Phase::RequestBody, input))?;
    let (response, body) = answer();
    let looks_at_type = rules.settings().looks_at_type(response.content_type());
    let status = response.status;
    input.respond(response);
    pass(transaction.run(Phase::ResponseHeaders, input))?;
    if transaction.response_body_access() && looks_at_type {
        input.read_response_body(&body);
    }
    pass(transaction.run(Phase::ResponseBody, input))?;
    Ok(status)
}

fn pass(outcome: Outcome) -> Result<(), Outcome> {
    if outcome == Outcome::Continue { Ok(()) } else { Err(outcome) }
}

/// With control characters as `\x0a`, so that a line of the log is one line.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.push_str(&format!("\\x{:02x}", u32::from(character)));
        } else {
            line.push(character);
        }
    }
    line
}
