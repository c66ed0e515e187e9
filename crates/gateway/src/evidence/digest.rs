//! Names for questions: a hash over parts that cannot flow into each other.

use aws_lc_rs::digest::{SHA256, digest};

/// Bytes of the parts of most questions.
const PARTS_BYTES: usize = 512;

/// SHA-256 over parts, each with its length before it.
pub(crate) struct Digest {
    parts: Vec<u8>,
}

impl Default for Digest {
    fn default() -> Self {
        Self { parts: Vec::with_capacity(PARTS_BYTES) }
    }
}

impl Digest {
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.parts.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.parts.extend_from_slice(bytes);
        self
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        let digest = digest(&SHA256, &self.parts);
        let mut whole = [0; 32];
        for (to, from) in whole.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        whole
    }
}
