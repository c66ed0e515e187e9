use model::{Code, Mode, Outcome, Phase, Verdict};

use super::stand::{Stand, text};
use crate::check::{About, BodyNeed, Build, Check, Edit, Kind, Preparation, Step, of};
use crate::exchange::Exchange;
use crate::pipeline::testing::about;
use crate::question::Answers;

/// Does what the header `x-do` says.
struct Obeys;

impl Check for Obeys {
    fn step(&self, exchange: &Exchange, _: &Answers) -> Step {
        match exchange.head.headers.get("x-do").map(http::HeaderValue::as_bytes) {
            Some(b"refuse") => Step::refuse(Code::ScopeMissing),
            Some(b"panic") => panic!("a check's own fault"),
            Some(b"edit") => Step::Continue(vec![
                Edit::SetRequestHeader(http::HeaderName::from_static("x-edited"), "yes".parse().unwrap()),
                Edit::RemoveRequestHeader(http::HeaderName::from_static("x-do")),
                Edit::SetQuery(None),
                Edit::SetResponseHeader(http::HeaderName::from_static("x-seen"), "yes".parse().unwrap()),
            ]),
            _ => Step::pass(),
        }
    }
}

impl Build for Obeys {
    const ABOUT: About = about("obeys", Phase::Permit, true, BodyNeed::None);

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        Ok(preparation.operation.is_some().then_some(Self))
    }
}

/// Refuses responses in which a secret shows.
struct Leaks;

impl Check for Leaks {
    fn step(&self, _: &Exchange, _: &Answers) -> Step {
        Step::pass()
    }

    fn on_response_body(&self, exchange: &Exchange, _: &Answers) -> Step {
        let body = exchange.response.as_ref().and_then(|response| response.body.as_ref()).unwrap();
        if String::from_utf8_lossy(&body.bytes).contains("secret") {
            Step::refuse(Code::UpstreamInvalid)
        } else {
            Step::pass()
        }
    }

    fn response_body(&self) -> BodyNeed {
        BodyNeed::Whole
    }
}

impl Build for Leaks {
    const ABOUT: About = about("leaks", Phase::Inspect, true, BodyNeed::None);

    fn build(_: &Preparation<'_>) -> Result<Option<Self>, String> {
        Ok(Some(Self))
    }
}

/// Takes a tag out of the head of an answer, and refuses a head that says too much.
struct Trims;

impl Check for Trims {
    fn step(&self, _: &Exchange, _: &Answers) -> Step {
        Step::pass()
    }

    fn reads_response_head(&self) -> bool {
        true
    }

    fn on_response_head(&self, exchange: &Exchange, _: &Answers) -> Step {
        match exchange.response.as_ref().is_some_and(|response| response.headers.contains_key("x-debug")) {
            true => Step::refuse(Code::UpstreamInvalid),
            false => Step::Continue(vec![Edit::RemoveResponseHeader(http::HeaderName::from_static("x-tag"))]),
        }
    }
}

impl Build for Trims {
    const ABOUT: About = about("trims", Phase::Inspect, true, BodyNeed::None);

    fn build(_: &Preparation<'_>) -> Result<Option<Self>, String> {
        Ok(Some(Self))
    }
}

/// Takes the first byte out of an answer.
struct Cuts;

impl Check for Cuts {
    fn step(&self, _: &Exchange, _: &Answers) -> Step {
        Step::pass()
    }

    fn response_body(&self) -> BodyNeed {
        BodyNeed::Whole
    }

    fn on_response_body(&self, _: &Exchange, _: &Answers) -> Step {
        Step::Continue(vec![Edit::SpliceResponse(vec![(0..1, bytes::Bytes::new())])])
    }
}

impl Build for Cuts {
    const ABOUT: About = about("cuts", Phase::Inspect, true, BodyNeed::None);

    fn build(_: &Preparation<'_>) -> Result<Option<Self>, String> {
        Ok(Some(Self))
    }
}

const KINDS: &[&dyn Kind] = &[of::<Obeys>(), of::<Leaks>()];

fn verdict(record: &model::Record, check: &str) -> Verdict {
    let traces: Vec<_> = record.checks.iter().filter(|trace| trace.name == check).collect();
    traces.last().unwrap_or_else(|| panic!("no line of {check} in {record:?}")).verdict
}

#[tokio::test]
async fn an_enforced_refusal_refuses_and_says_which_check_it_was() {
    let stand = Stand::new(KINDS, |_| {}).await;
    let answer = stand.send("GET", "/orders", &[("x-do", "refuse")], "").await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "scope_missing"));
    assert!(stand.backend.saw_nothing());
    let record = stand.record(&answer).await;
    assert_eq!((record.check.as_deref(), record.code), (Some("obeys"), Some(Code::ScopeMissing)));
    assert_eq!(record.outcome, Outcome::Refused);
}

