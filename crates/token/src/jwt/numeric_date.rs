//! `NumericDate` (RFC 7519 section 2): seconds since 1970, whole or with a fraction.

use serde_json::Value;

/// The end of the year 9999; more is a mistake (milliseconds) or an attempt.
const SECONDS_MAX: f64 = 253_402_300_799.0;

/// A moment, rounded down and up to seconds; the check takes the stricter one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumericDate {
    pub(super) floor: u64,
    pub(super) ceil: u64,
}

impl NumericDate {
    /// `None` for anything but a finite number from 0 to the year 9999.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
    pub(super) fn parse(value: &Value) -> Option<Self> {
        let seconds = value.as_number()?.as_f64().filter(|seconds| (0.0..=SECONDS_MAX).contains(seconds))?;
        Some(Self { floor: seconds.floor() as u64, ceil: seconds.ceil() as u64 })
    }
}
