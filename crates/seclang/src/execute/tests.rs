//! How rules run.
