//! Whether a text is SQL or HTML that was injected, told by its tokens.

/// What judges; the operators `@detectSQLi` and `@detectXSS` ask it.
pub trait Injection: Send + Sync {
    /// The fingerprint of SQL, when the value is an injection.
    fn sql(&self, value: &[u8]) -> Option<Vec<u8>>;
    fn xss(&self, value: &[u8]) -> bool;
}
