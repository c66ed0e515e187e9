//! Strings of a JSON body in Unicode NFC and without characters that have no business in them.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use tape::{Kind, Node, Tape};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What has to be written over a body so that each of its strings is clean: byte ranges of the text, quotes included.
///
/// Ranges ascend and do not overlap. Names of members stay as they are, because two of them could become one.
pub fn sanitise(tape: &Tape) -> Vec<(Range<usize>, Bytes)> {
    let mut edits = Vec::new();
    let mut waiting = vec![tape.root()];
    while let Some(node) = waiting.pop() {
        match node.kind() {
            Kind::Array => waiting.extend(node.items()),
            Kind::Object => waiting.extend(node.members().map(|member| member.value)),
            Kind::String => edits.extend(edit(node)),
            Kind::Null | Kind::Bool | Kind::Number => {}
        }
    }
    edits.sort_unstable_by_key(|(range, _)| range.start);
    edits
}

fn edit(node: Node<'_>) -> Option<(Range<usize>, Bytes)> {
    match clean(node.as_str()?) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some((node.span(), Bytes::from(serde_json::Value::from(text).to_string()))),
    }
}

/// The text in NFC, without C0 controls other than tab and line ends, without C1 controls, U+FEFF and direction marks.
pub fn clean(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    if text.bytes().all(plain) || (is_nfc(text) && !text.chars().any(is_unwanted)) {
        return Cow::Borrowed(text);
    }
    // Taking a character out can bring together what composes, so composition comes last.
    Cow::Owned(text.chars().filter(|character| !is_unwanted(*character)).nfc().collect())
}

fn is_unwanted(character: char) -> bool {
    let control = character.is_control() && !matches!(character, '\t' | '\n' | '\r');
    control
        || matches!(
            character,
            '\u{FEFF}' | '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests;
