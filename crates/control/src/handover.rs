//! The hand-over from a running gateway to its successor, both ends.
//!
//! The successor asks over the administration socket and is given the listening sockets. It builds everything, accepts
//! on them, and says that it is ready; only then does the process before stop accepting, and drain. Until that word
//! nothing has changed for the process before: when the successor fails, it goes on.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::Gateway;
use net::Socket;
use net::handover::{Predecessor, SOCKETS_MAX};
use net::unix::{Answers, LineListener};
use serde_json::{Value, json};

use crate::entrances::{Inherited, Told};
use crate::socket::{Administration, Question};
use crate::talk::{self, Failure};

/// For the successor to be ready, once it has the sockets.
const READY: Duration = Duration::from_secs(60);
/// For one step of the conversation that needs no work.
const STEP: Duration = Duration::from_secs(10);
/// For the block journal to be opened again when the successor has failed.
const REOPEN: Duration = Duration::from_secs(5);

/// Whether the process is being replaced. Changes by administration wait meanwhile, so that none is lost between two
/// processes.
#[derive(Debug, Default)]
pub(crate) struct Transfer(AtomicU8);

const NONE: u8 = 0;
const UNDER_WAY: u8 = 1;
const DONE: u8 = 2;

impl Transfer {
    /// Whether a change must be asked for again.
    pub(crate) fn is_under_way(&self) -> bool {
        self.0.load(Ordering::Acquire) != NONE
    }

    fn begin(self: &Arc<Self>) -> Option<Lease> {
        let begun = self.0.compare_exchange(NONE, UNDER_WAY, Ordering::AcqRel, Ordering::Acquire);
        begun.ok().map(|_| Lease(Arc::clone(self)))
    }
}

/// Dropped before the end, the process goes on as if nobody had asked.
struct Lease(Arc<Transfer>);

impl Lease {
    fn done(&self) {
        self.0.0.store(DONE, Ordering::Release);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let _ = self.0.0.compare_exchange(UNDER_WAY, NONE, Ordering::AcqRel, Ordering::Acquire);
    }
}

/// The answer of a process that is being replaced, to whoever would change something.
pub(crate) fn ask_again() -> Value {
    json!({ "version": 1, "again": true, "error": "the gateway is being replaced; ask again" })
}

impl Administration {
    /// The end of the process that is replaced.
    pub(crate) async fn hand_over(self: Arc<Self>, mut answers: Answers) {
        let Some(lease) = self.transfer.begin() else {
            let refusal = json!({ "version": 1, "error": "another process is taking over already" });
            let _ = answers.send(&refusal.to_string()).await;
            return;
        };
        self.gateway.shared().blocks.hand_over();
        match self.converse(&mut answers).await {
            Ok(pid) => {
                lease.done();
                self.gateway.leave_state();
                crate::blocks::follow(&self.gateway, &self.state_dir);
                talk::say(&format!("process {pid} has taken over; draining"));
                crate::notify::successor(pid);
                self.end.leave(self.reloader.drain());
            }
            Err(why) => {
                let blocks = tokio::task::spawn_blocking({
                    let this = Arc::clone(&self);
                    move || this.gateway.shared().blocks.open(&this.state_dir, REOPEN)
                });
                if !matches!(blocks.await, Ok(Ok(_))) {
                    talk::say("the block list cannot be changed: its journal cannot be opened again");
                }
                self.reclaim().await;
                talk::say(&format!("the successor has not taken over ({why}); going on"));
            }
        }
    }

    /// A successor that took the socket's name and then ended has left a name that nobody answers to.
    async fn reclaim(self: &Arc<Self>) {
        // In use: by ourselves, under a name that was never taken.
        if let Ok(lines) = LineListener::bind(&self.state_dir.join(crate::socket::NAME)).await {
            tokio::spawn(net::unix::serve(lines, Arc::clone(self), self.heard.clone()));
        }
    }

    /// The successor's process id when it has taken over.
    async fn converse(&self, answers: &mut Answers) -> Result<u64, String> {
        let gone = |error: std::io::Error| error.kind().to_string();
        let sockets = self.end.entrances.sockets().map_err(gone)?;
        let told: Vec<Value> = self.end.entrances.told().iter().map(told_as_json).collect();
        let counted = counters(&self.gateway);
        let header = json!({ "version": 1, "pid": std::process::id(), "sockets": told, "counters": counted });
        let all: Vec<&Socket> = sockets.iter().collect();
        if all.len() > SOCKETS_MAX {
            let error = json!({ "version": 1, "error": format!("more than {SOCKETS_MAX} listeners cannot be passed") });
            let _ = answers.send(&error.to_string()).await;
            return Err("there are too many listeners".to_owned());
        }
        answers.send_with(&header.to_string(), &all).await.map_err(gone)?;
        let pid = ready(answers, READY).await?;
        // Again, with what has been counted while the successor got ready.
        let counters = counters(&self.gateway);
        answers
            .send(&json!({ "version": 1, "go": true, "counters": counters }).to_string())
            .await
            .map_err(gone)?;
        // Who has the socket's name now answers for both; before that, this process does.
        if ready(answers, STEP).await? == pid { Ok(pid) } else { Err("it contradicts itself".to_owned()) }
    }
}

