//! That the fast path changes nothing over all five phases, whatever the settings: the same exchanges with it and rule by
//! rule.
//!
//! `fast/tests.rs` compares many requests under two settings; here stand answers, paranoia levels, exclusions when the
//! rules are compiled and while they run, and our own rules alone and beside the Core Rule Set.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod answers;
mod sets;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use mutate::Random;

use crate::ftw;
use crate::input::Input;
use crate::response::Response;
use crate::{Engine, Exclusions, Limits, RuleSet, Transaction};

/// How many exchanges each test compares with `SLOW=1`, and how many otherwise.
const EXCHANGES: (usize, usize) = (7_000, 120);

/// What is set for one transaction.
#[derive(Clone)]
struct Setting {
    engine: Engine,
    tx: Vec<(&'static str, String)>,
    exclusions: Exclusions,
    removed: Option<u64>,
}

impl Setting {
    fn of_level(level: usize) -> Self {
        Self {
            engine: Engine::DetectionOnly,
            tx: vec![("blocking_paranoia_level", level.to_string())],
            exclusions: Exclusions::default(),
            removed: None,
        }
    }
}

/// One request with what the service answers.
struct Exchange {
    request: Vec<u8>,
    answer: (Response, Bytes),
}

/// Everything that a transaction decides and tells.
#[derive(Debug, PartialEq)]
struct Judged {
    seen: String,
    matches: Vec<String>,
    scores: BTreeMap<String, String>,
    would_interrupt: String,
    dropped: usize,
}

fn judged(rules: &Arc<RuleSet>, setting: &Setting, exchange: &Exchange, plain: bool) -> Option<Judged> {
    let (request, body) = crate::wire::read(&Bytes::copy_from_slice(&exchange.request))?;
    // Rule by rule takes more steps, so that only one of the two would come to their end.
    let limits = Limits { fuel_steps_max: u64::MAX, ..Limits::default() };
    let mut transaction = Transaction::new(Arc::clone(rules), limits)
        .with_engine(setting.engine)
        .with_exclusions(&setting.exclusions)
        .show_values();
    setting.tx.iter().for_each(|(name, value)| transaction.set_tx(name, value));
    setting.removed.into_iter().for_each(|id| transaction.remove_rule(id));
    transaction.plain = plain;
    let mut input = Input::new(request, &rules.settings().body);
    let answer = || exchange.answer.clone();
    let seen = ftw::run_begun(rules, &mut transaction, &mut input, &body, answer);
    Some(Judged {
        seen: format!("{seen:?}"),
        matches: transaction.matches().iter().map(|found| format!("{found:?}")).collect(),
        scores: transaction.scores(),
        would_interrupt: format!("{:?} {:?}", transaction.would_interrupt(), transaction.interruption()),
        dropped: transaction.matches_dropped(),
    })
}

/// The ids that matched, both ways.
#[track_caller]
fn same(rules: &Arc<RuleSet>, setting: &Setting, exchange: &Exchange) -> Vec<String> {
    let (fast, plain) = (judged(rules, setting, exchange, false), judged(rules, setting, exchange, true));
    if fast != plain {
        let shown = |bytes: &[u8]| bytes.get(..2_000).unwrap_or(bytes).escape_ascii().to_string();
        let seen = [&fast, &plain].map(|judged| judged.as_ref().map(|judged| judged.seen.as_str()));
        panic!("{}\n{}\n{seen:?}", shown(&exchange.request), shown(&exchange.answer.1));
    }
    fast.map(|judged| judged.matches).unwrap_or_default()
}

fn wanted() -> usize {
    if std::env::var_os("SLOW").is_some() { EXCHANGES.0 } else { EXCHANGES.1 }
}

/// Answers of every kind to a request that is served, at each level.
#[test]
fn answers_are_judged_the_same_with_and_without() {
    let Some(rules) = sets::core("") else { return };
    let mut random = Random::new(20_261_123);
    let answers = answers::all(wanted(), &mut random);
    let mut matched = 0;
    for (number, answer) in answers.iter().enumerate() {
        let exchange = Exchange {
            request: b"GET /report HTTP/1.1\r\nHost: api.test\r\n\r\n".to_vec(),
            answer: answer.clone(),
        };
        let setting = Setting::of_level(1 + number % 4);
        matched +=
            usize::from(same(&rules, &setting, &exchange).iter().any(|found| found.contains("ResponseBody")));
    }
    assert!(answers.len() >= wanted(), "{} answers", answers.len());
    assert!(matched > answers.len() / 4, "{matched} answers of {} matched a rule", answers.len());
}

/// The requests of the Core Rule Set's tests with the answers that they ask for, mutated too, under every setting.
#[test]
fn settings_change_nothing_about_what_is_judged_the_same() {
    let Some(rules) = sets::core(sets::EXCLUDED) else { return };
    let mut random = Random::new(20_261_124);
    let exchanges = sets::exchanges(wanted(), &mut random);
    let settings = sets::settings(&rules);
    let mut matched = vec![0; settings.len()];
    for (number, exchange) in exchanges.iter().enumerate() {
        let which = number % settings.len();
        matched[which] += same(&rules, &settings[which], exchange).len();
    }
    assert!(exchanges.len() >= wanted());
    assert!(matched.iter().all(|count| *count > 0), "{matched:?}");
}

/// Our own rules alone, and read together with the Core Rule Set.
#[test]
fn our_own_rules_judge_the_same_with_and_without() {
    let own = sets::own();
    let Some(both) = sets::core_and_own() else { return };
    let mut random = Random::new(20_261_125);
    let mut exchanges = sets::exchanges(wanted() / 2, &mut random);
    let answers = answers::all(wanted() / 2, &mut random);
    let request = b"GET /report?id=7 HTTP/1.1\r\nHost: api.test\r\n\r\n";
    exchanges.extend(answers.into_iter().map(|answer| Exchange { request: request.to_vec(), answer }));
    let (mut alone, mut beside) = (0, 0);
    for (number, exchange) in exchanges.iter().enumerate() {
        let mut setting = Setting::of_level(1 + number % 2);
        setting.engine = if number % 3 == 0 { Engine::On } else { Engine::DetectionOnly };
        alone += same(&own, &setting, exchange).len();
        beside += same(&both, &setting, exchange).len();
    }
    assert!(alone > exchanges.len() / 4, "{alone} matches in {} exchanges", exchanges.len());
    assert!(beside > alone, "{beside} matches beside, {alone} alone");
}
