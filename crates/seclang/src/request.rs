//! A request as it was received.
