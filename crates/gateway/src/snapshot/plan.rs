//! One operation, with its checks prepared in order and its needs of bodies known.

use std::sync::Arc;

use model::{Finding, Mode, Phase};

use super::Materials;
use super::extension::{self, Extension};
use crate::check::{About, BodyNeed, Check, Kind, Preparation};
use crate::classes::Classes;
use crate::metrics::{CheckMetrics, Metrics, OperationMetrics};
use crate::settings::{Api, Settings};
use crate::tunnel::WebSocket;

/// The name of the synthetic operation that stands for everything the description does not list.
pub(crate) const UNMATCHED: &str = "unmatched";

/// What the pipeline runs for one operation.
pub(crate) struct OperationPlan {
    /// Empty for the plan of what concerns no API.
    pub(crate) api: Arc<str>,
    pub(crate) id: Arc<str>,
    pub(crate) operation: Option<Arc<openapi::Operation>>,
    /// In the order in which they run; none is off.
    pub(crate) checks: Vec<PreparedCheck>,
    /// Needed here, and switched off.
    pub(crate) off: Vec<&'static About>,
    /// How many of them run before the first byte of the body is read.
    before_body: usize,
    /// The most that any check needs of the request's body.
    pub(crate) body: BodyNeed,
    /// Whether a check in `enforce` needs the whole response body: it is held back until that check has passed.
    pub(crate) holds_response: bool,
    /// Whether a check in `watch` needs the whole response body: it is read along as it passes.
    pub(crate) tees_response: bool,
    /// Whether any check has to be shown the response's head or body.
    pub(crate) looks_at_response: bool,
    pub(crate) body_bytes_max: usize,
    /// The description's word on whether it may be done twice.
    idempotent: Option<bool>,
    /// It begins WebSockets, and answers nothing else.
    pub(crate) websocket: Option<WebSocket>,
    pub(crate) classes: Classes,
    /// Whether a check counts the bytes of answers.
    pub(crate) meters_response: bool,
    pub(crate) metrics: OperationMetrics,
}

pub(crate) struct PreparedCheck {
    pub(crate) about: &'static About,
    pub(crate) mode: Mode,
    pub(crate) check: Box<dyn Check>,
    pub(crate) body: BodyNeed,
    pub(crate) response_body: BodyNeed,
    pub(crate) reads_response_head: bool,
    pub(crate) metrics: CheckMetrics,
}

/// Everything up to Permit, and what of the later phases stands before the first check that needs the body whole.
fn before_body(checks: &[PreparedCheck]) -> usize {
    let needs = |check: &PreparedCheck| check.about.phase > Phase::Permit && check.body == BodyNeed::Whole;
    checks.iter().position(needs).unwrap_or(checks.len())
}

impl OperationPlan {
    pub(super) fn build(
        settings: &Settings,
        api: &Api,
        operation: Option<&Arc<openapi::Operation>>,
        service: Option<&Arc<crate::evidence::Service>>,
        materials: &Materials<'_>,
    ) -> Result<Self, Vec<Finding>> {
        let id = operation.map_or_else(|| Arc::from(UNMATCHED), |operation| Arc::clone(&operation.id));
        let (mut checks, mut off, mut findings) = (Vec::new(), Vec::new(), Vec::new());
        let preparation = Preparation { settings, api, operation, shared: materials.shared, service };
        for kind in materials.kinds {
            let about = kind.about();
            match kind.prepare(&preparation) {
                Ok(None) => {}
                Ok(Some(check)) => match mode_of(about, api, &id) {
                    Mode::Off => off.push(about),
                    mode => checks.push(PreparedCheck::new(about, mode, check, materials.metrics)),
                },
                Err(fault) => findings.push(cannot_prepare(about, operation, &id, &fault)),
            }
        }
        let extension =
            operation.map_or(Ok(Extension::default()), |operation| extension::of_operation(operation));
        let extension = extension.map_err(|mut faults| findings.append(&mut faults));
        if let (Ok(Extension { websocket: Some(_), .. }), true) = (&extension, api.upstream.http2) {
            let sentence = format!("`{id}` begins WebSockets, and its upstream is spoken to in HTTP/2");
            findings.push(
                Finding::error("B3005", sentence).advice("leave `http2` out: a WebSocket needs HTTP/1.1"),
            );
        }
        let (Ok(extension), true) = (extension, findings.is_empty()) else { return Err(findings) };
        // Stable: within a phase the order of the list stands.
        checks.sort_by_key(|check| check.about.phase);
        let whole =
            |mode| checks.iter().any(|check| check.mode == mode && check.response_body == BodyNeed::Whole);
        Ok(Self {
            holds_response: whole(Mode::Enforce),
            tees_response: whole(Mode::Watch),
            looks_at_response: checks
                .iter()
                .any(|check| check.reads_response_head || check.response_body == BodyNeed::Whole),
            body: checks.iter().map(|check| check.body).max().unwrap_or(BodyNeed::None),
            classes: Classes::of(settings, api, operation.map(|operation| &**operation)),
            meters_response: checks.iter().any(|check| check.check.meters_response()),
            metrics: materials.metrics.operation(&api.name, &id),
            api: Arc::clone(&api.name),
            id,
            operation: operation.cloned(),
            before_body: before_body(&checks),
            checks,
            off,
            body_bytes_max: extension.body_bytes_max.unwrap_or(settings.sizes.body_bytes_max),
            idempotent: extension.idempotent,
            websocket: extension.websocket,
        })
    }

