//! The one template that bodies of tests use: `{{ "x" | repeat 100 }}`.

/// The most bytes that one template becomes.
const REPEATED_BYTES_MAX: usize = 16 << 20;

/// The text with its templates filled in.
///
/// # Errors
/// A template of another form.
pub(super) fn fill(text: &str) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let (before, after) = rest.split_at(start);
        let end = after.find("}}").ok_or("a template is not closed")?;
        let inner = after.get(2..end).unwrap_or_default().trim();
        filled.push_str(before);
        filled.push_str(&repeated(inner).ok_or_else(|| format!("the template `{inner}` is not understood"))?);
        rest = after.get(end + 2..).unwrap_or_default();
    }
    filled.push_str(rest);
    Ok(filled)
}

fn repeated(inner: &str) -> Option<String> {
    let (literal, pipe) = inner.strip_prefix('"')?.split_once('"')?;
    let count: usize = pipe.trim().strip_prefix('|')?.trim().strip_prefix("repeat ")?.trim().parse().ok()?;
    (literal.len().checked_mul(count)? <= REPEATED_BYTES_MAX).then(|| literal.repeat(count))
}
