//! When a certificate is renewed, and when a failed order is tried again. Times in milliseconds since 1970.

use net::tls::CertificateFacts;

/// After the first failure; each further one waits three times as long. The first hour holds four attempts, below what
/// authorities allow of failed validations.
const RETRY_MS: u64 = 2 * 60_000;
const RETRY_MS_MAX: u64 = 6 * 3_600_000;

/// At two thirds of the lifetime, or up to a thirtieth earlier, so that certificates of one day are not renewed in one
/// minute. `draw` is any number, at random.
pub(crate) fn renewal_ms(facts: &CertificateFacts, draw: u64) -> u64 {
    let begin_ms = ms(facts.not_before);
    let life_ms = ms(facts.not_after).saturating_sub(begin_ms);
    let jitter_ms = (life_ms / 30).max(1);
    begin_ms.saturating_add(life_ms / 3 * 2).saturating_sub(draw % jitter_ms)
}

/// `failures`: at least 1. Up to a quarter longer, at random.
pub(crate) fn retry_after_ms(failures: u32, draw: u64) -> u64 {
    let grown = RETRY_MS.saturating_mul(3_u64.saturating_pow(failures.saturating_sub(1)));
    let wait = grown.min(RETRY_MS_MAX);
    wait + draw % (wait / 4)
}

fn ms(unix_s: i64) -> u64 {
    u64::try_from(unix_s).unwrap_or(0).saturating_mul(1000)
}
