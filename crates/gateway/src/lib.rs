//! The data plane: from an accepted request head to the last byte of the answer.
//!
//! `route` finds the operation, `pipeline` runs the checks prepared for it, `upstream` forwards, `reply` is the only
//! place that turns a refusal into bytes, `observe` hands over the record. Checks are pure: what they need from outside
//! they ask for as a [`question::Question`].

pub mod admin;
mod asker;
pub mod blocks;
pub mod catalogue;
pub mod certificates;
pub mod check;
pub mod checks;
mod classes;
mod concurrency;
mod cors;
pub mod counters;
pub mod decision_point;
mod edits;
pub mod evidence;
pub mod exchange;
pub mod fetches;
#[cfg(test)]
mod fixtures;
mod gateway;
pub mod keys;
pub mod learned;
pub mod locks;
mod marks;
mod metrics;
pub mod objects;
mod observe;
pub mod opaque_tokens;
mod origin;
mod pairs;
mod panics;
mod pipeline;
pub mod question;
pub mod record_schema;
pub mod records;
mod renaming;
mod reply;
mod request_id;
mod route;
mod seals;
pub mod settings;
pub mod shared;
mod snapshot;
pub mod standing;
pub mod tokens;
mod trace;
mod transport;
mod tunnel;
mod upstream;
pub mod waf;

pub use admin::Admin;
pub use asker::QUESTIONS_PER_MINUTE_MAX;
pub use gateway::{
    ApiStatus, AuthorizationStatus, CheckCount, CheckModes, ConcurrencyStatus, DrillStep, Drilled, Gateway,
    KeyStatus, ObjectTotals, Options, Plan, PlannedCheck, PlannedRefusal, Rehearsal, Rehearsed,
    RehearsedCheck, RehearsedVerdict, RequestTotals, RouteLine, StartError, Status, TypeStatus, examine,
    plan, rehearse,
};
pub use origin::choose_address;
pub use panics::quiet_panics;
pub use records::RecordTotals;
pub use shared::Shared;
pub use upstream::{EndpointStatus, NEVER_FROM_OUTSIDE, NameStatus, ServiceStatus};
