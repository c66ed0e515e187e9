//! Whether a text is SQL or HTML that was injected, told by its tokens.
//!
//! The judge is a port of libinjection. Where it differs from the C library (3.9.2, as Debian's libmodsecurity3 has it)
//! is counted over a fixed corpus in `libinjection/tests/differences.tsv`. What is known:
//!
//! - The C library takes every attribute whose name begins with `on` for an event; the port takes those of a list, as
//!   later versions of the C library do, so that `onfilterchange`, which old browsers had, is not judged HTML.
//! - Phrases of SQL that the port does not know are mended before it is asked (`libinjection/phrases.rs`); a comment
//!   between the words of such a phrase still hides it.

mod phrases;
mod plain;
mod ported;

#[cfg(test)]
mod tests;

use crate::ByteSet;

/// What judges; the operators `@detectSQLi` and `@detectXSS` ask it.
pub trait Injection: Send + Sync {
    fn sql(&self, value: &[u8]) -> Sql;
    fn xss(&self, value: &[u8]) -> bool;
}

/// What a value is as SQL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sql {
    /// When the value is an injection.
    pub fingerprint: Option<Vec<u8>>,
    /// Tokens that were read, over all contexts: few of most values, nearly all bytes of one that was made to fold.
    pub tokens: usize,
}

/// The judge in use.
pub static INJECTION: &dyn Injection = &ported::Ported;

/// A value without any of these bytes is not judged SQL: letters, digits, underscores and dots alone make names
/// and numbers, too few of them to be an injection.
pub const SQL_NEEDS: ByteSet = ByteSet::range(b'a', b'z')
    .or(ByteSet::range(b'A', b'Z'))
    .or(ByteSet::range(b'0', b'9'))
    .or(ByteSet::of(b"_."))
    .not();

/// A value without any of these bytes is not judged HTML: no tag begins and no attribute gets a value.
pub const XSS_NEEDS: ByteSet = ByteSet::of(b"<=");
