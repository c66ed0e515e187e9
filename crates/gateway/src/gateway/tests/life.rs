use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response};
use model::{Code, Mode, Phase};
use net::ResponseBody;

use super::stand::{Stand, text};
use crate::check::{About, BodyNeed, Build, Check, Kind, Preparation, Step, of};
use crate::exchange::Exchange;
use crate::pipeline::testing::about;
use crate::question::Answers;

struct Never;

impl Check for Never {
    fn step(&self, _: &Exchange, _: &Answers) -> Step {
        Step::refuse(Code::ScopeMissing)
    }
}

impl Build for Never {
    const ABOUT: About =
        About { default_mode: Mode::Watch, ..about("never", Phase::Permit, true, BodyNeed::None) };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        Ok(preparation.operation.is_some().then_some(Self))
    }
}

const KINDS: &[&dyn Kind] = &[of::<Never>()];

#[tokio::test]
async fn a_reload_is_whole_or_not_at_all() {
    let stand = Stand::new(KINDS, |_| {}).await;
    assert_eq!(stand.get("/orders").await.status, 200);
    let bad = stand.changed(|api| _ = api.modes.insert("nosuch".into(), Mode::Enforce));
    assert_eq!(stand.gateway.reload(bad).unwrap_err().len(), 1);
    assert_eq!(stand.get("/orders").await.status, 200);
    assert_eq!(stand.gateway.status().snapshot, "000000000001");

    let good = stand.changed(|api| _ = api.modes.insert("never".into(), Mode::Enforce));
    stand.gateway.reload(good).unwrap();
    let answer = stand.get("/orders").await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "scope_missing"));
    assert_eq!(stand.record(&answer).await.snapshot, "000000000002");
    let metrics = stand.gateway.metrics();
    assert!(metrics.contains("bartizan_snapshot_info{hash=\"000000000001\"} 0"), "{metrics}");
    assert!(metrics.contains("bartizan_snapshot_info{hash=\"000000000002\"} 1"), "{metrics}");
    assert!(metrics.contains("bartizan_snapshots_refused_total 1"), "{metrics}");
}

