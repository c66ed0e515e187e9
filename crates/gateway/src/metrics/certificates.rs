//! When certificates expire, and how orders for new ones go.

use std::sync::{Arc, PoisonError};

use metrics::Label;

use super::{Metrics, label};
use crate::certificates::Certificates;

impl Metrics {
    /// `listener` is the address, `name` each of the certificate's names. What is shown no more becomes NaN: any time
    /// would look like one, and 0 like one that has passed.
    #[allow(clippy::cast_precision_loss, reason = "seconds since 1970 fit for a long time")]
    pub(crate) fn certificates(&self, certificates: &Certificates) {
        let shown = certificates.shown();
        let mut now: Vec<(Arc<str>, String, f64)> = Vec::new();
        for one in &*shown {
            for name in one.facts.names() {
                let expires = one.facts.not_after as f64;
                // Two for one name (RSA beside ECDSA): the one that ends first is the one to look at.
                match now.iter_mut().find(|(at, other, _)| *at == one.listener && *other == name) {
                    Some((_, _, known)) => *known = known.min(expires),
                    None => now.push((Arc::clone(&one.listener), name, expires)),
                }
            }
        }
        let mut told = self.certificates_told.lock().unwrap_or_else(PoisonError::into_inner);
        for (listener, name) in told.iter() {
            if !now.iter().any(|(at, other, _)| at == listener && other == name) {
                self.expiry(listener, name, f64::NAN);
            }
        }
        *told = now.iter().map(|(listener, name, _)| (Arc::clone(listener), name.clone())).collect();
        drop(told);
        for (listener, name, expires) in &now {
            self.expiry(listener, name, *expires);
        }
        for order in certificates.orders() {
            let labels = vec![Label::new("name", order.names.join(","))];
            self.gauge("bartizan_certificate_order_failures", labels).set(f64::from(order.failures));
        }
    }

    fn expiry(&self, listener: &Arc<str>, name: &str, unix_s: f64) {
        let labels = vec![label("listener", listener), Label::new("name", name.to_owned())];
        self.gauge("bartizan_certificate_expires_timestamp_seconds", labels).set(unix_s);
    }
}
