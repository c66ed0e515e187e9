//! The judge is the crate `libinjectionrs`, a port of the C library libinjection.

use libinjectionrs::{SqliFlags, SqliState};

use super::{Injection, Sql, phrases, plain};

/// A panic of the port counts as an injection.
pub(super) struct Ported;

/// The fingerprint of a value on which the port failed.
const FAILED: &[u8] = b"?";

// Where the value stands in the statement: as it is, or behind a quote that it closes. The dialect.
const AS_IS: u32 = 1;
const QUOTED: u32 = 2;
const DOUBLE_QUOTED: u32 = 4;
const ANSI: u32 = 8;
const MYSQL: u32 = 16;

/// The quote that a value must hold to be asked about, and what is asked.
const CONTEXTS: [(Option<u8>, &[u32]); 3] = [
    (None, &[AS_IS | ANSI, MYSQL]),
    (Some(b'\''), &[QUOTED | ANSI, QUOTED | MYSQL]),
    (Some(b'"'), &[DOUBLE_QUOTED | MYSQL]),
];

impl Injection for Ported {
    fn sql(&self, value: &[u8]) -> Sql {
        if plain::is_plain(value) {
            return Sql::default();
        }
        let value = phrases::joined(value);
        let failed = |_| Sql { fingerprint: Some(FAILED.to_vec()), tokens: value.len() };
        std::panic::catch_unwind(|| judged(&value)).unwrap_or_else(failed)
    }

    fn xss(&self, value: &[u8]) -> bool {
        std::panic::catch_unwind(|| libinjectionrs::detect_xss(value).is_injection()).unwrap_or(true)
    }
}

/// Asks context by context, as the port does by itself, which does not tell what each took.
fn judged(value: &[u8]) -> Sql {
    let mut judged = Sql::default();
    for (quote, dialects) in CONTEXTS {
        if value.is_empty() || quote.is_some_and(|quote| !value.contains(&quote)) {
            continue;
        }
        for flags in dialects {
            let mut state = SqliState::new(value, SqliFlags::new(*flags));
            let found = state.is_sqli();
            judged.tokens += state.stats_tokens;
            if found {
                // It is worked out a second time, and nobody wants that of an honest value.
                judged.fingerprint = Some(state.get_fingerprint().as_str().as_bytes().to_vec());
                return judged;
            }
            // MySQL takes for comments what others do not.
            if state.stats_comment_ddx == 0 && state.stats_comment_hash == 0 {
                break;
            }
        }
    }
    judged
}
