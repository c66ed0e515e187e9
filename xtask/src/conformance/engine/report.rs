//! What is printed.

use serde_json::{Value, json};

use super::Crs;
use super::decisions::Level;
use super::regression::Regression;
use super::wire::Wire;

pub fn print(crs: &Crs, as_json: bool) {
    if as_json {
        print_json(crs);
        return;
    }
    print_regression("", &crs.regression);
    print_regression("beside the suite: ", &crs.beside);
    crs.levels.iter().for_each(print_level);
    if let Some(wire) = &crs.wire {
        print_wire(wire);
    }
}

fn print_json(crs: &Crs) {
    let mut whole = regression_json(&crs.regression);
    let more = [
        ("beside", regression_json(&crs.beside)),
        ("levels", crs.levels.iter().map(Level::to_json).collect()),
        ("wire", crs.wire.as_ref().map_or(Value::Null, wire_json)),
    ];
    if let Some(whole) = whole.as_object_mut() {
        whole.extend(more.map(|(name, value)| (name.to_owned(), value)));
    }
    println!("{whole}");
}

fn regression_json(regression: &Regression) -> Value {
    let failed: Vec<_> =
        regression.failed.iter().map(|(test, why)| json!({"test": test, "why": why})).collect();
    let overridden: Vec<_> =
        regression.overridden.iter().map(|(test, why)| json!({"test": test, "reason": why})).collect();
    json!({
        "total": regression.total,
        "passed": regression.passed,
        "overridden": regression.overridden.len(),
        "failed": regression.failed.len(),
        "engine_agrees": regression.engine_agrees,
        "failures": failed,
        "overrides": overridden,
        "stale_overrides": regression.stale,
    })
}

fn wire_json(wire: &Wire) -> Value {
    json!({
        "total": wire.total,
        "passed": wire.passed,
        "overridden": wire.overridden.len(),
        "failed": wire.failed.len(),
        "failures": wire.failed,
        "stale_overrides": wire.stale,
    })
}

fn print_regression(which: &str, regression: &Regression) {
    for (test, why) in &regression.failed {
        println!("{which}failed {test}: {why}");
    }
    for test in &regression.stale {
        println!("{which}passes without its override: {test}");
    }
    println!(
        "{which}{} tests: {} passed, {} overridden (the rules alone meet {} of them), {} failed",
        regression.total,
        regression.passed,
        regression.overridden.len(),
        regression.engine_agrees,
        regression.failed.len()
    );
}

fn print_level(level: &Level) {
    for (test, why) in &level.wrong {
        println!("level {}: {test}: {why}", level.level);
    }
    println!(
        "level {}: {} requests, {} refused, {} of {} benign refused, {} decisions against their score",
        level.level,
        level.requests,
        level.refused,
        level.benign_refused,
        level.benign,
        level.wrong.len()
    );
}

fn print_wire(wire: &Wire) {
    for (test, why) in &wire.failed {
        println!("through the gateway: failed {test}: {why}");
    }
    for test in &wire.stale {
        println!("through the gateway: passes without its override: {test}");
    }
    println!(
        "through the gateway: {} tests: {} passed, {} overridden, {} failed",
        wire.total,
        wire.passed,
        wire.overridden.len(),
        wire.failed.len()
    );
}
