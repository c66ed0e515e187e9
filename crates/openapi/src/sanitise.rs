//! Strings of a body in Unicode NFC and without characters that have no business in them.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
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

/// The same for the values of an `application/x-www-form-urlencoded` body. What cannot be decoded stays as it is.
pub fn sanitise_form(form: &[u8]) -> Vec<(Range<usize>, Bytes)> {
    let mut edits = Vec::new();
    let mut start = 0;
    for pair in form.split(|byte| *byte == b'&') {
        let value = pair.iter().position(|byte| *byte == b'=').map_or(pair.len(), |at| at + 1);
        let (from, to) = (start + value, start + pair.len());
        let spaced: Vec<u8> =
            pair.iter().skip(value).map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        if let Ok(text) = percent_decode(&spaced).decode_utf8()
            && let Cow::Owned(clean) = clean(&text)
        {
            let encoded = utf8_percent_encode(&clean, NON_ALPHANUMERIC).to_string();
            edits.push((from..to, Bytes::from(encoded)));
        }
        start += pair.len() + 1;
    }
    edits
}

/// The same for a body that is one text. What is not UTF-8 stays as it is.
pub fn sanitise_text(text: &[u8]) -> Vec<(Range<usize>, Bytes)> {
    match std::str::from_utf8(text).map(clean) {
        Ok(Cow::Owned(clean)) => vec![(0..text.len(), Bytes::from(clean))],
        Ok(Cow::Borrowed(_)) | Err(_) => Vec::new(),
    }
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
