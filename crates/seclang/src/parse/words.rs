//! The words of a logical line: separated by white space, or in double (or single) quotes.

use super::Text;

/// The words, with quotes and escaped quotes undone.
///
/// # Errors
/// Offset and sentence of a quote that is not closed, or of text that touches a closing quote.
pub fn split(line: &Text) -> Result<Vec<Text>, (usize, String)> {
    let text = line.as_str();
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return Ok(words) };
        if first != '"' && first != '\'' {
            let end = at + rest.find(char::is_whitespace).unwrap_or(rest.len());
            words.push(line.slice(at..end));
            at = end;
            continue;
        }
        let Some(end) = closing(text, at + 1, first) else {
            return Err((at, format!("the quote {first} is not closed")));
        };
        words.push(line.slice(at + 1..end).unescape(first));
        at = end + 1;
        if text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(|next| !next.is_whitespace()) {
            return Err((at, format!("text follows the closing quote {first}")));
        }
    }
}

/// Where the next `quote` stands that no backslash escapes, from `start` on. Only the quote itself can be escaped: two
/// backslashes before it are one that is kept and one that escapes.
pub fn closing(text: &str, start: usize, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (offset, character) in text.get(start..)?.char_indices() {
        if character == quote && !escaped {
            return Some(start + offset);
        }
        escaped = character == '\\';
    }
    None
}
