//! The first argument of SecRule: `ARGS|!ARGS:id|&REQUEST_HEADERS:Host|XML:/*`.

use super::Text;

/// One target as it is written.
#[derive(Debug, Clone)]
pub struct WrittenTarget {
    pub excluded: bool,
    pub counted: bool,
    pub name: Text,
    pub selector: Option<WrittenSelector>,
}

#[derive(Debug, Clone)]
pub enum WrittenSelector {
    Key(Text),
    /// Between slashes.
    Pattern(Text),
    /// After `XML:`.
    Path(Text),
}

/// The targets, separated by `|` (or a comma, as exclusions are often written).
///
/// # Errors
/// Offset and sentence of the first target that cannot be read.
pub fn targets(text: &Text) -> Result<Vec<WrittenTarget>, (usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        let (target, end) = target(text, at)?;
        found.push(target);
        match text.as_str().get(end..).and_then(|rest| rest.chars().next()) {
            None => return Ok(found),
            Some('|' | ',') => at = end + 1,
            Some(other) => return Err((end, format!("`{other}` follows a target, where `|` was expected"))),
        }
    }
}

fn target(text: &Text, start: usize) -> Result<(WrittenTarget, usize), (usize, String)> {
    let all = text.as_str();
    let rest = all.get(start..).unwrap_or_default();
    let mut at = start + (rest.len() - rest.trim_start().len());
    let (mut excluded, mut counted) = (false, false);
    while let Some(mark @ ('!' | '&')) = all.get(at..).and_then(|rest| rest.chars().next()) {
        excluded |= mark == '!';
        counted |= mark == '&';
        at += 1;
    }
    let rest = all.get(at..).unwrap_or_default();
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    if length == 0 {
        return Err((at, "the name of a variable was expected".to_owned()));
    }
    let name = text.slice(at..at + length);
    at += length;
    let selector = if all.get(at..).is_some_and(|rest| rest.starts_with(':')) {
        let (selector, end) = selector(text, at + 1, name.as_str().eq_ignore_ascii_case("XML"))?;
        at = end;
        Some(selector)
    } else {
        None
    };
    let rest = all.get(at..).unwrap_or_default();
    at += rest.len() - rest.trim_start().len();
    Ok((WrittenTarget { excluded, counted, name, selector }, at))
}

fn selector(text: &Text, start: usize, is_path: bool) -> Result<(WrittenSelector, usize), (usize, String)> {
    let all = text.as_str();
    let rest = all.get(start..).unwrap_or_default();
    if is_path {
        let end = start + rest.find(['|', ',']).unwrap_or(rest.len());
        return Ok((WrittenSelector::Path(text.slice(start..end).trim()), end));
    }
    if let Some(quoted) = rest.strip_prefix('\'') {
        let end = super::words::closing(all, start + 1, '\'')
            .ok_or_else(|| (start, "the quote ' of a selector is not closed".to_owned()))?;
        let inner = text.slice(start + 1..end);
        let selector = match quoted.strip_prefix('/').and_then(|_| inner.as_str().strip_suffix('/')) {
            Some(inside) if !inside.is_empty() => WrittenSelector::Pattern(inner.slice(1..inside.len())),
            _ => WrittenSelector::Key(inner.unescape('\'')),
        };
        return Ok((selector, end + 1));
    }
    if rest.starts_with('/') {
        let end = super::words::closing(all, start + 1, '/')
            .ok_or_else(|| (start, "the pattern of a selector is not closed by `/`".to_owned()))?;
        return Ok((WrittenSelector::Pattern(text.slice(start + 1..end)), end + 1));
    }
    let end = start + rest.find(['|', ',']).unwrap_or(rest.len());
    let key = text.slice(start..end).trim();
    if key.as_str().is_empty() {
        return Err((start, "a selector was expected after `:`".to_owned()));
    }
    Ok((WrittenSelector::Key(key), end))
}