    pub(super) fn without_checks(metrics: &Metrics) -> Self {
        let (api, id) = (Arc::from(""), Arc::from(UNMATCHED));
        Self {
            metrics: metrics.operation(&api, &id),
            api,
            id,
            operation: None,
            checks: Vec::new(),
            before_body: 0,
            off: Vec::new(),
            body: BodyNeed::None,
            holds_response: false,
            tees_response: false,
            looks_at_response: false,
            body_bytes_max: 0,
            idempotent: None,
            websocket: None,
            classes: Classes::default(),
            meters_response: false,
        }
    }

    /// Whether a request of this method may be done twice: as declared, else by RFC 9110 section 9.2.2.
    pub(crate) fn is_idempotent(&self, method: &http::Method) -> bool {
        self.idempotent.unwrap_or_else(|| method.is_idempotent())
    }

    /// The checks that run before the first byte of the body is read, and the rest.
    pub(crate) fn around_body(&self) -> (&[PreparedCheck], &[PreparedCheck]) {
        self.checks.split_at_checked(self.before_body).unwrap_or((&self.checks, &[]))
    }

    /// The checks up to and including `phase`, and the rest.
    pub(crate) fn split(&self, phase: Phase) -> (&[PreparedCheck], &[PreparedCheck]) {
        let middle = self.checks.partition_point(|check| check.about.phase <= phase);
        self.checks.split_at_checked(middle).unwrap_or((&self.checks, &[]))
    }
}

impl PreparedCheck {
    pub(crate) fn new(about: &'static About, mode: Mode, check: Box<dyn Check>, metrics: &Metrics) -> Self {
        let response_body = check.response_body();
        let reads_response_head = check.reads_response_head();
        Self {
            about,
            mode,
            body: check.request_body().unwrap_or(about.body),
            check,
            response_body,
            reads_response_head,
            metrics: metrics.check(about.name, mode),
        }
    }
}

/// The operation's mode, else the API's, else the check's own. A check that may not be watched is enforced.
pub(crate) fn mode_of(about: &About, api: &Api, operation_id: &str) -> Mode {
    if !about.may_watch {
        return Mode::Enforce;
    }
    let of_operation = api.operation_modes.get(operation_id).and_then(|modes| modes.get(about.name));
    of_operation.or_else(|| api.modes.get(about.name)).copied().unwrap_or(about.default_mode)
}

/// Modes for checks or operations that do not exist, and `off` for a check that has no such mode.
pub(super) fn check_modes(api: &Api, kinds: &[&'static dyn Kind]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut check = |name: &str, mode: Mode| match kinds.iter().find(|kind| kind.about().name == name) {
        None => {
            findings.push(Finding::error("B3001", format!("there is no check `{name}` to set a mode for")))
        }
        Some(kind) if mode == Mode::Off && !kind.about().may_watch => {
            findings.push(Finding::error("B3001", format!("the check `{name}` cannot be switched off")));
        }
        Some(_) => {}
    };
    for (name, mode) in api.modes.iter().chain(api.operation_modes.values().flatten()) {
        check(name, *mode);
    }
    for id in api.operation_modes.keys() {
        let known = api.description.operations.iter().any(|operation| *operation.id == **id);
        if !known && id != UNMATCHED {
            let sentence = format!("there is no operation `{id}` in `{}` to set modes for", api.name);
            findings.push(Finding::error("B3001", sentence));
        }
    }
    findings
}

fn cannot_prepare(
    about: &About,
    operation: Option<&Arc<openapi::Operation>>,
    id: &str,
    fault: &str,
) -> Finding {
    let sentence = format!("the check `{}` cannot be prepared for `{id}`: {fault}", about.name);
    let finding = Finding::error("B3002", sentence);
    match operation {
        Some(operation) => finding.at(operation.place.clone(), "of this operation"),
        None => finding,
    }
}
