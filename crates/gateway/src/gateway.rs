//! The gateway as a whole: the snapshot in force, what outlives it, and the faces that others see.

mod beat;
mod blocking;
mod cleartext;
mod counts;
mod flow;
pub(crate) mod inspect;
mod plan;
mod rehearse;
mod relay;
mod serve;
mod shed;
mod status;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption};
use model::{Finding, Record};
use tokio::sync::broadcast;

pub use blocking::{DrillStep, Drilled};
pub use plan::{Plan, PlannedCheck, PlannedRefusal, RouteLine, examine, plan};
pub use rehearse::{Rehearsal, Rehearsed, RehearsedCheck, RehearsedVerdict, rehearse};
pub use status::{
    ApiStatus, AuthorizationStatus, CheckCount, CheckModes, ConcurrencyStatus, KeyStatus, ObjectTotals,
    RequestTotals, Status, TypeStatus,
};

use crate::asker::outside::Fetching;
use crate::asker::{Asker, Outside};
use crate::check::Kind;
use crate::metrics::Metrics;
use crate::observe::{Observer, Totals};
use crate::origin::Doors;
use crate::pipeline::buffers::Buffers;
use crate::records::{RECORDS_BYTES_MAX, Records};
use crate::request_id::RequestIds;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::snapshot::{Materials, Snapshot};
use crate::trace::TraceIds;
use crate::trace::export::Spans;
use crate::upstream::Upstreams;

/// Where the gateway keeps things, and how much of them.
#[derive(Debug, Clone)]
pub struct Options {
    /// Holds `records/`; made with mode 0700 when it is not there.
    pub state_dir: PathBuf,
    /// Of all record segments together; `None` keeps no records on disk.
    pub records_bytes_max: Option<u64>,
}

impl Options {
    pub fn new(state_dir: impl Into<PathBuf>) -> Self {
        Self { state_dir: state_dir.into(), records_bytes_max: Some(RECORDS_BYTES_MAX) }
    }
}

/// Why the gateway cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the records cannot be kept in the state directory")]
    Records(#[source] io::Error),
    #[error("no randomness can be had from the system")]
    Random,
    #[error("traces cannot be sent to the telemetry endpoint: {0}")]
    Telemetry(String),
    #[error("the configuration cannot come into force")]
    Snapshot(Vec<Finding>),
}

/// One gateway; a process has one, a test may have many.
pub struct Gateway {
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) observer: Arc<Observer>,
    pub(crate) asker: Arc<Asker>,
    pub(crate) buffers: Arc<Buffers>,
    pub(crate) request_ids: RequestIds,
    pub(crate) trace_ids: TraceIds,
    pub(crate) shared: Arc<Shared>,
    outside: Arc<Fetching>,
    kinds: Vec<&'static dyn Kind>,
    upstreams: Upstreams,
    /// Whom each listener trusts.
    doors: Doors,
    /// What is listened on, by address.
    listeners: Mutex<Vec<(Arc<str>, net::OpenConnections)>>,
    draining: AtomicBool,
    /// Another process keeps the state directory.
    has_left: AtomicBool,
    started_unix_ms: u64,
    /// `None`: nothing is kept.
    state_dir: Option<PathBuf>,
    reloading: Mutex<()>,
}

impl Gateway {
    /// Builds the first snapshot; nothing is listened on yet.
    pub fn new(settings: Settings, shared: Arc<Shared>, options: &Options) -> Result<Arc<Self>, StartError> {
        let outside = Arc::new(Fetching::new(&settings, Arc::clone(&shared)));
        let answers = Arc::clone(&outside) as Arc<dyn Outside>;
        Self::assemble(settings, shared, options, crate::checks::ALL.to_vec(), outside, answers)
    }

