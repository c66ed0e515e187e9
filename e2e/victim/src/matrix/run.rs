//! One cell at one place: the answer, what it showed, and what it changed.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde_json::Value;

use super::cells::Cell;
use super::rule::{self, Verdict};
use crate::app::App;
use crate::stage::Stage;
use crate::state::State;
use crate::wire::Answer;

/// What came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub verdict: Verdict,
    /// The state afterwards, where it is another than at the beginning.
    pub changed: Option<State>,
    /// Each leaf of a JSON answer that was let through: its path without numbers, and its value.
    pub disclosed: BTreeSet<String>,
    /// What this principal must not see, and saw.
    pub leaks: Vec<String>,
    /// Of the gateway's refusal.
    pub code: String,
    /// What was said to a refused caller, without what differs in every answer.
    pub refusal: String,
}

/// Sends the cell's request to an application that is as at the beginning.
///
/// # Errors
/// A sentence when there is no answer.
pub fn run(stage: &Stage, at: SocketAddr, app: &App, cell: &Cell) -> Result<Outcome, String> {
    app.reset();
    let answer = stage.ask(at, cell.principal.as_ref(), cell.request())?;
    let after = app.state();
    let verdict = Verdict::of(answer.status);
    let mut disclosed = BTreeSet::new();
    if verdict == Verdict::Allowed {
        leaves(&answer.json(), "$", &mut disclosed);
    }
    let seen = format!("{};{}", answer.head, answer.text());
    Ok(Outcome {
        verdict,
        changed: (after != State::default()).then_some(after),
        disclosed,
        leaks: rule::leaks(cell.principal.as_ref(), &seen),
        code: answer.code(),
        refusal: refusal(&answer),
    })
}

fn leaves(value: &Value, path: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| leaves(value, &format!("{path}.{key}"), into));
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, &format!("{path}[]"), into)),
        leaf => {
            into.insert(format!("{path}={leaf}"));
        }
    }
}

/// Head and body without the request's id and the date.
fn refusal(answer: &Answer) -> String {
    let id = answer.header("x-request-id").unwrap_or("-").to_owned();
    let lines: Vec<&str> =
        answer.head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("date:")).collect();
    format!("{}\n\n{}", lines.join("\n"), answer.text()).replace(&id, "ID")
}
