//! Spans to a collector: OTLP over HTTP, batched on a task of its own, bounded, through the guarded fetcher.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response};
use net::fetch::{Fetcher, Guard};
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks};
use tokio::sync::{mpsc, oneshot};

use crate::observe::Flight;
use crate::settings::{Network, Telemetry};

/// Spans waiting for the collector; beyond it they are lost and counted.
pub const SPANS_QUEUED_MAX: usize = 4096;
const BATCH_MAX: usize = 512;
const BATCH_EVERY: Duration = Duration::from_secs(1);
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// The way to the collector. Dropping it ends the task after what is queued has been sent.
pub(crate) struct Spans {
    queue: mpsc::Sender<Message>,
}

enum Message {
    Span(Box<SpanData>),
    Flush(oneshot::Sender<()>),
}

impl Spans {
    /// Starts the task; `None` outside a Tokio runtime, where nothing is served. The error says why the endpoint
    /// cannot be used.
    pub(crate) fn begin(telemetry: &Telemetry, egress_allow: &[Network]) -> Result<Option<Self>, String> {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return Ok(None) };
        let mut exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client(&telemetry.endpoint, egress_allow)?)
            .with_endpoint(format!("{}/v1/traces", telemetry.endpoint.trim_end_matches('/')))
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .map_err(|fault| fault.to_string())?;
        let service = telemetry.service_name.clone();
        exporter.set_resource(&Resource::builder_empty().with_service_name(service).build());
        let (queue, receiver) = mpsc::channel(SPANS_QUEUED_MAX);
        runtime.spawn(export_all(exporter, receiver));
        Ok(Some(Self { queue }))
    }

    /// The request's span and its upstream's; `false` when one was lost.
    pub(crate) fn push_request(&self, flight: &Flight, status: u16, duration_ns: u64) -> bool {
        let received = UNIX_EPOCH + Duration::from_millis(flight.run.exchange.received_unix_ms);
        let mut kept = true;
        if let Some(upstream) = &flight.upstream {
            let end = received + Duration::from_nanos(duration_ns);
            let begin = end.checked_sub(Duration::from_micros(upstream.head_us)).unwrap_or(received);
            kept &= self.push(upstream_span(flight, begin.max(received), end));
        }
        kept & self.push(request_span(flight, status, received, received + Duration::from_nanos(duration_ns)))
    }

    fn push(&self, span: SpanData) -> bool {
        self.queue.try_send(Message::Span(Box::new(span))).is_ok()
    }

    /// Waits until everything queued so far was sent, or has failed.
    pub(crate) async fn flush(&self) {
        let (done, when_done) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            // An error means that the task has ended, and with it everything it had.
            let _ = when_done.await;
        }
    }
}

/// Gathers for a second or until a batch is full. A failed batch is dropped: traces are not worth memory.
async fn export_all(exporter: SpanExporter, mut queue: mpsc::Receiver<Message>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    let mut ticks = tokio::time::interval(BATCH_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let flushed = tokio::select! {
            message = queue.recv() => match message {
                Some(Message::Span(span)) => {
                    batch.push(*span);
                    if batch.len() < BATCH_MAX {
                        continue;
                    }
                    None
                }
                Some(Message::Flush(done)) => Some(done),
                None => break,
            },
            _ = ticks.tick() => None,
        };
        send(&exporter, &mut batch).await;
        if let Some(done) = flushed {
            // Nobody waiting any more is no fault.
            let _ = done.send(());
        }
    }
    send(&exporter, &mut batch).await;
}

async fn send(exporter: &SpanExporter, batch: &mut Vec<SpanData>) {
    if !batch.is_empty() {
        // The collector's trouble is the collector's to tell; requests go on.
        let _ = exporter.export(std::mem::take(batch)).await;
    }
}

