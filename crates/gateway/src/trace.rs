//! W3C Trace Context (Recommendation, level 1): the caller's trace goes on, or a new one begins.

pub(crate) mod export;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName};

use crate::exchange::TraceContext;

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(crate) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Draws ids. Not secret, so one atomic step (splitmix64) is enough.
pub(crate) struct TraceIds {
    state: AtomicU64,
}

impl TraceIds {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }

    /// Never zero, which the specification forbids for ids.
    pub(crate) fn next(&self) -> u64 {
        let [id] = self.draw();
        id
    }

    fn draw<const N: usize>(&self) -> [u64; N] {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut state = self.state.fetch_add(STEP.wrapping_mul(N as u64), Ordering::Relaxed);
        std::array::from_fn(|_| {
            state = state.wrapping_add(STEP);
            let mut value = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (value ^ (value >> 31)).max(1)
        })
    }

    /// Goes on with the incoming trace when there is exactly one well-formed `traceparent`; otherwise begins one that
    /// is sampled in `sample_per_10k` of 10,000 cases.
    pub(crate) fn continue_or_begin(&self, headers: &HeaderMap, sample_per_10k: u32) -> TraceContext {
        let [span_id, high, low] = self.draw();
        if let Some((trace_id, parent_id, sampled)) = incoming(headers) {
            return TraceContext { trace_id, span_id, parent_id: Some(parent_id), sampled };
        }
        let trace_id = (u128::from(high) << 64) | u128::from(low);
        let sampled = sample_per_10k > 0 && trace_id % 10_000 < u128::from(sample_per_10k);
        TraceContext { trace_id, span_id, parent_id: None, sampled }
    }
}

fn incoming(headers: &HeaderMap) -> Option<(u128, u64, bool)> {
    let mut all = headers.get_all(&TRACEPARENT).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return None };
    parse(value.as_bytes())
}

/// `00-TRACE(32)-PARENT(16)-FLAGS(2)`, lower-case hexadecimal; later versions may be longer (section 4.1 of level 1).
fn parse(value: &[u8]) -> Option<(u128, u64, bool)> {
    let mut parts = value.splitn(5, |&byte| byte == b'-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let rest = parts.next();
    let version = hex(version, 2)?;
    if version == 0xff || (version == 0 && rest.is_some()) {
        return None;
    }
    let (trace, parent, flags) = (hex(trace, 32)?, hex(parent, 16)?, hex(flags, 2)?);
    let parent = u64::try_from(parent).ok()?;
    (trace != 0 && parent != 0).then_some((trace, parent, flags & 1 == 1))
}

fn hex(text: &[u8], length: usize) -> Option<u128> {
    if text.len() != length {
        return None;
    }
    text.iter().try_fold(0u128, |value, &byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        Some((value << 4) | u128::from(digit))
    })
}

/// Each byte as two digits, in lower case.
#[allow(clippy::indexing_slicing, reason = "made when the program is compiled")]
static HEX: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < pairs.len() {
        pairs[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    pairs
};

/// Two digits a byte, in lower case.
fn put_hex(text: &mut [u8], bytes: &[u8]) {
    let (pairs, _) = text.as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = HEX.get(usize::from(*byte)).copied().unwrap_or_default();
    }
}

impl TraceContext {
    /// The `traceparent` that the upstream receives: our span is its parent.
    pub fn traceparent(&self, span_id: u64) -> [u8; 55] {
        let mut text = [0u8; 55];
        text.copy_from_slice(b"00-00000000000000000000000000000000-0000000000000000-00");
        put_hex(text.get_mut(3..35).unwrap_or_default(), &self.trace_id.to_be_bytes());
        put_hex(text.get_mut(36..52).unwrap_or_default(), &span_id.to_be_bytes());
        if let (true, Some(flag)) = (self.sampled, text.last_mut()) {
            *flag = b'1';
        }
        text
    }

    /// 32 hexadecimal digits, as in records.
    pub fn trace_id_text(&self) -> String {
        let mut text = [0; 32];
        put_hex(&mut text, &self.trace_id.to_be_bytes());
        std::str::from_utf8(&text).unwrap_or_default().to_owned()
    }
}
