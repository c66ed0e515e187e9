//! Percent-decoding that never fails: what is no escape stays as it is, and is told.

/// What a `+` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    /// In queries and forms.
    Space,
    /// In paths.
    Itself,
}

/// Appends `text` decoded to `out`; whether every `%` was followed by two hexadecimal digits.
pub(crate) fn decode(text: &[u8], plus: Plus, out: &mut Vec<u8>) -> bool {
    let mut whole = true;
    let mut rest = text;
    loop {
        let special = match plus {
            Plus::Space => memchr::memchr2(b'%', b'+', rest),
            Plus::Itself => memchr::memchr(b'%', rest),
        };
        let Some((before, after)) = special.and_then(|at| rest.split_at_checked(at)) else { break };
        out.extend_from_slice(before);
        rest = match after {
            [b'+', rest @ ..] => {
                out.push(b' ');
                rest
            }
            [_, high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(digit(*high) << 4 | digit(*low));
                rest
            }
            [percent, rest @ ..] => {
                whole = false;
                out.push(*percent);
                rest
            }
            [] => break,
        };
    }
    out.extend_from_slice(rest);
    whole
}

fn digit(byte: u8) -> u8 {
    char::from(byte).to_digit(16).unwrap_or_default() as u8
}

#[cfg(test)]
mod tests {
    use super::{Plus, decode};

    #[test]
    fn keeps_what_is_no_escape() {
        let decoded = |text: &str, plus| {
            let mut out = Vec::new();
            let whole = decode(text.as_bytes(), plus, &mut out);
            (String::from_utf8_lossy(&out).into_owned(), whole)
        };
        assert_eq!(decoded("a%20b+c", Plus::Space), ("a b c".to_owned(), true));
        assert_eq!(decoded("a+b", Plus::Itself), ("a+b".to_owned(), true));
        assert_eq!(decoded("100%", Plus::Space), ("100%".to_owned(), false));
        assert_eq!(decoded("%4", Plus::Space), ("%4".to_owned(), false));
        assert_eq!(decoded("%zz%41", Plus::Space), ("%zzA".to_owned(), false));
        assert_eq!(decoded("%%41", Plus::Space), ("%A".to_owned(), false));
        assert_eq!(decoded("%u0041", Plus::Space), ("%u0041".to_owned(), false));
    }
}
