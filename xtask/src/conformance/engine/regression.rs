//! Every regression test in turn: what the log and the answer must say.

use std::collections::BTreeMap;
use std::sync::Arc;

use seclang::ftw::{self, Seen, Stage, Test};
use seclang::{Limits, RuleSet};

use super::front;
use super::overrides::{self, Instead, Override};
use super::rules::{self, Data};

/// How the suite went.
#[derive(Debug, Default)]
pub struct Regression {
    pub total: usize,
    pub passed: usize,
    /// Test and reason.
    pub overridden: Vec<(String, String)>,
    /// How many of the overridden the door refuses, and the rules alone would meet.
    pub engine_agrees: usize,
    /// Test and what went wrong.
    pub failed: Vec<(String, String)>,
    /// Overrides that no test needs.
    pub stale: Vec<String>,
}

pub fn run(data: &Data, suite: &[Test]) -> Result<Regression, String> {
    let rules = rules::for_the_tests(data)?;
    let overrides = overrides::read(overrides::DOOR)?;
    let mut regression = Regression { total: suite.len(), ..Regression::default() };
    let half = suite.len().div_ceil(2).max(1);
    let judge_all = |tests: &[Test]| {
        let mut part = Regression::default();
        tests.iter().for_each(|test| judge(&rules, test, &overrides, &mut part));
        part
    };
    let parts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = suite.chunks(half).map(|tests| scope.spawn(|| judge_all(tests))).collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    for part in parts {
        let part = part.map_err(|_| "a test broke off".to_owned())?;
        regression.passed += part.passed;
        regression.engine_agrees += part.engine_agrees;
        regression.overridden.extend(part.overridden);
        regression.failed.extend(part.failed);
        regression.stale.extend(part.stale);
    }
    Ok(regression)
}

fn judge(rules: &Arc<RuleSet>, test: &Test, overrides: &BTreeMap<String, Override>, into: &mut Regression) {
    let sent: Vec<_> = test.stages.iter().map(|stage| send(rules, stage)).collect();
    let unmet = test.stages.iter().zip(&sent).find_map(|(stage, sent)| stage.expected.unmet(&sent.seen));
    match (unmet, overrides.get(&test.id)) {
        (None, None) => into.passed += 1,
        (None, Some(_)) => {
            into.passed += 1;
            into.stale.push(test.id.clone());
        }
        (Some(_), Some(known)) if sent.iter().any(|sent| sent.is(known)) => {
            into.overridden.push((test.id.clone(), known.reason.clone()));
            if sent.iter().any(|sent| sent.refusal.is_some()) && engine_agrees(rules, test) {
                into.engine_agrees += 1;
            }
        }
        (Some(why), _) => {
            let words = sent.into_iter().find_map(|sent| sent.refusal);
            let door = words.map(|words| format!(" (refused at the door: {words})")).unwrap_or_default();
            into.failed.push((test.id.clone(), why + &door));
        }
    }
}

/// What came of one request, and the door's words when it refused.
struct Sent {
    seen: Seen,
    refusal: Option<String>,
}

impl Sent {
    fn is(&self, known: &Override) -> bool {
        match (&known.instead, &self.refusal) {
            (Instead::Refused(status), Some(words)) => {
                self.seen.status == Some(*status) && known.reason.contains(words.as_str())
            }
            (Instead::Matched(ids), None) => ids.iter().all(|id| self.seen.ids.contains(id)),
            _ => false,
        }
    }
}

fn send(rules: &Arc<RuleSet>, stage: &Stage) -> Sent {
    match front::enter(&stage.request) {
        Ok((request, body)) => {
            let seen = ftw::run(rules, Limits::default(), request, &body, ftw::reflect).0;
            Sent { seen, refusal: None }
        }
        Err((status, words)) => {
            Sent { seen: Seen { status: Some(status), ..Seen::default() }, refusal: Some(words) }
        }
    }
}

/// Whether the rules say what the test expects when the request comes to them past the door.
fn engine_agrees(rules: &Arc<RuleSet>, test: &Test) -> bool {
    test.stages.iter().all(|stage| {
        let Some((request, body)) = front::past_the_door(&stage.request) else { return false };
        let seen = ftw::run(rules, Limits::default(), request, &body, ftw::reflect).0;
        stage.expected.unmet(&Seen { status: stage.expected.status, ..seen }).is_none()
    })
}
