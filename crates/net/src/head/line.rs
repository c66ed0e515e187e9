//! The lines of a head, once its end is found: a first one, then fields, each a name, a colon and a value with white space
//! around it (RFC 9112 sections 3 to 5).

use super::block::Feeds;

/// Lines without their ends, up to the empty one. For heads that [`super::Scan`] has found: each line ends with CR LF.
pub(crate) struct Lines<'h> {
    head: &'h [u8],
    at: usize,
    feeds: Feeds<'h>,
}

impl<'h> Lines<'h> {
    pub(crate) fn of(head: &'h [u8]) -> Self {
        Self { head, at: 0, feeds: Feeds::of(head, 0) }
    }

    /// Whether all was looked at: the empty line has come, and nothing is behind it.
    pub(crate) fn is_over(&self) -> bool {
        self.at == self.head.len()
    }
}

impl<'h> Iterator for Lines<'h> {
    type Item = &'h [u8];

    fn next(&mut self) -> Option<&'h [u8]> {
        let feed = self.feeds.next()?;
        let line = self.head.get(self.at..feed)?;
        self.at = feed + 1;
        line.strip_suffix(b"\r").filter(|line| !line.is_empty())
    }
}

/// The name and the value of a field's line. The name is a token (RFC 9110 section 5.6.2), the value may be anything.
pub(crate) fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = line.iter().position(|byte| IN_TOKEN.get(usize::from(*byte)) != Some(&true))?;
    let (name, rest) = line.split_at_checked(end)?;
    match rest {
        [b':', value @ ..] if !name.is_empty() => Some((name, trim(value))),
        _ => None,
    }
}

/// Whether the text, in whatever case, is this one, which is in lower case. For texts without controls, of which nothing
/// becomes a letter or a hyphen with this bit but a letter.
pub(crate) fn is<const N: usize>(text: &[u8], lower: &[u8; N]) -> bool {
    let Ok(text) = <&[u8; N]>::try_from(text) else { return false };
    text.iter().zip(lower).fold(0, |odd, (byte, lower)| odd | ((byte | 0x20) ^ lower)) == 0
}

/// Without the white space around it (RFC 9110 section 5.6.3): spaces and tabs alone.
pub(crate) fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

#[allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "made when the program is compiled"
)]
static IN_TOKEN: [bool; 256] = {
    let mut in_token = [false; 256];
    let mut byte = 0;
    while byte < in_token.len() {
        in_token[byte] = (byte as u8).is_ascii_alphanumeric()
            || matches!(
                byte as u8,
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'-'
                    | b'.'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'|'
                    | b'~'
            );
        byte += 1;
    }
    in_token
};

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn a_line_is_a_name_and_a_value_without_the_white_space_around_it() {
        let head = b"GET / HTTP/1.1\r\nA:b\r\nX-Y: \t c d \t\r\nE:\r\nF: \t\r\nnone\r\n\r\nG: h\r\n";
        let mut lines = Lines::of(head);
        assert_eq!(lines.next(), Some(&b"GET / HTTP/1.1"[..]));
        let found: Vec<_> = lines.by_ref().map(field).collect();
        assert!(!lines.is_over());
        let expected: Vec<Option<(&[u8], &[u8])>> =
            vec![Some((b"A", b"b")), Some((b"X-Y", b"c d")), Some((b"E", b"")), Some((b"F", b"")), None];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_name_is_a_token() {
        let is_name = |name: &[u8]| field(&[name, b": x"].concat()) == Some((name, b"x"));
        for name in ["a", "X-Y", "!#$%&'*+-.^_`|~09"] {
            assert!(is_name(name.as_bytes()), "{name}");
        }
        for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_alphanumeric() && *byte != b':') {
            let is_allowed = b"!#$%&'*+-.^_`|~".contains(&byte);
            assert_eq!(is_name(&[b'a', byte]), is_allowed, "{byte:#x}");
            assert_eq!(is_name(&[byte]), is_allowed, "{byte:#x}");
        }
        assert!(!is_name(b""));
    }

    #[test]
    fn letter_case_does_not_count_and_everything_else_does() {
        assert!(is(b"Keep-ALIVE", b"keep-alive") && !is(b"keep-aliv", b"keep-alive"));
        for at in 0..10 {
            for byte in (b' '..=u8::MAX).chain([b'\t']).filter(|byte| *byte != 0x7f) {
                let mut text = *b"keep-alive";
                text[at] = byte;
                assert_eq!(is(&text, b"keep-alive"), text.eq_ignore_ascii_case(b"keep-alive"), "{text:?}");
            }
        }
    }
}
