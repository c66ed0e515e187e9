#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use model::{Finding, Mode, Phase, SystemClock};

use super::{Materials, PreparedCheck, Snapshot};
use crate::check::{About, BodyNeed, Build, Check, Kind, Preparation, Step, of};
use crate::exchange::Exchange;
use crate::metrics::Metrics;
use crate::pipeline::testing::{about, api, settings};
use crate::question::Answers;
use crate::settings::{Settings, Sizes};
use crate::shared::Shared;
use crate::upstream::Upstreams;

macro_rules! check {
    ($name:ident, $word:literal, $phase:ident, $may_watch:literal, $body:ident, $build:expr) => {
        struct $name;
        impl Check for $name {
            fn step(&self, _: &Exchange, _: &Answers) -> Step {
                Step::pass()
            }
        }
        impl Build for $name {
            const ABOUT: About = about($word, Phase::$phase, $may_watch, BodyNeed::$body);
            fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
                let build: fn(&Preparation<'_>) -> Result<bool, String> = $build;
                Ok(build(preparation)?.then_some(Self))
            }
        }
    };
}

check!(Late, "late", Validate, true, Whole, |preparation| Ok(preparation
    .operation
    .is_some_and(|one| one.body.is_some())));
check!(Early, "early", Identify, false, None, |_| Ok(true));
check!(Middle, "middle", Permit, true, None, |_| Ok(true));
check!(Broken, "broken", Permit, true, None, |preparation| match preparation.operation {
    Some(operation) if &*operation.id == "getOrder" => Err("it is not right".into()),
    _ => Ok(false),
});

