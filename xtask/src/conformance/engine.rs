//! The suites, on the engine.

mod decisions;
pub mod front;
mod library;
mod operators;
mod overrides;
mod regression;
mod report;
pub mod rules;
mod suite;
mod transformations;
mod waf_samples;
mod wire;

use super::Arguments;

pub fn run(suite: &str, arguments: &Arguments) -> Result<(), String> {
    let Some(data) = rules::data() else { return Ok(()) };
    match suite {
        "crs" => crs(&data, arguments),
        "operators" => operators::run(&data, arguments),
        "transformations" => transformations::run(&data, arguments),
        _ => waf_samples::run(&data, &lists(arguments), arguments.json),
    }
}

/// How the Core Rule Set's tests went.
pub struct Crs {
    regression: regression::Regression,
    /// The tests in files that go-ftw is not pointed at.
    beside: regression::Regression,
    levels: Vec<decisions::Level>,
    /// Both once more, through the real gateway.
    wire: Option<wire::Wire>,
}

fn crs(data: &rules::Data, arguments: &Arguments) -> Result<(), String> {
    let filter = arguments.filter.as_deref();
    let mut suite = suite::read(data, filter, suite::SUITE)?;
    let beside = suite::read(data, filter, suite::BESIDE)?;
    let mut crs = Crs {
        regression: regression::run(data, &suite)?,
        beside: regression::run(data, &beside)?,
        levels: decisions::run(data, &suite)?,
        wire: None,
    };
    if arguments.wire {
        suite.extend(beside);
        crs.wire = Some(wire::run(data, &suite)?);
    }
    report::print(&crs, arguments.json);
    let is_met =
        [&crs.regression, &crs.beside].iter().all(|part| part.failed.is_empty() && part.stale.is_empty());
    let is_wire_met = crs.wire.iter().all(|wire| wire.failed.is_empty() && wire.stale.is_empty());
    if is_met && is_wire_met && crs.levels.iter().all(|level| level.wrong.is_empty()) {
        Ok(())
    } else {
        Err("not everything is as it should be".to_owned())
    }
}

fn lists(arguments: &Arguments) -> waf_samples::Lists {
    waf_samples::Lists {
        misses: arguments.misses.clone(),
        false_alarms: arguments.false_alarms.clone(),
        filter: arguments.filter.clone(),
        by_rule: arguments.by_rule.clone(),
        honest: arguments.honest.clone(),
        requests: arguments.requests.clone(),
    }
}
