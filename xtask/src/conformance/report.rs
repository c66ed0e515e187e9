//! What is printed.

use serde_json::json;

use super::decisions::Level;
use super::regression::Regression;
use super::wire::Wire;

pub fn print(regression: &Regression, levels: &[Level], wire: Option<&Wire>, as_json: bool) {
    if as_json {
        let failed: Vec<_> =
            regression.failed.iter().map(|(test, why)| json!({"test": test, "why": why})).collect();
        let overridden: Vec<_> =
            regression.overridden.iter().map(|(test, why)| json!({"test": test, "reason": why})).collect();
        let levels: Vec<_> = levels.iter().map(Level::to_json).collect();
        println!(
            "{}",
            json!({
                "total": regression.total,
                "passed": regression.passed,
                "overridden": regression.overridden.len(),
                "failed": regression.failed.len(),
                "engine_agrees": regression.engine_agrees,
                "failures": failed,
                "overrides": overridden,
                "stale_overrides": regression.stale,
                "levels": levels,
                "wire": wire.map(|wire| json!({
                    "total": wire.total,
                    "passed": wire.passed,
                    "overridden": wire.overridden.len(),
                    "failed": wire.failed.len(),
                    "failures": wire.failed,
                    "stale_overrides": wire.stale,
                })),
            })
        );
        return;
    }
    for (test, why) in &regression.failed {
        println!("failed {test}: {why}");
    }
    for test in &regression.stale {
        println!("passes without its override: {test}");
    }
    println!(
        "{} tests: {} passed, {} overridden (the rules alone meet {} of them), {} failed",
        regression.total,
        regression.passed,
        regression.overridden.len(),
        regression.engine_agrees,
        regression.failed.len()
    );
    for level in levels {
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
    let Some(wire) = wire else { return };
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
