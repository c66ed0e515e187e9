#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use model::{Code, LimitState, ManualClock, Mode, Phase, Refusal, Secret, Verdict};

use super::testing::{Says, about, exchange};
use super::{Hook, Run, Runner, Stop};
use crate::asker::{Asker, Outside};
use crate::check::{About, BodyNeed, Check, Edit, Step};
use crate::edits::Effects;
use crate::exchange::Exchange;
use crate::metrics::Metrics;
use crate::question::{Answer, Answers, NoAnswer, Question};
use crate::settings::opaque_tokens;
use crate::snapshot::PreparedCheck;

static ONE: About = about("one", Phase::Connect, true, BodyNeed::None);
static TWO: About = about("two", Phase::Permit, true, BodyNeed::None);

/// Has no answer, and counts.
#[derive(Default)]
struct Nobody(AtomicU32);

impl Outside for Nobody {
    fn answer<'a>(&'a self, _: &'a Question) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Answer::None(NoAnswer::Failed) })
    }
}

struct Bench {
    metrics: Arc<Metrics>,
    clock: Arc<ManualClock>,
    outside: Arc<Nobody>,
    asker: Arc<Asker>,
}

impl Bench {
    fn new() -> Self {
        let metrics = Arc::new(Metrics::new());
        let clock = Arc::new(ManualClock::new(0));
        let outside = Arc::new(Nobody::default());
        let asker = Asker::new(outside.clone(), clock.clone(), Arc::clone(&metrics));
        Self { metrics, clock, outside, asker }
    }