/// The next word of the successor, with its process id.
async fn ready(answers: &mut Answers, patience: Duration) -> Result<u64, String> {
    let line = tokio::time::timeout(patience, answers.next_line()).await;
    let line = line.map_err(|_| "it was not ready in time".to_owned())?;
    let line = line.ok().flatten().ok_or_else(|| "it went away".to_owned())?;
    let said: Value = serde_json::from_str(&line).map_err(|_| "it is not understood".to_owned())?;
    said.get("ready").and_then(Value::as_u64).ok_or_else(|| "it is not understood".to_owned())
}

fn told_as_json(told: &Told) -> Value {
    json!({
        "role": told.role.word(),
        "configured": told.configured.to_string(),
        "address": told.address.to_string(),
    })
}

/// The successor's end. Dropped before [`Taking::finish`], it leaves the process before as it was.
pub(crate) struct Taking {
    before: Predecessor,
    pid: u64,
    header: Value,
}

/// Asks the running gateway for its sockets; `None` when there is none.
pub(crate) async fn take_over(state_dir: &Path) -> Result<Option<(Taking, Vec<Inherited>)>, Failure> {
    let path = state_dir.join(crate::socket::NAME);
    let question = serde_json::to_string(&Question::HandOver)
        .map_err(|_| Failure::trouble("the question cannot be written"))?;
    let (before, line, sockets) = match Predecessor::ask(&path, &question, STEP).await {
        Ok(asked) => asked,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => {
            let kind = error.kind();
            return Err(Failure::unreachable(format!("the running gateway does not hand over: {kind}")));
        }
    };
    let header: Value = serde_json::from_str(&line)
        .map_err(|_| Failure::trouble("the answer of the running gateway is not understood"))?;
    if let Some(error) = header.get("error").and_then(Value::as_str) {
        return Err(Failure::trouble(format!("the running gateway does not hand over: {error}")));
    }
    let described = header.get("sockets").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let pid = header.get("pid").and_then(Value::as_u64);
    let (Some(pid), true) = (pid, described.len() == sockets.len()) else {
        return Err(Failure::trouble("the answer of the running gateway is not understood"));
    };
    let inherited = described.iter().zip(sockets).filter_map(|(told, socket)| inherited(told, socket));
    let inherited = inherited.collect();
    Ok(Some((Taking { before, pid, header }, inherited)))
}

fn inherited(told: &Value, socket: Socket) -> Option<Inherited> {
    let text = |key: &str| told.get(key).and_then(Value::as_str);
    let configured: SocketAddr = text("configured")?.parse().ok()?;
    let role = if text("role")? == "admin" { "admin" } else { "listener" };
    Some(Inherited { role, configured, socket })
}

/// Goes on with what the process before leaves behind.
pub(crate) fn inherit(gateway: &Gateway, left: &Value) {
    let text = left.get("counters").and_then(Value::as_str).unwrap_or_default();
    let now_ns = gateway.shared().clock.monotonic_ns();
    let taken =
        STANDARD.decode(text).ok().and_then(|bytes| gateway.shared().counters.take_over(&bytes, now_ns));
    if taken.is_none() {
        talk::say("what the process before has counted is not understood: limits begin anew");
    }
}

/// What has been counted so far: nobody gains a fresh quota by a replacement.
fn counters(gateway: &Gateway) -> String {
    STANDARD.encode(gateway.shared().counters.pass_on(gateway.shared().clock.monotonic_ns()))
}

impl Taking {
    /// Of the process before.
    pub(crate) fn pid(&self) -> u64 {
        self.pid
    }

    /// What the process before has said of itself.
    pub(crate) fn header(&self) -> &Value {
        &self.header
    }

    /// Says that this process accepts; what the process before leaves behind. An error means that it goes on, and this
    /// one must end.
    pub(crate) async fn ready(&mut self) -> Result<Value, Failure> {
        let word = json!({ "ready": std::process::id() }).to_string();
        let answer = self.before.say(&word, STEP).await.ok().flatten();
        let answer = answer.and_then(|line| serde_json::from_str::<Value>(&line).ok());
        let answer = answer.filter(|answer| answer.get("go").and_then(Value::as_bool) == Some(true));
        answer.ok_or_else(|| Failure::trouble("the running gateway did not let go in time; it goes on"))
    }

    /// Says that the socket's name is taken: the process before may end.
    pub(crate) async fn finish(mut self) {
        let word = json!({ "ready": std::process::id() }).to_string();
        // It answers nothing more; that it is gone is as good.
        let _ = self.before.say(&word, STEP).await;
    }
}
