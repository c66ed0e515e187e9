//! Administration of a running gateway over its Unix socket: the questions, their answers, and both ends.

use std::future::Future;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use gateway::Gateway;
use net::Shutdown;
use net::unix::{Answers, LineHandler};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use crate::blocks;
use crate::handover::{Transfer, ask_again};
use crate::reload::Reloader;
use crate::talk::Failure;
use crate::wire::End;

/// What is said when the gateway asks for patience, how long it has, and how often it is asked.
const AGAIN: &str = "the gateway is being replaced; try again";
const AGAIN_FOR: Duration = Duration::from_secs(30);
const AGAIN_EVERY: Duration = Duration::from_millis(20);

/// The socket's name in `state_dir`.
pub const NAME: &str = "admin.sock";

/// One line asks; each line of the answer is an object with `version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Question {
    Status,
    Reload,
    /// Answered until the asker leaves.
    Tail,
    /// A successor asks for the listening sockets; a conversation follows, see `handover`.
    HandOver,
    Record {
        id: String,
    },
    /// What is blocked.
    Blocks,
    Block(blocks::Order),
    Lift(blocks::LiftOrder),
    Drill {
        #[serde(default)]
        sudo_user: Option<String>,
    },
}

impl Question {
    /// Whether it may change something that a successor has to know.
    fn changes(&self) -> bool {
        !matches!(self, Self::Status | Self::Tail | Self::Blocks | Self::Record { .. } | Self::HandOver)
    }
}

/// The running gateway's end.
pub(crate) struct Administration {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) reloader: Arc<Reloader>,
    pub(crate) transfer: Arc<Transfer>,
    pub(crate) end: Arc<End>,
    pub(crate) heard: Shutdown,
    pub(crate) state_dir: PathBuf,
}

impl LineHandler for Administration {
    fn answer(
        self: Arc<Self>,
        question: String,
        mut answers: Answers,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            let answer = match serde_json::from_str(&question) {
                Ok(Question::Tail) => return self.tail(answers).await,
                Ok(Question::HandOver) => return self.hand_over(answers).await,
                Ok(question) if question.changes() && self.transfer.is_under_way() => ask_again(),
                Ok(question) => self.one(question, answers.peer_uid()).await,
                Err(_) => json!({ "version": 1, "error": "the question is not understood" }),
            };
            // An asker that is gone needs no answer.
            let _ = answers.send(&answer.to_string()).await;
        })
    }
}

impl Administration {
    async fn one(self: Arc<Self>, question: Question, uid: u32) -> Value {
        let answered = tokio::task::spawn_blocking(move || match question {
            Question::Status => {
                let mut status = serde_json::to_value(self.gateway.status()).unwrap_or_default();
                crate::watched::annotate(&mut status, &self.state_dir);
                json!({ "version": 1, "status": status, "last_reload": self.reloader.last() })
            }
            Question::Reload => {
                let outcome = self.reloader.reload();
                crate::reload::tell(&outcome);
                json!({ "version": 1, "reload": outcome })
            }
            Question::Record { id } => match self.gateway.find_record(&id) {
                Ok(record) => json!({ "version": 1, "record": record }),
                Err(error) => json!({ "version": 1, "error": error.kind().to_string() }),
            },
            Question::Blocks => blocks::list(&self.gateway),
            Question::Block(order) => blocks::block(&self.gateway, order, uid),
            Question::Lift(order) => blocks::lift(&self.gateway, order, uid),
            Question::Drill { sudo_user } => blocks::drill(&self.gateway, sudo_user, uid),
            Question::Tail | Question::HandOver => Value::Null,
        });
        answered
            .await
            .unwrap_or_else(|_| json!({ "version": 1, "error": "the question could not be answered" }))
    }

    async fn tail(self: Arc<Self>, mut answers: Answers) {
        let mut records = self.gateway.subscribe();
        loop {
            let next = tokio::select! {
                next = records.recv() => next,
                () = answers.closed() => return,
            };
            let line = match next {
                Ok(record) => json!({ "version": 1, "record": *record }),
                Err(RecvError::Lagged(missed)) => json!({ "version": 1, "missed": missed }),
                Err(RecvError::Closed) => return,
            };
            if answers.send(&line.to_string()).await.is_err() {
                return;
            }
        }
    }
}

/// Asks the running gateway; `each` takes a line of the answer and says whether to go on.
pub async fn ask(
    state_dir: &Path,
    question: &Question,
    mut each: impl FnMut(Value) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let path = state_dir.join(NAME);
    let gone = |error: std::io::Error| {
        Failure::unreachable(match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
                format!("no gateway is running with this state_dir ({})", state_dir.display())
            }
            kind => format!("the gateway at {} does not answer: {kind}", path.display()),
        })
    };
    let text =
        serde_json::to_string(question).map_err(|_| Failure::trouble("the question cannot be written"))?;
    let mut asked = net::unix::ask(&path, &text).await.map_err(gone)?;
    let mut answered = false;
    while let Some(line) = asked.next_line().await.map_err(gone)? {
        answered = true;
        let value: Value =
            serde_json::from_str(&line).map_err(|_| Failure::trouble("the answer is not understood"))?;
        if value.get("again").and_then(Value::as_bool) == Some(true) {
            return Err(Failure::trouble(AGAIN));
        }
        if let Some(error) = value.get("error").and_then(Value::as_str) {
            return Err(Failure::trouble(format!("the gateway says: {error}")));
        }
        if !each(value)? {
            return Ok(());
        }
    }
    if answered { Ok(()) } else { Err(Failure::unreachable("the gateway ended without an answer")) }
}

/// Asks for one line, again while the gateway is being replaced.
pub async fn ask_one_patiently(state_dir: &Path, question: &Question) -> Result<Value, Failure> {
    let begun = std::time::Instant::now();
    loop {
        match ask_one(state_dir, question).await {
            Err(failure) if failure.sentence == AGAIN && begun.elapsed() < AGAIN_FOR => {
                tokio::time::sleep(AGAIN_EVERY).await;
            }
            answer => return answer,
        }
    }
}

/// Asks for one line.
pub async fn ask_one(state_dir: &Path, question: &Question) -> Result<Value, Failure> {
    let mut answer = Value::Null;
    ask(state_dir, question, |value| {
        answer = value;
        Ok(false)
    })
    .await?;
    Ok(answer)
}
