//! What is printed.

use serde_json::json;

use super::decisions::Level;
use super::regression::Regression;

pub fn print(regression: &Regression, levels: Option<&[Level]>, as_json: bool) {
    if as_json {
        let failed: Vec<_> =
            regression.failed.iter().map(|(test, why)| json!({"test": test, "why": why})).collect();
        let overridden: Vec<_> =
            regression.overridden.iter().map(|(test, why)| json!({"test": test, "reason": why})).collect();
        let levels: Vec<_> = levels.into_iter().flatten().map(Level::to_json).collect();
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
    for level in levels.into_iter().flatten() {
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
}
