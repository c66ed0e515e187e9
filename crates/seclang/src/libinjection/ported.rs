//! The judge is the crate `libinjectionrs`, a port of the C library libinjection.

use super::{Injection, phrases};

/// A panic of the port counts as an injection.
pub(super) struct Ported;

/// The fingerprint of a value on which the port failed.
const FAILED: &[u8] = b"?";

impl Injection for Ported {
    fn sql(&self, value: &[u8]) -> Option<Vec<u8>> {
        let value = phrases::joined(value);
        let judged = std::panic::catch_unwind(|| libinjectionrs::detect_sqli(&value));
        match judged {
            Ok(judged) if !judged.is_injection() => None,
            Ok(judged) => {
                let fingerprint =
                    judged.fingerprint.map(|fingerprint| fingerprint.as_str().as_bytes().to_vec());
                Some(fingerprint.unwrap_or_default())
            }
            Err(_) => Some(FAILED.to_vec()),
        }
    }

    fn xss(&self, value: &[u8]) -> bool {
        std::panic::catch_unwind(|| libinjectionrs::detect_xss(value).is_injection()).unwrap_or(true)
    }
}
