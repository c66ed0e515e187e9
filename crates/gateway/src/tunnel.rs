//! WebSockets (RFC 6455), for operations whose description says `x-bartizan: { websocket: ... }` and no others: who may
//! begin one, and when it must end.

mod seats;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::{Response, StatusCode};
use model::{Code, Outcome, Refusal};
use net::ResponseBody;
use net::tunnel::{Handshake, TunnelEnd, Watcher};
use net::upstream::UpstreamBody;
use serde_json::Value;

pub(crate) use seats::Seat;
pub use seats::Seats;

use crate::blocks::Hit;
use crate::gateway::Gateway;
use crate::observe::Flight;
use crate::settings::Cors;

/// How long nothing may move, unless told otherwise.
const IDLE_S: u64 = 60;
/// How long it may last, unless told otherwise.
const LIFETIME_S: u64 = 3_600;
/// A day: longer than that a caller is not trusted on one look.
const SECONDS_MAX: u64 = 86_400;

/// What an operation says of its WebSockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebSocket {
    /// Origins from which pages may begin one, besides the gateway's own; `None`: those of CORS.
    origins: Option<Vec<String>>,
    pub(crate) idle: Duration,
    pub(crate) lifetime: Duration,
}

impl WebSocket {
    /// `true`, or an object of `origins`, `idle_s` and `lifetime_s`; `None` for `false`. Errors: what is wrong with it.
    pub(crate) fn read(value: &Value) -> Result<Option<Self>, String> {
        let mut read = Self {
            origins: None,
            idle: Duration::from_secs(IDLE_S),
            lifetime: Duration::from_secs(LIFETIME_S),
        };
        let members = match value {
            Value::Bool(false) => return Ok(None),
            Value::Bool(true) => return Ok(Some(read)),
            Value::Object(members) => members,
            _ => return Err("`websocket` is neither true, false nor an object".to_owned()),
        };
        for (name, value) in members {
            match name.as_str() {
                "origins" => read.origins = Some(origins(value)?),
                "idle_s" => read.idle = seconds(name, value)?,
                "lifetime_s" => read.lifetime = seconds(name, value)?,
                _ => {
                    return Err(format!(
                        "`websocket` has no member `{name}`; it may say `origins`, `idle_s`, `lifetime_s`"
                    ));
                }
            }
        }
        Ok(Some(read))
    }

    /// Reads the handshake from the head as it was received.
    pub(crate) fn judge(
        &self,
        head: &Parts,
        tls: bool,
        cors: Option<&Cors>,
    ) -> Result<Handshake, Box<Refusal>> {
        let handshake = Handshake::read(head).map_err(|fault| {
            Box::new(
                Refusal::new(Code::RequestMalformed).detail(format!("here only a WebSocket begins: {fault}")),
            )
        })?;
        // A browser lets any page open a WebSocket anywhere, with the cookies of the one who looks at it.
        let mut origins = head.headers.get_all(ORIGIN).into_iter();
        let Some(origin) = origins.next() else { return Ok(handshake) };
        let host = head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let own = format!("{}://{host}", if tls { "https" } else { "http" });
        let listed: &[String] = match (&self.origins, cors) {
            (Some(origins), _) => origins,
            (None, Some(cors)) => &cors.origins,
            (None, None) => &[],
        };
        let is_welcome = own.as_bytes() == origin.as_bytes()
            || listed.iter().any(|listed| listed.as_bytes() == origin.as_bytes());
        if is_welcome && origins.next().is_none() {
            Ok(handshake)
        } else {
            Err(Box::new(Code::OriginRefused.into()))
        }
    }
}

fn origins(value: &Value) -> Result<Vec<String>, String> {
    let texts = value.as_array().map(|all| all.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    let texts = texts.flatten().ok_or("`origins` is not a list of origins")?;
    let is_origin = |text: &&str| {
        text.split_once("://").is_some_and(|(scheme, host)| {
            matches!(scheme, "http" | "https")
                && !host.is_empty()
                && !host.contains(['/', '*', '?', '#', '@'])
        })
    };
    match texts.iter().find(|text| !is_origin(text)) {
        Some(wrong) => Err(format!("`{wrong}` is not an origin like `https://app.example.com`")),
        None => Ok(texts.into_iter().map(str::to_owned).collect()),
    }
}

fn seconds(name: &str, value: &Value) -> Result<Duration, String> {
    let seconds = value.as_u64().filter(|seconds| (1..=SECONDS_MAX).contains(seconds));
    let seconds = seconds
        .ok_or_else(|| format!("`{name}` is not a whole number of seconds from 1 to {SECONDS_MAX}"))?;
    Ok(Duration::from_secs(seconds))
}

/// Turns the service's 101 into the tunnel. `response` holds the head that the caller gets. The flight comes back when
/// there is nothing to tunnel.
pub(crate) fn begin(
    gateway: &Gateway,
    mut flight: Box<Flight>,
    mut response: Response<ResponseBody>,
    body: UpstreamBody,
) -> Result<Response<ResponseBody>, Box<Flight>> {
    let (Some(websocket), Some(switched)) = (flight.plan.websocket.clone(), body.into_switched()) else {
        return Err(flight);
    };
    let exchange = &flight.run.exchange;
    let mut lifetime = websocket.lifetime;
    let credentials = exchange.caller.iter().flat_map(|caller| caller.credentials.iter());
    if let Some(expires_unix_s) = credentials.filter_map(|credential| credential.expires_unix_s).min() {
        // Who would have to show a new token for a new request does not go on with the old one.
        let left_ms = expires_unix_s.saturating_mul(1_000).saturating_sub(gateway.observer.clock.unix_ms());
        lifetime = lifetime.min(Duration::from_millis(left_ms));
    }
    let mut watching = flight.watching();
    let blocked = Arc::new(OnceLock::new());
    let watched = Arc::clone(&blocked);
    let over = Box::pin(async move {
        tokio::select! {
            () = tokio::time::sleep(lifetime) => {}
            hit = watching.blocked() => {
                let _ = watched.set(hit);
            }
        }
    });
    let status = StatusCode::SWITCHING_PROTOCOLS;
    flight.answering(status.as_u16());
    *response.status_mut() = status;
    *response.body_mut() = switched.tunnel(websocket.idle, over, Box::new(Watch { flight, blocked }));
    Ok(response)
}

/// Counts for limits as bytes pass, and for the record, which is written at the tunnel's end.
struct Watch {
    flight: Box<Flight>,
    /// The block that has ended the tunnel.
    blocked: Arc<OnceLock<Hit>>,
}

impl Watcher for Watch {
    fn moved(&mut self, to_upstream: u64, to_client: u64) {
        self.flight.request_bytes += to_upstream;
        self.flight.response_bytes += to_client;
        self.flight.meter(false);
    }

    fn ended(mut self: Box<Self>, how: TunnelEnd) {
        // Before the record says that it was refused: what is refused is not charged.
        self.flight.meter(true);
        match (how, self.blocked.get()) {
            (TunnelEnd::Over, Some(hit)) => self.flight.blocked(hit),
            (TunnelEnd::Closed | TunnelEnd::Idle | TunnelEnd::Over, _) => self.flight.ended(Outcome::Allowed),
            (TunnelEnd::Broken, _) => self.flight.ended(Outcome::Aborted),
        }
    }
}
