//! Words of others on a terminal: what would move its cursor, colour it or turn its text round is written out.

use model::is_hidden;

/// Longer words of others are cut.
const FIELD_CHARS_MAX: usize = 120;

/// One line that shows what it holds: `\u{1b}` for an escape.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// As [`printable`], and no longer than 120 characters of what was given.
pub fn field(text: &str) -> String {
    match text.char_indices().nth(FIELD_CHARS_MAX) {
        None => printable(text),
        Some((end, _)) => format!("{}...", printable(text.get(..end).unwrap_or_default())),
    }
}

/// JSON in which such characters are escaped, so that it may be shown too. Outside of texts JSON has none of them.
pub fn json(value: &serde_json::Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        if is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        for (text, shown) in [
            ("caf\u{e9} \u{1F600}", "caf\u{e9} \u{1F600}"),
            ("\x1b[31m", "\\u{1b}[31m"),
            ("a\n22:00:00 allowed", "a\\u{a}22:00:00 allowed"),
            ("\u{9b}31m\u{7f}\r", "\\u{9b}31m\\u{7f}\\u{d}"),
            ("\u{202e}\u{2028}\u{61c}", "\\u{202e}\\u{2028}\\u{61c}"),
        ] {
            assert_eq!(super::printable(text), shown);
        }
        assert_eq!(super::field(&"\u{1b}".repeat(500)), format!("{}...", "\\u{1b}".repeat(120)));
    }

    #[test]
    fn json_says_the_same_without_them() {
        let value = json!({ "a\u{202e}": "\u{9b}\u{7f}\u{E0001}\n\"" });
        let text = super::json(&value);
        assert!(text.is_ascii() && !text.chars().any(char::is_control), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
    }
}
