//! The application: one request in, one reply out, the state behind a lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::answer::Reply;
use crate::caller::{self, Caller, Trust};
use crate::calls;
use crate::state::State;

/// Which of the two it is.
#[derive(Clone)]
pub enum Twin {
    /// Believes every token, and never asks whose a thing is.
    Weak,
    /// Does every check itself.
    Hardened(Trust),
}

/// The running application.
pub struct App {
    twin: Twin,
    state: Mutex<State>,
    seen: Mutex<Vec<Seen>>,
}

/// What the application was asked, for whoever counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names of the header fields, in lower case.
    pub headers: Vec<String>,
}

/// A request, read as leniently as applications do.
#[derive(Debug, Default)]
pub(crate) struct Call {
    pub method: String,
    /// Decoded; without empty ones.
    pub segments: Vec<String>,
    pub query: Vec<(String, String)>,
    pub bearer: Option<String>,
    /// Every token that was found anywhere.
    pub tokens: Vec<String>,
    pub body: Value,
}

impl Call {
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.query(name)?.parse().ok()
    }
}

/// A call under way: what handlers are given.
pub(crate) struct Turn<'a> {
    pub call: &'a Call,
    pub caller: Caller,
    pub state: &'a mut State,
    pub hardened: bool,
}

impl App {
    pub fn new(twin: Twin) -> Self {
        Self { twin, state: Mutex::default(), seen: Mutex::default() }
    }

    /// Everything as it was at the beginning.
    pub fn reset(&self) {
        *self.lock() = State::default();
        self.log().clear();
    }

    /// What was asked since the last reset.
    pub fn seen(&self) -> Vec<Seen> {
        self.log().clone()
    }

    pub(crate) fn see(&self, seen: Seen) {
        self.log().push(seen);
    }

    /// The back door: what the state is now.
    pub fn state(&self) -> State {
        self.lock().clone()
    }

    /// The back door: changes the state behind everybody's back.
    pub fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
    }

    pub(crate) fn answer(&self, call: &Call) -> Reply {
        let caller = match &self.twin {
            Twin::Weak => caller::believed(&call.tokens),
            Twin::Hardened(trust) => caller::verified(call.bearer.as_deref(), trust),
        };
        let hardened = matches!(self.twin, Twin::Hardened(_));
        let mut state = self.lock();
        if let Some(reply) = calls::public(call, &mut state, hardened) {
            return reply;
        }
        let Some(caller) = caller else { return Reply::error(401, "who are you?") };
        let mut turn = Turn { call, caller, state: &mut state, hardened };
        calls::answer(&mut turn).unwrap_or_else(|refused| refused)
    }

    fn log(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
