//! A response as it was received.
