//! Names for questions: a hash over parts that cannot flow into each other.

use aws_lc_rs::digest::{Context, SHA256};

/// SHA-256 over parts, each with its length before it.
pub(crate) struct Digest {
    context: Context,
}

impl Default for Digest {
    fn default() -> Self {
        Self { context: Context::new(&SHA256) }
    }
}

impl Digest {
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.context.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.context.update(bytes);
        self
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        let digest = self.context.finish();
        let mut whole = [0; 32];
        for (to, from) in whole.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        whole
    }
}