#[tokio::test]
async fn a_watched_check_is_recorded_and_changes_nothing() {
    let stand = Stand::new(KINDS, |settings| {
        settings.apis[0].modes.insert("obeys".into(), Mode::Watch);
        settings.apis[0].modes.insert("leaks".into(), Mode::Watch);
    })
    .await;
    for (what, expected) in
        [("refuse", Verdict::Refuse), ("panic", Verdict::Error), ("edit", Verdict::Edit), ("", Verdict::Pass)]
    {
        let answer = stand.send("GET", "/orders?a=1", &[("x-do", what)], "").await;
        assert_eq!(answer.status, 200, "{what}");
        assert_eq!(stand.backend.last().target, "/orders?a=1");
        let record = stand.record(&answer).await;
        assert_eq!(verdict(&record, "obeys"), expected, "{what}");
        assert_eq!(record.outcome, Outcome::Allowed);
    }
    let status = stand.gateway.status();
    let watched: Vec<_> = status.apis[0].watched.iter().map(|one| (one.check, one.operations)).collect();
    assert_eq!(watched, [("obeys", 5), ("leaks", 5)]);
}

#[tokio::test]
async fn a_panicking_check_is_a_500_and_the_gateway_lives_on() {
    let stand = Stand::new(KINDS, |_| {}).await;
    let answer = stand.send("GET", "/orders", &[("x-do", "panic")], "").await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "internal_error"));
    assert_eq!(stand.record(&answer).await.outcome, Outcome::Failed);
    assert_eq!(stand.get("/orders").await.status, 200);
    assert!(stand.gateway.metrics().contains("bartizan_check_panics_total 1"));
}

#[tokio::test]
async fn edits_reach_the_upstream_and_the_caller() {
    let stand = Stand::new(KINDS, |_| {}).await;
    let answer = stand.send("GET", "/orders?a=1", &[("x-do", "edit")], "").await;
    assert_eq!(text(&answer.headers, "x-seen"), "yes");
    let seen = stand.backend.last();
    assert_eq!(seen.target, "/orders");
    assert_eq!(text(&seen.headers, "x-edited"), "yes");
    assert_eq!(text(&seen.headers, "x-do"), "");
}

#[tokio::test]
async fn an_enforced_response_check_holds_the_answer_back() {
    let stand = Stand::new(KINDS, |_| {}).await;
    stand.backend.will_answer(200, &[], "a secret shows");
    let answer = stand.get("/orders").await;
    assert_eq!((answer.status, answer.code().as_str()), (502, "upstream_invalid"));
    let record = stand.record(&answer).await;
    assert_eq!((record.check.as_deref(), record.outcome), (Some("leaks"), Outcome::Failed));
    assert_eq!(text(&stand.backend.last().headers, "accept-encoding"), "identity");
    stand.backend.will_answer(200, &[], "nothing shows");
    let answer = stand.get("/orders").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"nothing shows"[..]));
    let record = stand.record(&answer).await;
    assert_eq!((verdict(&record, "leaks"), record.response_bytes), (Verdict::Pass, 13));
    assert_eq!(stand.gateway.status().buffered_bytes, 0);
}

#[tokio::test]
async fn what_a_check_takes_out_of_an_answer_is_in_no_answer_however_plain_its_head() {
    let plain = [("content-type", "text/plain"), ("x-tag", "1"), ("etag", "\"1\"")];
    let stand = Stand::new(&[of::<Obeys>(), of::<Trims>()], |_| {}).await;
    stand.backend.will_answer(200, &plain, "whole");
    let answer = stand.send("GET", "/orders", &[("x-do", "edit")], "").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"whole"[..]));
    let left = ["x-tag", "etag", "content-type", "x-seen"].map(|name| text(&answer.headers, name).to_owned());
    assert_eq!(left, ["", "\"1\"", "text/plain", "yes"]);
    stand.backend.will_answer(200, &[("x-debug", "1")], "whole");
    assert_eq!(stand.get("/orders").await.status, 502);

    let stand = Stand::new(&[of::<Cuts>()], |_| {}).await;
    stand.backend.will_answer(200, &plain, "whole");
    let answer = stand.get("/orders").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"hole"[..]));
    let left = ["x-tag", "etag", "content-length"].map(|name| text(&answer.headers, name).to_owned());
    assert_eq!(left, ["1", "", "4"]);
}

#[tokio::test]
async fn a_watched_response_passes_and_is_inspected_afterwards() {
    let stand =
        Stand::new(KINDS, |settings| _ = settings.apis[0].modes.insert("leaks".into(), Mode::Watch)).await;
    stand.backend.will_answer(200, &[], "a secret shows");
    let answer = stand.get("/orders").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"a secret shows"[..]));
    let record = stand.record(&answer).await;
    assert_eq!((verdict(&record, "leaks"), record.outcome), (Verdict::Refuse, Outcome::Allowed));
}

#[tokio::test]
async fn a_response_too_large_to_hold_is_refused_and_too_large_to_watch_passes() {
    let small = |settings: &mut crate::settings::Settings| settings.sizes.body_bytes_max = 4;
    let stand = Stand::new(KINDS, small).await;
    stand.backend.will_answer(200, &[], "longer");
    let answer = stand.get("/orders").await;
    assert_eq!((answer.status, answer.code().as_str()), (502, "upstream_invalid"));
    let stand = Stand::new(KINDS, |settings| {
        small(settings);
        settings.apis[0].modes.insert("leaks".into(), Mode::Watch);
    })
    .await;
    stand.backend.will_answer(200, &[], "longer");
    let answer = stand.get("/orders").await;
    assert_eq!(&answer.body[..], b"longer");
    assert_eq!(verdict(&stand.record(&answer).await, "leaks"), Verdict::Error);
}
