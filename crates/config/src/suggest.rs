//! "Did you mean": as bindings have it.

pub(crate) use policy::suggest::{closest, shown, unknown_key};
