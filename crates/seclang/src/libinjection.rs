//! Whether a text is SQL or HTML that was injected, told by its tokens.

mod ported;

#[cfg(test)]
mod tests;

use crate::ByteSet;

/// What judges; the operators `@detectSQLi` and `@detectXSS` ask it.
pub trait Injection: Send + Sync {
    /// The fingerprint of SQL, when the value is an injection.
    fn sql(&self, value: &[u8]) -> Option<Vec<u8>>;
    fn xss(&self, value: &[u8]) -> bool;
}

/// The judge in use.
pub static INJECTION: &dyn Injection = &ported::Ported;

/// A value without any of these bytes is not judged SQL: letters, digits and a few marks alone make one token.
pub const SQL_NEEDS: ByteSet = ByteSet::ALL;

/// A value without any of these bytes is not judged HTML: no tag begins and no attribute gets a value.
pub const XSS_NEEDS: ByteSet = ByteSet::of(b"<=");
