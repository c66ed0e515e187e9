//! A timer that costs nothing until something has to wait.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

pub(crate) struct Patience {
    span: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
    armed: bool,
}

impl Patience {
    pub(crate) fn new(span: Duration) -> Self {
        Self { span, sleep: None, armed: false }
    }

    /// Something happened: the next wait starts anew.
    pub(crate) fn rest(&mut self) {
        self.armed = false;
    }

    /// `Ready` when the wait that began with the first poll since the last [`Self::rest`] has lasted too long.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.span)));
        if !self.armed {
            sleep.as_mut().reset(Instant::now() + self.span);
            self.armed = true;
        }
        sleep.as_mut().poll(context)
    }
}