fn build(settings: Settings, kinds: &[&'static dyn Kind]) -> Result<Snapshot, Vec<Finding>> {
    let shared = Shared::new(Arc::new(SystemClock::default()), &Sizes::default());
    let metrics = Metrics::new();
    let upstreams = Upstreams::default();
    Snapshot::build(settings, &Materials { kinds, shared: &shared, metrics: &metrics, upstreams: &upstreams })
}

fn checks(snapshot: &Snapshot, operation: &str) -> Vec<(&'static str, Mode)> {
    let api = &snapshot.apis[0];
    let plan = api.plans().find(|plan| &*plan.id == operation).unwrap_or(&api.unmatched);
    plan.checks.iter().map(|check| (check.about.name, check.mode)).collect()
}

const KINDS: &[&dyn Kind] = &[of::<Late>(), of::<Middle>(), of::<Early>()];

#[test]
fn checks_run_by_phase_and_only_where_they_are_needed() {
    let snapshot = build(settings(vec![api("orders", 9)]), KINDS).unwrap();
    let (enforce, none) = (Mode::Enforce, BodyNeed::None);
    assert_eq!(checks(&snapshot, "listOrders"), [("early", enforce), ("middle", enforce)]);
    assert_eq!(
        checks(&snapshot, "createOrder"),
        [("early", enforce), ("middle", enforce), ("late", enforce)]
    );
    assert_eq!(checks(&snapshot, "unmatched"), [("early", enforce), ("middle", enforce)]);
    let api = &snapshot.apis[0];
    let needs: Vec<_> = api.plans().map(|plan| (plan.id.to_string(), plan.body)).collect();
    assert_eq!(needs[0], ("listOrders".to_owned(), none));
    assert_eq!(needs[1], ("createOrder".to_owned(), BodyNeed::Whole));
    let plan = api.plans().nth(1).unwrap();
    let (before, after) = plan.split(Phase::Permit);
    assert_eq!((before.len(), after.len()), (2, 1));
}

check!(Light, "light", Validate, true, None, |_| Ok(true));

#[test]
fn the_body_is_read_before_the_first_check_that_needs_it_and_after_permit() {
    let kinds: &[&dyn Kind] = &[of::<Late>(), of::<Light>(), of::<Middle>()];
    let names = |checks: &[PreparedCheck]| checks.iter().map(|check| check.about.name).collect::<Vec<_>>();
    for (kinds, operation, before, after) in [
        (kinds, "createOrder", vec!["middle"], vec!["late", "light"]),
        (
            &[of::<Light>(), of::<Late>(), of::<Middle>()],
            "createOrder",
            vec!["middle", "light"],
            vec!["late"],
        ),
        (kinds, "listOrders", vec!["middle", "light"], vec![]),
    ] {
        let snapshot = build(settings(vec![api("orders", 9)]), kinds).unwrap();
        let plan = snapshot.apis[0].plans().find(|plan| &*plan.id == operation).unwrap();
        let (first, rest) = plan.around_body();
        assert_eq!((names(first), names(rest)), (before, after), "{operation}");
    }
}

#[test]
fn the_operations_mode_beats_the_apis_and_the_apis_the_checks_own() {
    let mut orders = api("orders", 9);
    orders.modes.insert("middle".into(), Mode::Watch);
    orders.modes.insert("late".into(), Mode::Off);
    orders.modes.insert("early".into(), Mode::Watch);
    orders.operation_modes.entry("getOrder".into()).or_default().insert("middle".into(), Mode::Enforce);
    orders.operation_modes.entry("createOrder".into()).or_default().insert("middle".into(), Mode::Off);
    let snapshot = build(settings(vec![orders]), KINDS).unwrap();
    assert_eq!(checks(&snapshot, "listOrders"), [("early", Mode::Enforce), ("middle", Mode::Watch)]);
    assert_eq!(checks(&snapshot, "getOrder"), [("early", Mode::Enforce), ("middle", Mode::Enforce)]);
    assert_eq!(checks(&snapshot, "createOrder"), [("early", Mode::Enforce)]);
    let plan = snapshot.apis[0].plans().find(|plan| &*plan.id == "createOrder").unwrap();
    let off: Vec<_> = plan.off.iter().map(|about| about.name).collect();
    assert_eq!(off, ["late", "middle"]);
    assert_eq!(plan.body, BodyNeed::None);
}

#[test]
fn nothing_is_built_when_a_check_cannot_be_prepared_and_the_finding_has_the_place() {
    let findings = build(settings(vec![api("orders", 9)]), &[of::<Broken>()]).err().unwrap();
    assert_eq!(findings.len(), 1);
    assert!(findings[0].is_error());
    assert!(findings[0].sentence.contains("`getOrder`"), "{}", findings[0].sentence);
    assert_eq!(&*findings[0].place.as_ref().unwrap().file, "api.yaml");
}

#[test]
fn modes_that_name_nothing_or_cannot_be_are_refused() {
    let cases: [fn(&mut crate::settings::Api); 3] = [
        |api| {
            api.modes.insert("nosuch".into(), Mode::Watch);
        },
        |api| {
            api.modes.insert("early".into(), Mode::Off);
        },
        |api| {
            api.operation_modes.entry("nosuch".into()).or_default();
        },
    ];
    for (number, change) in cases.into_iter().enumerate() {
        let mut orders = api("orders", 9);
        change(&mut orders);
        assert_eq!(build(settings(vec![orders]), KINDS).err().unwrap().len(), 1, "case {number}");
    }
}

#[test]
fn an_operation_may_have_its_own_body_bound() {
    let snapshot = build(settings(vec![api("orders", 9)]), KINDS).unwrap();
    let bounds: Vec<_> = snapshot.apis[0].plans().map(|plan| plan.body_bytes_max).collect();
    assert_eq!(bounds[..3], [1 << 20, 1 << 20, 10]);
}

#[test]
fn an_extension_says_only_what_is_known() {
    let cases = [
        ("get: {x-bartizan: {body_byte_max: 10}, operationId: a", "has no member `body_byte_max`"),
        ("get: {x-bartizan: {body_bytes_max: ten}, operationId: a", "is not a whole number of bytes"),
        ("get: {x-bartizan: {body_bytes_max: -1}, operationId: a", "is not a whole number of bytes"),
        ("x-bartizan: {other: 1}, get: {operationId: a", "has no member `other`"),
        ("get: {x-bartizan: {waf: off}, operationId: a", "`waf` is not an object"),
        ("get: {x-bartizan: {waf: {mode: off}}, operationId: a", "`waf` has no member `mode`"),
        ("get: {x-bartizan: {waf: {exclude: 7}}, operationId: a", "`waf.exclude` is not a list"),
        ("get: {x-bartizan: {waf: {exclude: [7]}}, operationId: a", "an exclusion is not an object"),
        ("get: {x-bartizan: {waf: {exclude: [{id: 7}]}}, operationId: a", "an exclusion has no member `id`"),
        ("get: {x-bartizan: {waf: {exclude: [{rule: a}]}}, operationId: a", "is not the number of a rule"),
        (
            "get: {x-bartizan: {waf: {exclude: [{tag: ''}]}}, operationId: a",
            "`tag` of an exclusion is not a text",
        ),
        ("get: {x-bartizan: {waf: {exclude: [{}]}}, operationId: a", "neither a `rule` nor a `tag`"),
        ("get: {x-bartizan: {waf: {exclude: [{rule: 1, tag: a}]}}, operationId: a", "not both"),
    ];
    for (text, expected) in cases {
        let text = format!(
            "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths:\n  /a: {{{text}, security: [], \
             responses: {{'200': {{description: ok}}}}}}}}\n"
        );
        let mut odd = api("odd", 9);
        odd.description = crate::pipeline::testing::description(text.leak());
        let findings = build(settings(vec![odd]), KINDS).err().unwrap();
        assert!(findings.iter().any(|finding| finding.sentence.contains(expected)), "{findings:?}");
        assert!(findings.iter().all(|finding| finding.place.is_some()));
    }
}

#[test]
fn pools_survive_for_an_unchanged_upstream() {
    let upstreams = Upstreams::default();
    let settings = settings(vec![]);
    let first = upstreams.get(&api("one", 9), &settings).unwrap();
    let same = upstreams.get(&api("two", 9), &settings).unwrap();
    let other = upstreams.get(&api("one", 10), &settings).unwrap();
    assert!(Arc::ptr_eq(&first.cluster, &same.cluster));
    assert!(!Arc::ptr_eq(&first.cluster, &other.cluster));
    let weak = Arc::downgrade(&other.cluster);
    drop(other);
    upstreams.drop_unused();
    assert!(weak.upgrade().is_none());
}