/// Names by the OpenTelemetry conventions for HTTP; the route is the description's template, never the path.
fn request_span(flight: &Flight, status: u16, start: SystemTime, end: SystemTime) -> SpanData {
    let exchange = &flight.run.exchange;
    let method = crate::metrics::method_label(&exchange.head.method);
    let mut attributes = vec![
        KeyValue::new("http.request.method", method),
        KeyValue::new("url.scheme", if exchange.peer.tls { "https" } else { "http" }),
        KeyValue::new("http.response.status_code", i64::from(status)),
        KeyValue::new("bartizan.operation", flight.plan.id.as_ref().to_owned()),
        KeyValue::new("bartizan.request_id", exchange.request_id.as_ref().to_owned()),
    ];
    if let Some(template) = &flight.template {
        attributes.push(KeyValue::new("http.route", template.as_ref().to_owned()));
    }
    if !flight.plan.api.is_empty() {
        attributes.push(KeyValue::new("bartizan.api", flight.plan.api.as_ref().to_owned()));
    }
    let name = match &flight.template {
        Some(template) => format!("{method} {template}"),
        None => method.to_owned(),
    };
    let trace = &exchange.trace;
    let failed = status >= 500;
    SpanData {
        parent_span_id: trace.parent_id.map_or(SpanId::INVALID, |id| SpanId::from_bytes(id.to_be_bytes())),
        parent_span_is_remote: trace.parent_id.is_some(),
        span_kind: SpanKind::Server,
        name: name.into(),
        start_time: start,
        end_time: end,
        attributes,
        status: if failed { Status::error("") } else { Status::Unset },
        ..blank(trace.trace_id, trace.span_id)
    }
}

fn upstream_span(flight: &Flight, start: SystemTime, end: SystemTime) -> SpanData {
    let exchange = &flight.run.exchange;
    let method = crate::metrics::method_label(&exchange.head.method);
    let mut attributes = vec![KeyValue::new("http.request.method", method)];
    let upstream = flight.upstream.as_ref();
    if let Some(status) = upstream.and_then(|upstream| upstream.status) {
        attributes.push(KeyValue::new("http.response.status_code", i64::from(status)));
    }
    if let Some(upstream) = upstream {
        attributes.push(KeyValue::new("server.address", upstream.address()));
    }
    let failed = upstream.is_some_and(|upstream| upstream.error.is_some());
    SpanData {
        parent_span_id: SpanId::from_bytes(exchange.trace.span_id.to_be_bytes()),
        span_kind: SpanKind::Client,
        name: method.into(),
        start_time: start,
        end_time: end,
        attributes,
        status: if failed { Status::error("") } else { Status::Unset },
        ..blank(exchange.trace.trace_id, flight.upstream_span_id)
    }
}

fn blank(trace_id: u128, span_id: u64) -> SpanData {
    SpanData {
        span_context: SpanContext::new(
            TraceId::from_bytes(trace_id.to_be_bytes()),
            SpanId::from_bytes(span_id.to_be_bytes()),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: "".into(),
        start_time: UNIX_EPOCH,
        end_time: UNIX_EPOCH,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("bartizan").build(),
    }
}

/// The exporter's HTTP, by our own fetcher.
struct Client {
    fetcher: Fetcher,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

/// A collector named by its address is a configured destination: exactly that address may be reached.
fn client(endpoint: &str, egress_allow: &[Network]) -> Result<Client, String> {
    let mut allow: Vec<(IpAddr, u8)> =
        egress_allow.iter().map(|network| (network.address, network.prefix)).collect();
    let uri = endpoint.parse::<http::Uri>().ok();
    let host = uri.as_ref().and_then(http::Uri::host).ok_or("it is not an absolute URL")?;
    if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
        allow.push((address, if address.is_ipv4() { 32 } else { 128 }));
    }
    let roots = net::Roots::system().map_err(|fault| fault.to_string())?;
    let fetcher = Fetcher::new(Guard { allow }, &roots).map_err(|fault| fault.to_string())?;
    Ok(Client { fetcher })
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Client {
    fn send_bytes<'life0, 'async_trait>(&'life0 self, request: Request<Bytes>) -> Sending<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let content_type =
                parts.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let content_type = content_type.unwrap_or("application/x-protobuf");
            let url = parts.uri.to_string();
            let fetched =
                self.fetcher.post(&url, content_type, body, ANSWER_BYTES_MAX, EXPORT_TIMEOUT).await?;
            let mut response = Response::new(fetched.body);
            *response.status_mut() = fetched.status;
            *response.headers_mut() = fetched.headers;
            Ok(response)
        })
    }
}
