//! Our own request ids: 26 characters, sortable by time, unique per process start.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 26;

/// 48 bits of milliseconds, 32 random bits of this process, 48 bits of a counter.
pub(crate) struct RequestIds {
    process: u32,
    counter: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(process: u32) -> Self {
        Self { process, counter: AtomicU64::new(0) }
    }

    pub(crate) fn next(&self, unix_ms: u64) -> Arc<str> {
        let counter = self.counter.fetch_add(1, Ordering::Relaxed) & ((1 << 48) - 1);
        let value = (u128::from(unix_ms & ((1 << 48) - 1)) << 80)
            | (u128::from(self.process) << 48)
            | u128::from(counter);
        let mut text = [0u8; LENGTH];
        // Twelve digits at a time, which fit into a machine word.
        for (place, part) in text.rchunks_mut(12).zip([0, 60, 120]) {
            #[allow(clippy::cast_possible_truncation, reason = "the bits above are the next part's")]
            let mut rest = (value >> part) as u64;
            for slot in place.iter_mut().rev() {
                #[allow(clippy::cast_possible_truncation, reason = "five bits")]
                let digit = (rest & 31) as usize;
                *slot = ALPHABET.get(digit).copied().unwrap_or(b'0');
                rest >>= 5;
            }
        }
        Arc::from(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// The milliseconds since 1970 that an id carries; `None` when it is not one of ours.
pub fn unix_ms_of(request_id: &str) -> Option<u64> {
    if request_id.len() != LENGTH {
        return None;
    }
    let mut value: u128 = 0;
    for (index, byte) in request_id.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|&letter| letter == byte)?;
        if index == 0 && digit > 7 {
            return None;
        }
        value = (value << 5) | u128::try_from(digit).ok()?;
    }
    u64::try_from(value >> 80).ok()
}

#[cfg(test)]
mod tests {
    use super::{RequestIds, unix_ms_of};

    #[test]
    fn ids_are_unique_sort_by_time_and_carry_it() {
        let ids = RequestIds::new(0xdead_beef);
        let (first, second, later) = (ids.next(1_000), ids.next(1_000), ids.next(1_001));
        assert!(first < second && second < later);
        assert_eq!(first.len(), 26);
        assert_eq!(unix_ms_of(&later), Some(1_001));
    }

    #[test]
    fn what_is_not_an_id_carries_no_time() {
        for text in [
            "",
            "short",
            "ZZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "0000000000000000000000000U",
            "é0000000000000000000000000",
        ] {
            assert_eq!(unix_ms_of(text), None, "{text}");
        }
    }
}
