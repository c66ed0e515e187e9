//! Keeps one certificate: orders the first, renews it in time, tries again after a failure with growing patience. What
//! is in force stays in force until the next one is there.

use std::sync::Arc;
use std::time::Duration;

use model::Clock;
use net::Roots;
use net::fetch::{Fetcher, Guard};
use net::tls::Challenges;

use crate::{Fault, Store, Terms, order, schedule};

/// Clocks jump and machines sleep, so nothing is slept through as a whole.
const NAP_MS_MAX: u64 = 30_000;

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub has_certificate: bool,
    /// Attempts that failed since the last success.
    pub failures: u32,
    pub last_error: Option<String>,
    /// When something is done next, in milliseconds since 1970.
    pub next_unix_ms: u64,
}

/// Whoever wants to know.
pub trait Tell: Send + Sync {
    /// A new certificate is in the store.
    fn issued(&self);
    fn stands(&self, report: Report);
}

pub struct Keeper {
    terms: Terms,
    store: Store,
    challenges: Challenges,
    guard: Guard,
    clock: Arc<dyn Clock>,
}

impl Keeper {
    /// `challenges`: where listeners look for validations. `guard`: which networks the authority may be in.
    pub fn new(
        terms: Terms,
        store: Store,
        challenges: Challenges,
        guard: Guard,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { terms, store, challenges, guard, clock }
    }

    /// Never ends; drop it to stop.
    pub async fn keep(self, tell: Arc<dyn Tell>) {
        let (mut failures, mut last_error, mut retry_ms) = (0_u32, None, 0_u64);
        loop {
            let held = self.store.certificate(&self.terms);
            let due_ms = held.as_ref().map_or(0, |(_, facts)| schedule::renewal_ms(facts, draw()));
            let next_unix_ms = due_ms.max(retry_ms).max(self.clock.unix_ms());
            let has_certificate = held.is_some();
            tell.stands(Report { has_certificate, failures, last_error: last_error.clone(), next_unix_ms });
            while self.clock.unix_ms() < next_unix_ms {
                let left_ms = next_unix_ms.saturating_sub(self.clock.unix_ms());
                tokio::time::sleep(Duration::from_millis(left_ms.min(NAP_MS_MAX))).await;
            }
            match self.renew().await {
                Ok(()) => {
                    (failures, last_error, retry_ms) = (0, None, 0);
                    tell.issued();
                    // An authority that gives certificates which are due at once is not asked in a circle.
                    retry_ms = retry_ms.max(self.clock.unix_ms().saturating_add(AGAIN_MS_MIN));
                }
                Err(fault) => {
                    failures = failures.saturating_add(1);
                    last_error = Some(fault.to_string());
                    let wait_ms = schedule::retry_after_ms(failures, draw());
                    retry_ms = self.clock.unix_ms().saturating_add(wait_ms);
                }
            }
        }
    }

    async fn renew(&self) -> Result<(), Fault> {
        let roots = match &self.terms.roots {
            Some(pem) => Roots::from_pem(pem),
            None => Roots::system(),
        };
        let fetcher =
            roots.and_then(|roots| Fetcher::new(self.guard.clone(), &roots)).map_err(Fault::Roots)?;
        order::obtain(&self.terms, &self.store, &fetcher, &self.challenges).await
    }
}

/// Between two orders that succeed.
const AGAIN_MS_MIN: u64 = 2_000;

/// Not a secret: it only keeps gateways from acting in step.
fn draw() -> u64 {
    let mut bytes = [0_u8; 8];
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    u64::from_be_bytes(bytes)
}
