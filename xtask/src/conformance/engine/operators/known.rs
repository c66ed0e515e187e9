//! What we do otherwise than the library, and why.

/// Why an operator may judge `value` otherwise than the library; `None` when it may not.
pub fn reason(_operator: &str, _value: &[u8], _ours: bool) -> Option<&'static str> {
    None
}
