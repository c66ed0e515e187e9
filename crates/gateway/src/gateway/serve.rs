//! The gateway as a handler of connections, and its life from the first listener to the last record.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Version};
use model::Refusal;
use net::{Connection, HeadFault, RequestBody, Shutdown};
use tokio::task::JoinSet;

use super::{Gateway, flow};
use crate::exchange::Peer;
use crate::origin::Origin;
use crate::reply;

/// Between two rounds of housekeeping.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// Between two looks at whether all is recorded, and how many looks there are at most.
const SETTLE_EVERY: Duration = Duration::from_millis(5);
const SETTLE_ROUNDS: u32 = 400;
/// How long the collector of traces may hold up the end.
const SPANS_FLUSH: Duration = Duration::from_secs(5);

impl net::Handler for Gateway {
    fn handle(self: Arc<Self>, connection: &Connection, request: Request<RequestBody>) -> net::Handling {
        let mut connection = *connection;
        let entrance = self.doors.entrance(&connection);
        connection.tls |= entrance.says_https(&connection, request.headers());
        if entrance.manners.may_turn_away(connection.tls, request.uri()) {
            return Box::pin(async move {
                let mut response = match self.turn_away(&entrance, &connection, request).await {
                    Ok(answer) => answer,
                    Err(request) => {
                        let (opened, body) = self.take(&entrance, &connection, request);
                        self.flow(opened, body).await
                    }
                };
                entrance.manners.mark(connection.tls, response.headers_mut());
                response
            });
        }
        // Opened here: the future is moved to where it stays, and the request is large.
        let (opened, body) = self.take(&entrance, &connection, request);
        let tls = connection.tls;
        if !entrance.manners.marks(tls) {
            return Box::pin(self.flow(opened, body));
        }
        Box::pin(async move {
            let mut response = self.flow(opened, body).await;
            entrance.manners.mark(tls, response.headers_mut());
            response
        })
    }

    fn refuse_head(&self, connection: &Connection, fault: HeadFault) -> Response<Bytes> {
        let snapshot = self.snapshot.load();
        let request_id = self.request_ids.next(self.observer.clock.unix_ms());
        let code = fault.code();
        let entrance = self.doors.entrance(connection);
        let Origin { address, from } = entrance.origin_of_connection(connection);
        let peer = Peer { address, from, tls: connection.tls, protocol: flow::protocol(Version::HTTP_11) };
        self.observer.head_refused(&request_id, peer, code, &snapshot);
        let refusal = Refusal::new(code).detail(fault.to_string());
        let mut response = reply::refusal(&refusal, &request_id, &[], false);
        entrance.manners.mark(connection.tls, response.headers_mut());
        response
    }
}

impl Gateway {
    /// Serves until the shutdown is over: stops accepting, lets requests in flight end, then puts the last records
    /// and spans where they belong. Call it once.
    ///
    /// Errors: a listener's socket could not be used; the others are served on.
    pub async fn serve(
        self: &Arc<Self>,
        mut listeners: Vec<net::Listener>,
        shutdown: Shutdown,
    ) -> std::io::Result<()> {
        self.doors.open(&mut listeners, &self.snapshot.load().settings);
        self.take_over_counts().await;
        let mut tasks = JoinSet::new();
        for listener in listeners {
            tasks.spawn(Arc::clone(self).attend(listener, shutdown.clone()));
        }
        let upkeep = tokio::spawn(Arc::clone(self).keep_up(shutdown.clone()));
        let mut result = Ok(());
        while let Some(ended) = tasks.join_next().await {
            if let Ok(Err(error)) = ended {
                result = Err(error);
            }
        }
        shutdown.begun().await;
        self.draining.store(true, Ordering::Relaxed);
        upkeep.abort();
        self.flush().await;
        result
    }

    /// Serves one listener that the settings name by this address, until its own shutdown is over: for listeners that
    /// come and go while the gateway lives. Goes with [`Gateway::live`] and [`Gateway::finish`].
    ///
    /// Errors: the listener's socket could not be used.
    pub async fn listen(
        self: Arc<Self>,
        mut listener: net::Listener,
        configured: SocketAddr,
        shutdown: Shutdown,
    ) -> std::io::Result<()> {
        let number = self.doors.open_one(&mut listener, configured, &self.snapshot.load().settings);
        let served = Arc::clone(&self).attend(listener, shutdown).await;
        self.doors.close(number);
        served
    }

    async fn attend(self: Arc<Self>, listener: net::Listener, shutdown: Shutdown) -> std::io::Result<()> {
        let address: Arc<str> =
            listener.local_addr().map_or_else(|_| Arc::from(""), |at| at.to_string().into());
        let listeners = || self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners().push((Arc::clone(&address), listener.open_connections()));
        let served = net::serve(listener, Arc::clone(&self), shutdown).await;
        listeners().retain(|(other, _)| !Arc::ptr_eq(other, &address));
        self.observer.metrics.connections(&address, 0);
        served
    }