    /// Like [`Gateway::new`], with the checks and the outside given, for tests of the runner.
    pub(crate) fn assemble(
        settings: Settings,
        shared: Arc<Shared>,
        options: &Options,
        kinds: Vec<&'static dyn Kind>,
        outside: Arc<Fetching>,
        answers: Arc<dyn Outside>,
    ) -> Result<Arc<Self>, StartError> {
        let mut seed = [0u8; 12];
        aws_lc_rs::rand::fill(&mut seed).map_err(|_| StartError::Random)?;
        let [a, b, c, d, e, f, g, h, i, j, k, l] = seed;
        let clock = Arc::clone(&shared.clock);
        let metrics = Arc::new(Metrics::new());
        let buffers = Arc::new(Buffers::default());
        let upstreams = Upstreams::default();
        let spans = spans(&settings).map_err(StartError::Telemetry)?;
        let materials =
            Materials { kinds: &kinds, shared: &shared, metrics: &metrics, upstreams: &upstreams };
        let snapshot = Snapshot::build(settings, &materials).map_err(StartError::Snapshot)?;
        metrics.snapshot(None, &snapshot.hash);
        let directory = options.state_dir.join("records");
        let records = Records::open(&directory, options.records_bytes_max, Arc::clone(&clock))
            .map_err(StartError::Records)?;
        Ok(Arc::new(Self {
            snapshot: ArcSwap::from_pointee(snapshot),
            asker: Asker::new(answers, Arc::clone(&clock), Arc::clone(&metrics)),
            request_ids: RequestIds::new(u32::from_be_bytes([a, b, c, d])),
            trace_ids: TraceIds::new(u64::from_be_bytes([e, f, g, h, i, j, k, l])),
            outside,
            kinds,
            upstreams,
            doors: Doors::new(buffers.memory()),
            buffers,
            listeners: Mutex::default(),
            draining: AtomicBool::new(false),
            has_left: AtomicBool::new(false),
            started_unix_ms: clock.unix_ms(),
            state_dir: (!options.state_dir.as_os_str().is_empty()).then(|| options.state_dir.clone()),
            reloading: Mutex::new(()),
            observer: Arc::new(Observer {
                records,
                metrics,
                clock,
                shared: Arc::clone(&shared),
                spans: ArcSwapOption::from_pointee(spans),
                totals: Totals::default(),
            }),
            shared,
        }))
    }

    /// Swaps to new settings, whole or not at all. Requests in flight end under the snapshot they began with.
    /// Listeners are bound by the caller and do not change.
    pub fn reload(&self, settings: Settings) -> Result<(), Vec<Finding>> {
        let _one_at_a_time = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let metrics = &self.observer.metrics;
        let materials =
            Materials { kinds: &self.kinds, shared: &self.shared, metrics, upstreams: &self.upstreams };
        let snapshot =
            Snapshot::build(settings, &materials).inspect_err(|_| metrics.snapshots_refused.increment(1))?;
        let old = self.snapshot.load_full();
        let telemetry = telemetry_changed(&old.settings, &snapshot.settings);
        let new_spans = if telemetry { spans(&snapshot.settings).map_err(unusable_telemetry)? } else { None };
        metrics.snapshot((old.hash != snapshot.hash).then_some(&*old.hash), &snapshot.hash);
        self.outside.reconfigure(&snapshot.settings);
        if telemetry {
            self.observer.spans.store(new_spans.map(Arc::new));
        }
        self.doors.reconfigure(&snapshot.settings);
        self.snapshot.store(Arc::new(snapshot));
        drop(old);
        self.upstreams.drop_unused();
        self.upstreams.keep();
        Ok(())
    }

    /// Every record from now on, for `tail`.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Record>> {
        self.observer.records.subscribe()
    }

    /// The record of a request, from disk. Blocks: call it from a blocking task.
    pub fn find_record(&self, request_id: &str) -> io::Result<Option<Record>> {
        self.observer.records.find(request_id)
    }

    /// What is shared with checks and survives reloads.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

fn spans(settings: &Settings) -> Result<Option<Spans>, String> {
    match &settings.telemetry {
        Some(telemetry) => Spans::begin(telemetry, &settings.egress_allow),
        None => Ok(None),
    }
}

fn unusable_telemetry(fault: String) -> Vec<Finding> {
    vec![Finding::error("B3004", format!("traces cannot be sent to the telemetry endpoint: {fault}"))]
}

fn telemetry_changed(old: &Settings, new: &Settings) -> bool {
    let told = |settings: &Settings| {
        settings.telemetry.as_ref().map(|one| (one.endpoint.clone(), one.service_name.clone()))
    };
    told(old) != told(new)
}