    async fn run(&self, checks: Vec<(&'static About, Mode, Box<dyn Check>)>) -> (Run, Result<(), Stop>) {
        let prepared: Vec<_> = checks
            .into_iter()
            .map(|(about, mode, check)| PreparedCheck::new(about, mode, check, &self.metrics))
            .collect();
        let exchange = exchange("GET", "/orders");
        let mut run = Run { exchange, effects: Effects::default(), traces: vec![] };
        let limits = tape::Limits::default();
        let runner = Runner {
            asker: &self.asker,
            clock: self.clock.as_ref(),
            metrics: &self.metrics,
            question_timeout: Duration::from_secs(5),
            tape_limits: &limits,
        };
        let result = runner.request(&prepared, &mut run).await;
        (run, result)
    }

    async fn says(&self, mode: Mode, what: fn(&Exchange, &Answers) -> Step) -> (Run, Result<(), Stop>) {
        self.run(vec![(&ONE, mode, Box::new(Says(what)))]).await
    }
}

fn question() -> Question {
    Question::Introspect {
        settings: Arc::new(opaque_tokens()),
        token: Secret::new("t".into()),
        fingerprint: [0; 32],
    }
}

fn refuses(_: &Exchange, _: &Answers) -> Step {
    Step::refuse(Refusal::new(Code::ScopeMissing).detail("orders.write is needed"))
}

fn fails(_: &Exchange, _: &Answers) -> Step {
    Step::Fail("out of order".into())
}

fn panics(_: &Exchange, _: &Answers) -> Step {
    panic!("a check's own fault")
}

fn edits(_: &Exchange, _: &Answers) -> Step {
    Step::Continue(vec![
        Edit::SetResponseHeader(HeaderName::from_static("x-one"), HeaderValue::from_static("1")),
        Edit::Report("renamed".into()),
    ])
}

fn edits_in_vain(_: &Exchange, _: &Answers) -> Step {
    Step::Continue(vec![Edit::SpliceBody(vec![])])
}

fn asks_once(_: &Exchange, answers: &Answers) -> Step {
    if answers.is_empty() { Step::Ask(vec![question()]) } else { Step::Fail("nobody answered".into()) }
}

fn asks_for_ever(_: &Exchange, _: &Answers) -> Step {
    Step::Ask(vec![question()])
}

fn asks_nothing(_: &Exchange, _: &Answers) -> Step {
    Step::Ask(vec![])
}

#[tokio::test(flavor = "current_thread")]
async fn the_runner_applies_the_mode_to_whatever_a_check_says() {
    type Said = fn(&Exchange, &Answers) -> Step;
    type Case = (&'static str, Mode, Said, Verdict, Option<Code>, Option<Code>);
    use Mode::{Enforce, Watch};
    let internal = Some(Code::InternalError);
    let cases: &[Case] = &[
        ("refuses", Enforce, refuses, Verdict::Refuse, Some(Code::ScopeMissing), Some(Code::ScopeMissing)),
        ("refuses", Watch, refuses, Verdict::Refuse, Some(Code::ScopeMissing), None),
        ("fails", Enforce, fails, Verdict::Error, internal, internal),
        ("fails", Watch, fails, Verdict::Error, internal, None),
        ("panics", Enforce, panics, Verdict::Error, internal, internal),
        ("panics", Watch, panics, Verdict::Error, internal, None),
        ("edits", Enforce, edits, Verdict::Edit, None, None),
        ("edits", Watch, edits, Verdict::Edit, None, None),
        ("edits in vain", Enforce, edits_in_vain, Verdict::Error, internal, internal),
        ("asks once", Enforce, asks_once, Verdict::Error, internal, internal),
        ("asks for ever", Enforce, asks_for_ever, Verdict::Error, internal, internal),
        ("asks nothing", Enforce, asks_nothing, Verdict::Error, internal, internal),
    ];
    for (name, mode, said, verdict, code, stopped) in cases {
        let (run, result) = Bench::new().says(*mode, *said).await;
        let stop = result.err().map(|stop| (stop.refusal.code, stop.check));
        assert_eq!(stop, stopped.map(|code| (code, Some("one"))), "{name} {mode:?}");
        let [trace] = run.traces.as_slice() else { panic!("{name}: {:?}", run.traces) };
        assert_eq!((trace.verdict, trace.code, trace.mode), (*verdict, *code, *mode), "{name}");
        let applied = run.effects.response_headers.len();
        assert_eq!(applied, usize::from(*name == "edits" && *mode == Mode::Enforce), "{name} {mode:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_refusal_ends_the_run_and_a_watched_one_does_not() {
    let bench = Bench::new();
    let (run, result) = bench
        .run(vec![(&ONE, Mode::Watch, Box::new(Says(refuses))), (&TWO, Mode::Enforce, Box::new(Says(edits)))])
        .await;
    assert!(result.is_ok());
    assert_eq!(run.traces.len(), 2);
    assert_eq!(run.traces[0].reason.as_deref(), Some("orders.write is needed"));
    assert_eq!(run.traces[1].reason.as_deref(), Some("renamed"));
    let (run, result) = bench
        .run(vec![
            (&ONE, Mode::Enforce, Box::new(Says(refuses))),
            (&TWO, Mode::Enforce, Box::new(Says(edits))),
        ])
        .await;
    assert_eq!(result.unwrap_err().check, Some("one"));
    assert_eq!(run.traces.len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_refusal_may_leave_its_limit_behind_and_an_earlier_limit_survives() {
    fn limit(name: &str) -> Edit {
        Edit::Limit(LimitState {
            name: name.into(),
            unit: model::LimitUnit::Requests,
            quota: 1,
            window_s: 1,
            remaining: 0,
            reset_s: 1,
        })
    }
    fn limits(_: &Exchange, _: &Answers) -> Step {
        Step::Continue(vec![limit("address")])
    }
    fn over(_: &Exchange, _: &Answers) -> Step {
        Step::RefuseWith(vec![limit("client")], Box::new(Refusal::new(Code::RateLimited)))
    }
    let (run, result) = Bench::new()
        .run(vec![(&ONE, Mode::Enforce, Box::new(Says(limits))), (&TWO, Mode::Enforce, Box::new(Says(over)))])
        .await;
    assert_eq!(result.unwrap_err().refusal.code, Code::RateLimited);
    let names: Vec<_> = run.effects.limits.iter().map(|limit| limit.name.as_str()).collect();
    assert_eq!(names, ["address", "client"]);
}

#[tokio::test(flavor = "current_thread")]
async fn questions_are_traced_and_their_rounds_are_bounded() {
    let bench = Bench::new();
    let (run, _) = bench.says(Mode::Enforce, asks_once).await;
    assert_eq!(run.traces[0].questions.len(), 1);
    assert_eq!(run.traces[0].questions[0].outcome, "failed");
    assert_eq!(run.traces[0].reason.as_deref(), Some("nobody answered"));
    let (run, _) = bench.says(Mode::Enforce, asks_for_ever).await;
    assert_eq!(run.traces[0].questions.len(), super::ROUNDS_MAX);
    assert_eq!(bench.outside.0.load(Ordering::SeqCst), 1 + u32::try_from(super::ROUNDS_MAX).unwrap());
}

#[tokio::test(flavor = "current_thread")]
async fn panics_are_counted() {
    let bench = Bench::new();
    bench.says(Mode::Watch, panics).await.1.unwrap();
    assert!(bench.metrics.render().contains("bartizan_check_panics_total 1"));
}

#[tokio::test(flavor = "current_thread")]
async fn only_checks_that_speak_of_a_response_head_leave_a_line() {
    struct OnHead;
    impl Check for OnHead {
        fn step(&self, _: &Exchange, _: &Answers) -> Step {
            Step::pass()
        }
        fn reads_response_head(&self) -> bool {
            true
        }

        fn on_response_head(&self, _: &Exchange, _: &Answers) -> Step {
            Step::refuse(Code::UpstreamInvalid)
        }
    }
    let bench = Bench::new();
    let checks: Vec<PreparedCheck> = [
        (&ONE, Box::new(OnHead) as Box<dyn Check>),
        (&TWO, Box::new(Says(|_, _| Step::pass())) as Box<dyn Check>),
    ]
    .into_iter()
    .map(|(about, check)| PreparedCheck::new(about, Mode::Enforce, check, &bench.metrics))
    .collect();
    let mut run = Run { exchange: exchange("GET", "/"), effects: Effects::default(), traces: vec![] };
    let limits = tape::Limits::default();
    let runner = Runner {
        asker: &bench.asker,
        clock: bench.clock.as_ref(),
        metrics: &bench.metrics,
        question_timeout: Duration::from_secs(5),
        tape_limits: &limits,
    };
    let stop = runner.response(&checks, Hook::ResponseHead, &mut run).await.unwrap_err();
    assert_eq!((stop.check, stop.refusal.code), (Some("one"), Code::UpstreamInvalid));
    assert_eq!(run.traces.len(), 1);
}