#[tokio::test]
async fn metrics_count_requests_by_operation_and_never_by_path() {
    let stand = Stand::new(KINDS, |_| {}).await;
    stand.get("/orders/12345").await;
    stand.get("/secret-path").await;
    let answer = stand.send("INVENTED", "/orders/12345", &[], "").await;
    stand.record(&answer).await;
    let metrics = stand.gateway.metrics();
    for line in [
        "bartizan_requests_total{api=\"orders\",operation=\"getOrder\",method=\"GET\",outcome=\"allowed\",status=\"200\",code=\"\"} 1",
        "bartizan_requests_total{api=\"orders\",operation=\"unmatched\",method=\"GET\",outcome=\"refused\",status=\"404\",code=\"operation_undeclared\"} 1",
        "operation=\"unmatched\",method=\"other\",outcome=\"refused\",status=\"405\",code=\"method_undeclared\"} 1",
        "bartizan_checks_total{check=\"never\",mode=\"watch\",verdict=\"refuse\"} 1",
        "bartizan_request_duration_seconds_count{api=\"orders\",operation=\"getOrder\"} 1",
        "bartizan_upstream_duration_seconds_count{api=\"orders\",operation=\"getOrder\"} 1",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    for secret in ["12345", "secret-path", "INVENTED"] {
        assert!(!metrics.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn the_plan_tells_what_a_request_would_meet() {
    let stand = Stand::new(KINDS, |_| {}).await;
    let plan = stand.gateway.plan("GET", "any", "/orders/42?a=1");
    assert_eq!((plan.operation.as_str(), plan.template.as_deref()), ("getOrder", Some("/orders/{id}")));
    assert_eq!(
        plan.checks.iter().map(|check| (check.name, check.mode)).collect::<Vec<_>>(),
        [("never", Mode::Watch)]
    );
    assert!(plan.upstream.is_some() && plan.refused.is_none() && plan.place.is_some());
    let plan = stand.gateway.plan("DELETE", "any", "/orders");
    let refused = plan.refused.unwrap();
    assert_eq!((refused.status, refused.code, plan.upstream), (405, "method_undeclared", None));
    let routes: Vec<_> =
        stand.gateway.routes().into_iter().map(|line| format!("{} {}", line.method, line.path)).collect();
    assert_eq!(
        routes,
        ["GET /orders", "POST /orders", "PUT /orders", "GET /orders/{id}", "HEAD /orders/{id}"]
    );
}

#[tokio::test]
async fn sampled_requests_become_spans_at_the_collector_without_values() {
    let (collector, port, _collector_stop) = super::stand::Backend::begin();
    let telemetry = crate::settings::Telemetry {
        endpoint: format!("http://127.0.0.1:{port}"),
        service_name: "orders-gateway".into(),
        sample_per_10k: 0,
    };
    let mut stand = Stand::new(KINDS, |settings| settings.telemetry = Some(telemetry)).await;
    let trace = |flags: &str| format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
    stand.send("GET", "/orders/1234567", &[("traceparent", &trace("01"))], "").await;
    let forwarded = stand.backend.last();
    assert!(text(&forwarded.headers, "traceparent").starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
    assert!(text(&forwarded.headers, "traceparent").ends_with("-01"));
    stand.send("POST", "/orders", &[("traceparent", &trace("00"))], "").await;
    stand.stop.begin(Duration::from_secs(30));
    (&mut stand.serving).await.unwrap().unwrap();
    let seen = collector.last();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v1/traces"));
    assert_eq!(text(&seen.headers, "content-type"), "application/x-protobuf");
    let body = seen.body.unwrap();
    let holds = |wanted: &[u8]| body.windows(wanted.len()).any(|window| window == wanted);
    let trace_id = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();
    for wanted in [&trace_id[..], b"GET /orders/{id}", b"orders-gateway", b"getOrder", b"http.route"] {
        assert!(holds(wanted), "{}", String::from_utf8_lossy(wanted));
    }
    assert!(!holds(b"1234567") && !holds(b"createOrder"));
}

#[tokio::test]
async fn requests_in_flight_end_and_the_last_record_is_written() {
    let mut stand = Stand::new(KINDS, |_| {}).await;
    let (release, held) = tokio::sync::oneshot::channel::<()>();
    // The upstream's answer has begun, and its body ends only when it is let.
    let mut response = Response::new(ResponseBody::boxed(Once(Some(held))));
    response.headers_mut().insert("x-own", "1".parse().unwrap());
    stand.backend.answers.lock().unwrap().push_back(response);
    let client = net::upstream::Pool::new(net::upstream::UpstreamConfig::new(
        net::upstream::Scheme::Http,
        "127.0.0.1",
        stand.address.port(),
    ))
    .unwrap();
    let request = Request::builder().method(Method::GET).uri("/orders").body(ResponseBody::empty()).unwrap();
    let sent = client.send(request, true).await.unwrap();
    assert_eq!(text(sent.response.headers(), "x-own"), "1");
    let id = text(sent.response.headers(), "x-request-id").to_owned();

    assert!(stand.gateway.is_ready());
    stand.stop.begin(Duration::from_secs(30));
    while stand.gateway.is_ready() {
        tokio::task::yield_now().await;
    }
    assert!(tokio::net::TcpStream::connect(stand.address).await.is_err() || !stand.serving.is_finished());
    release.send(()).unwrap();
    let body = http_body_util::BodyExt::collect(sent.response.into_body()).await.unwrap().to_bytes();
    assert_eq!(&body[..], b"late");
    (&mut stand.serving).await.unwrap().unwrap();
    let gateway = Arc::clone(&stand.gateway);
    let record = tokio::task::spawn_blocking(move || gateway.find_record(&id)).await.unwrap();
    assert_eq!(record.unwrap().unwrap().response_bytes, 4);
}

/// One piece, when it is let go.
struct Once(Option<tokio::sync::oneshot::Receiver<()>>);

impl http_body::Body for Once {
    type Data = bytes::Bytes;
    type Error = net::BodyError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, net::BodyError>>> {
        use std::future::Future;
        let Some(held) = self.0.as_mut() else { return std::task::Poll::Ready(None) };
        std::task::ready!(std::pin::Pin::new(held).poll(context)).unwrap();
        self.0 = None;
        std::task::Poll::Ready(Some(Ok(http_body::Frame::data(bytes::Bytes::from_static(b"late")))))
    }
}
