//! Our engine on one request, in this process: both phases of the request, the engine on.

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use seclang::input::{BodySettings, Input};
use seclang::request::Request as Parsed;
use seclang::{Limits, Outcome, Phase, RuleSet, Transaction};

use super::clock::this_thread_us;
use super::requests::{self, Request};
use crate::bench::statistics::median;
use crate::conformance::engine::front;
use crate::conformance::engine::rules::{self, Data};

pub struct Sets {
    /// The Core Rule Set at paranoia level 1.
    pub crs: Arc<RuleSet>,
    pub own: Arc<RuleSet>,
    /// Reading and compiling the first, in milliseconds.
    pub load_ms: f64,
}

impl Sets {
    pub fn load(data: &Data, rounds: usize) -> Result<Self, String> {
        let mut crs = rules::blocking(data, 1)?;
        let mut times = Vec::new();
        for _ in 0..rounds {
            let before = this_thread_us()?;
            crs = rules::blocking(data, 1)?;
            times.push((this_thread_us()? - before) / 1e3);
        }
        let sets = Self { crs, own: rules::own()?, load_ms: median(times) };
        let (request, body) = read(&requests::attack())?;
        for rules in [&sets.crs, &sets.own] {
            if !matches!(inspect(rules, &rules.settings().body, &request, &body)?, Outcome::Interrupted(_)) {
                return Err("an attack passes our engine".to_owned());
            }
        }
        Ok(sets)
    }
}

/// Microseconds of CPU a request. Errors: a request that does not pass.
pub fn cost_us(rules: &Arc<RuleSet>, request: &Request) -> Result<f64, String> {
    let (parsed, body) = read(&request.bytes)?;
    for _ in 0..request.ours_a_round / 10 {
        pass(rules, request.name, &parsed, &body)?;
    }
    let before = this_thread_us()?;
    for _ in 0..request.ours_a_round {
        pass(rules, request.name, &parsed, &body)?;
    }
    Ok((this_thread_us()? - before) / request.ours_a_round as f64)
}

fn pass(rules: &Arc<RuleSet>, name: &str, request: &Parsed, body: &Bytes) -> Result<(), String> {
    match black_box(inspect(rules, &rules.settings().body, black_box(request), body)?) {
        Outcome::Continue => Ok(()),
        Outcome::Interrupted(by) => Err(format!("{name} is refused by our engine: rule {}", by.rule_id)),
        Outcome::Exhausted(limit) => Err(format!("{name} exhausts {}", limit.limit())),
    }
}

pub fn read(bytes: &[u8]) -> Result<(Parsed, Bytes), String> {
    front::past_the_door(bytes).ok_or_else(|| "there is no request".to_owned())
}

/// Errors: a body that cannot be read within the settings, so that its rules would see little of it.
pub fn inspect(
    rules: &Arc<RuleSet>,
    settings: &BodySettings,
    request: &Parsed,
    body: &Bytes,
) -> Result<Outcome, String> {
    let mut transaction = Transaction::new(Arc::clone(rules), Limits::default());
    let mut input = Input::new(request.clone(), settings);
    let outcome = transaction.run(Phase::RequestHeaders, &input);
    if outcome != Outcome::Continue {
        return Ok(outcome);
    }
    input.read_body(body.clone(), &transaction.body_wanted());
    if let Some(fault) = input.body_fault() {
        return Err(format!("a body is not read whole: {fault}"));
    }
    Ok(transaction.run(Phase::RequestBody, &input))
}