    /// There are never more connections than `fitting`, whatever is configured: the machine has no room for more.
    pub fn fit_connections(&self, fitting: usize) {
        self.doors.fit(fitting, &self.snapshot.load().settings);
    }

    /// How many connections there may be.
    pub fn connections_max(&self) -> usize {
        self.doors.connections_max(&self.snapshot.load().settings)
    }

    /// Goes on with what was kept in the state directory. To be called before the first request is accepted.
    pub async fn resume(self: &Arc<Self>) {
        self.take_over_counts().await;
    }

    /// Another process keeps the state directory now: from here on only records are written.
    pub fn leave_state(&self) {
        self.has_left.store(true, Ordering::Relaxed);
    }

    /// Keeps keys and metrics fresh until the shutdown begins.
    pub async fn live(self: &Arc<Self>, shutdown: Shutdown) {
        tokio::select! {
            () = Arc::clone(self).keep_up(shutdown.clone()) => {}
            () = shutdown.begun() => {}
        }
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Puts the last records and spans where they belong, when no listener has a connection left.
    pub async fn finish(self: &Arc<Self>) {
        self.flush().await;
    }

    /// Whether requests are served: a snapshot is in force, and the end has not begun.
    pub fn is_ready(&self) -> bool {
        !self.draining.load(Ordering::Relaxed)
    }

    /// The metrics in the Prometheus text exposition format.
    pub fn metrics(&self) -> String {
        self.measure();
        self.observer.metrics.render()
    }

    async fn keep_up(self: Arc<Self>, shutdown: Shutdown) {
        self.upstreams.keep();
        let refreshing = async {
            loop {
                let snapshot = self.snapshot.load_full();
                self.outside.refresh_keys(&snapshot.settings).await;
                tokio::time::sleep(UPKEEP_EVERY).await;
            }
        };
        let measuring = async {
            loop {
                tokio::time::sleep(UPKEEP_EVERY).await;
                self.measure();
                let sweeping = Arc::clone(&self);
                // Fails only when the runtime is going down.
                let _ = tokio::task::spawn_blocking(move || sweeping.shared.blocks.sweep()).await;
            }
        };
        let draining = async {
            shutdown.begun().await;
            self.draining.store(true, Ordering::Relaxed);
            std::future::pending::<()>().await;
        };
        tokio::join!(refreshing, measuring, draining, self.keep_counts_regularly());
    }

    /// Carries counts that are kept elsewhere into the metrics.
    #[allow(clippy::cast_precision_loss, reason = "a gauge of bytes does not need its last bits")]
    fn measure(&self) {
        let metrics = &self.observer.metrics;
        let records = &self.observer.records;
        metrics.records_lost.absolute(records.lost());
        let apis = &self.snapshot.load().apis;
        let service = |api: &Arc<crate::snapshot::ApiPlan>| {
            (Arc::clone(&api.settings.name), crate::upstream::service(&api.upstream.cluster))
        };
        metrics.services(&apis.iter().map(service).collect::<Vec<_>>());
        metrics.records_written.absolute(records.written());
        metrics.buffered_bytes.set(self.buffers.used() as f64);
        metrics.requests_in_flight.set(self.observer.totals.in_flight.load(Ordering::Relaxed) as f64);
        for (address, open) in &*self.listeners.lock().unwrap_or_else(PoisonError::into_inner) {
            metrics.connections(address, open.count());
        }
        metrics.connections_ended(self.doors.tally());
        metrics.limits(&self.shared.counters.counts());
        for api in &self.snapshot.load().apis {
            if let Some(gate) = &api.gate {
                metrics.concurrency(&api.settings.name, gate.bound(), gate.in_flight());
            }
        }
        metrics.tokens(self.shared.tokens.len());
        metrics.evidence(&self.shared.evidence.counts, self.shared.learned.len());
        metrics.blocks(&self.shared.blocks);
        metrics.fetches(&self.shared.fetches.statuses());
        metrics.certificates(&self.shared.certificates);
        metrics.keys(&self.shared.keys.states(self.observer.clock.monotonic_ns()));
    }

    async fn flush(self: &Arc<Self>) {
        self.keep_counts().await;
        // Responses that are still read along for their record: the bytes have passed, so this is short.
        let in_flight = &self.observer.totals.in_flight;
        for _ in 0..SETTLE_ROUNDS {
            if in_flight.load(Ordering::Relaxed) == 0 {
                break;
            }
            tokio::time::sleep(SETTLE_EVERY).await;
        }
        if let Some(spans) = self.observer.spans.load_full() {
            // A collector that hangs must not keep the process from ending.
            let _ = tokio::time::timeout(SPANS_FLUSH, spans.flush()).await;
        }
        let gateway = Arc::clone(self);
        // Fails only when the runtime is going down; the records' own drop writes what is left.
        let _ = tokio::task::spawn_blocking(move || gateway.observer.records.close()).await;
    }
}
