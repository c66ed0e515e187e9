//! `@pm WORDS`: one of the words occurs in the value, whatever the case of ASCII letters. Between bars stand bytes in
//! hexadecimal (`|3c|script`), as in Snort; a backslash keeps `:`, `;`, `"` and itself.

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input};

use super::{Argument, Captures, Literals, Operator};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    if argument.has_macros {
        return Err("macros cannot stand in a list of words".to_owned());
    }
    let text = unescaped(argument.text).unwrap_or_else(|| argument.text.to_vec());
    Words::of(text.split(u8::is_ascii_whitespace))
}

/// Words in one automaton.
pub(super) struct Words {
    words: Vec<Vec<u8>>,
    automaton: AhoCorasick,
}

impl Words {
    /// Empty words are left out.
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a [u8]>) -> Result<Box<dyn Operator>, String> {
        let mut words: Vec<_> =
            words.filter(|word| !word.is_empty()).map(<[u8]>::to_ascii_lowercase).collect();
        words.sort();
        words.dedup();
        if words.is_empty() {
            return Err("no word is named".to_owned());
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&words)
            .map_err(|fault| format!("the words cannot be compiled: {fault}"))?;
        Ok(Box::new(Self { words, automaton }))
    }
}

impl Operator for Words {
    fn matches(&self, value: &[u8], _: Option<&[u8]>, captures: &mut Captures) -> bool {
        let Some(found) = self.automaton.find(Input::new(value)) else { return false };
        captures.set(0, found.start(), found.end());
        true
    }

    fn literals(&self) -> Option<Literals> {
        Some(Literals { words: self.words.clone(), folded: true })
    }
}

/// `None`: the text is no such notation, and stands for itself.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
    let mut out = Vec::new();
    let mut rest = text;
    let mut in_bytes = false;
    while let [byte, tail @ ..] = rest {
        rest = match (byte, tail) {
            (b'|', _) => {
                in_bytes = !in_bytes;
                tail
            }
            (high, [low, after @ ..]) if in_bytes => {
                let digit =
                    |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                out.push(digit(high)? << 4 | digit(low)?);
                after
            }
            (_, []) if in_bytes => return None,
            (b'\\', [kept @ (b':' | b';' | b'\\' | b'"'), after @ ..]) => {
                out.push(*kept);
                after
            }
            (b'\\', _) => return None,
            _ => {
                out.push(*byte);
                tail
            }
        };
    }
    (!in_bytes).then_some(out)
}
