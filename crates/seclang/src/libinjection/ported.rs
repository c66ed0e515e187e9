//! The judge is the crate `libinjectionrs`, a port of the C library libinjection.

use libinjectionrs::{SqliFlags, SqliState};

use super::{Injection, phrases, plain};

/// A panic of the port counts as an injection.
pub(super) struct Ported;

/// The fingerprint of a value on which the port failed.
const FAILED: &[u8] = b"?";

impl Injection for Ported {
    fn sql(&self, value: &[u8]) -> Option<Vec<u8>> {
        if plain::is_plain(value) {
            return None;
        }
        let value = phrases::joined(value);
        let judged = std::panic::catch_unwind(|| {
            let mut state = SqliState::new(&value, SqliFlags::FLAG_NONE);
            // The fingerprint is worked out a second time, and nobody wants that of an honest value.
            state.detect().then(|| state.get_fingerprint().as_str().as_bytes().to_vec())
        });
        judged.unwrap_or_else(|_| Some(FAILED.to_vec()))
    }

    fn xss(&self, value: &[u8]) -> bool {
        std::panic::catch_unwind(|| libinjectionrs::detect_xss(value).is_injection()).unwrap_or(true)
    }
}
