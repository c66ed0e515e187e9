//! The last argument of SecRule, SecAction and SecDefaultAction: `id:1,phase:2,msg:'a, b',t:none`.

use super::Text;
use super::words::closing;

/// One action as it is written.
#[derive(Debug, Clone)]
pub struct WrittenAction {
    pub name: Text,
    /// What follows the colon, without single quotes around it.
    pub argument: Option<Text>,
}

/// The actions, separated by commas; commas in single quotes separate nothing.
///
/// # Errors
/// Offset and sentence of the first action that cannot be read.
pub fn actions(text: &Text) -> Result<Vec<WrittenAction>, (usize, String)> {
    let all = text.as_str();
    let mut found = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let rest = all.get(at..).unwrap_or_default();
        if rest.trim_start().is_empty() {
            break;
        }
        at += rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        let end = at + rest.find([',', ':']).unwrap_or(rest.len());
        let name = text.slice(at..end).trim();
        if name.as_str().is_empty() {
            return Err((at, "the name of an action was expected".to_owned()));
        }
        at = end;
        let argument = if all.get(at..).is_some_and(|rest| rest.starts_with(':')) {
            let (argument, end) = argument(text, at + 1)?;
            at = end;
            Some(argument)
        } else {
            None
        };
        found.push(WrittenAction { name, argument });
        at += 1;
    }
    Ok(found)
}

/// The argument that starts at `start`, and where the comma after it stands (or the end).
fn argument(text: &Text, start: usize) -> Result<(Text, usize), (usize, String)> {
    let all = text.as_str();
    let rest = all.get(start..).unwrap_or_default();
    let from = start + (rest.len() - rest.trim_start().len());
    let rest = rest.trim_start();
    if rest.starts_with('\'') {
        let end = closing(all, from + 1, '\'')
            .ok_or_else(|| (from, "the quote ' of an action is not closed".to_owned()))?;
        let after = all.get(end + 1..).unwrap_or_default();
        let gap = after.len() - after.trim_start().len();
        if !after.trim_start().is_empty() && !after.trim_start().starts_with(',') {
            return Err((end + 1 + gap, "text follows the closing quote of an action".to_owned()));
        }
        return Ok((text.slice(from + 1..end).unescape('\''), end + 1 + gap));
    }
    let comma = from + rest.find(',').unwrap_or(rest.len());
    // `setvar:tx.name='a, b'`: the quotes stand around the value only.
    if let Some(quote) = rest.find("='").map(|found| from + found + 1).filter(|quote| *quote < comma) {
        let end = closing(all, quote + 1, '\'')
            .ok_or_else(|| (quote, "the quote ' of an action is not closed".to_owned()))?;
        let after = all.get(end + 1..).unwrap_or_default();
        let stop = end + 1 + after.find(',').unwrap_or(after.len());
        let mut joined = text.slice(from..quote);
        let value = text.slice(quote + 1..end).unescape('\'');
        let (line, column) = value.position(0);
        joined.push(value.as_str(), line, column);
        return Ok((joined, stop));
    }
    Ok((text.slice(from..comma).trim(), comma))
}
