//! Actions that other engines have and that a gateway has elsewhere or not at all: naming one is an error.

use super::{Action, Takes};

/// Runs a program, which nothing here does.
pub static EXEC: Action = refused("exec");
/// The gateway's own limits slow callers down.
pub static PAUSE: Action = refused("pause");
/// The gateway's routes say where a request goes.
pub static PROXY: Action = refused("proxy");
pub static APPEND: Action = refused("append");
pub static PREPEND: Action = refused("prepend");

const fn refused(name: &'static str) -> Action {
    Action {
        name,
        takes: Takes::Maybe,
        apply: |_, _| {
            Err("this action is not available: rules here refuse or count, and change nothing else"
                .to_owned()
                .into())
        },
    }
}
