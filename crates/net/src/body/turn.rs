//! A bound on what one message moves in one go, so that it does not keep the other connections of its thread waiting.

use std::task::Context;

/// Enough that a usual message never notices.
const TURN_BYTES: usize = 256 << 10;

/// One stretch of work of a task.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    moved: usize,
}

impl Turn {
    /// Counts `bytes` that were moved. `true`: the turn is over, the task will be woken again, and has to give way now.
    pub(crate) fn is_over(&mut self, bytes: usize, context: &Context<'_>) -> bool {
        self.moved += bytes;
        let is_over = self.moved >= TURN_BYTES;
        if is_over {
            context.waker().wake_by_ref();
        }
        is_over
    }
}

#[cfg(test)]
mod tests;
