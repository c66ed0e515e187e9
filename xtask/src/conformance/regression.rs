//! Every regression test in turn: what the log and the answer must say.

use std::collections::BTreeMap;
use std::sync::Arc;

use seclang::ftw::{self, Seen, Stage, Test};
use seclang::{Limits, RuleSet};

use super::front;
use super::overrides::{self, Override};
use super::rules::{self, Data};

/// How the suite went.
#[derive(Debug, Default)]
pub struct Regression {
    pub total: usize,
    pub passed: usize,
    /// Test and reason.
    pub overridden: Vec<(String, String)>,
    /// Test and what went wrong.
    pub failed: Vec<(String, String)>,
    /// Overrides that no test needs.
    pub stale: Vec<String>,
}

pub fn run(data: &Data, suite: &[Test]) -> Result<Regression, String> {
    let rules = rules::for_the_tests(data)?;
    let overrides = overrides::read()?;
    let mut regression = Regression { total: suite.len(), ..Regression::default() };
    for test in suite {
        judge(&rules, test, &overrides, &mut regression);
    }
    Ok(regression)
}

fn judge(rules: &Arc<RuleSet>, test: &Test, overrides: &BTreeMap<String, Override>, into: &mut Regression) {
    let mut unmet = None;
    let mut refused = None;
    for stage in &test.stages {
        let (seen, refusal) = send(rules, stage);
        unmet = unmet.or(stage.expected.unmet(&seen));
        refused = refused.or(refusal.map(|words| (seen.status, words)));
    }
    match (unmet, overrides.get(&test.id)) {
        (None, None) => into.passed += 1,
        (None, Some(_)) => {
            into.passed += 1;
            into.stale.push(test.id.clone());
        }
        // An override stands for a refusal at the door with the same words, and for nothing else.
        (Some(_), Some(known))
            if refused.as_ref().is_some_and(|(status, words)| {
                *status == Some(known.status) && known.reason.contains(words.as_str())
            }) =>
        {
            into.overridden.push((test.id.clone(), known.reason.clone()));
        }
        (Some(why), _) => {
            let door =
                refused.map(|(_, words)| format!(" (refused at the door: {words})")).unwrap_or_default();
            into.failed.push((test.id.clone(), why + &door));
        }
    }
}

/// What comes of one request, and the door's words when it refused.
fn send(rules: &Arc<RuleSet>, stage: &Stage) -> (Seen, Option<String>) {
    match front::enter(&stage.request) {
        Ok((request, body)) => (ftw::run(rules, Limits::default(), request, &body, ftw::reflect).0, None),
        Err((status, words)) => (Seen { status: Some(status), ..Seen::default() }, Some(words)),
    }
}
