//! The proxies that are compared: how each is configured and started.

pub mod bartizan;
pub mod envoy;
pub mod haproxy;
pub mod nginx;
