//! The certificates that listeners show now, as status and metrics tell of them, and how orders for new ones go.

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use model::rfc3339_millis;
use net::tls::{CertificateFacts, Challenges};
use serde::Serialize;

/// Filled by whoever sets up the listeners.
#[derive(Debug, Default)]
pub struct Certificates {
    shown: ArcSwap<Vec<Shown>>,
    orders: Mutex<Vec<OrderStatus>>,
    /// Answers to validations that are pending now.
    pub challenges: Challenges,
}

/// One certificate at one listener.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The listener's address.
    pub listener: Arc<str>,
    pub facts: CertificateFacts,
    /// `file`, or `acme`.
    pub source: &'static str,
}

/// A certificate for `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateStatus {
    pub listener: String,
    pub names: Vec<String>,
    pub source: &'static str,
    /// RFC 3339.
    pub not_after: String,
    /// Whole days; negative when it has expired.
    pub days_left: i64,
    /// Fewer than 21 days, or expired.
    pub expires_soon: bool,
}

/// How an order of certificates by ACME goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderStatus {
    pub names: Vec<String>,
    /// There is a certificate, of this order or of an earlier one.
    pub has_certificate: bool,
    /// Attempts that failed since the last success.
    pub failures: u32,
    pub last_error: Option<String>,
    /// When the next attempt or renewal is due, RFC 3339.
    pub next: Option<String>,
}

impl Certificates {
    pub fn show(&self, shown: Vec<Shown>) {
        self.shown.store(Arc::new(shown));
    }

    /// Replaces what was told of the order for the same names.
    pub fn tell(&self, status: OrderStatus) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        match orders.iter_mut().find(|order| order.names == status.names) {
            Some(order) => *order = status,
            None => orders.push(status),
        }
    }

    /// Forgets orders for other names.
    pub fn keep_orders(&self, is_kept: impl Fn(&[String]) -> bool) {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).retain(|order| is_kept(&order.names));
    }

    pub(crate) fn orders(&self) -> Vec<OrderStatus> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn shown(&self) -> Arc<Vec<Shown>> {
        self.shown.load_full()
    }

    pub(crate) fn covers(&self, host: &str) -> bool {
        self.shown.load().iter().any(|one| one.facts.covers(host))
    }

    pub(crate) fn statuses(&self, now_s: i64) -> Vec<CertificateStatus> {
        let status = |one: &Shown| CertificateStatus {
            listener: one.listener.to_string(),
            names: one.facts.names(),
            source: one.source,
            not_after: rfc3339_millis(u64::try_from(one.facts.not_after).unwrap_or(0).saturating_mul(1000)),
            days_left: one.facts.days_left(now_s),
            expires_soon: one.facts.expires_soon(now_s),
        };
        self.shown.load().iter().map(status).collect()
    }
}
