//! Logical lines: comments left out, lines that end in a backslash joined with the next.

use super::Text;

/// The logical lines of a source that hold anything. A backslash at the end of a comment joins nothing: a rule after it
/// would silently be gone.
pub fn logical(source: &str) -> Vec<Text> {
    let mut lines = Vec::new();
    let mut open: Option<Text> = None;
    for (number, line) in (1..).zip(source.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if open.is_none() && (line.trim_start().starts_with('#') || line.trim().is_empty()) {
            continue;
        }
        let (content, continues) = match line.strip_suffix('\\') {
            Some(content) => (content, true),
            None => (line, false),
        };
        let mut text = open.take().unwrap_or_default();
        text.push(content, number, 1);
        if continues {
            open = Some(text);
        } else {
            lines.push(text);
        }
    }
    lines.extend(open);
    lines
}
