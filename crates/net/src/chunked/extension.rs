//! Extensions of a chunk (RFC 9112 section 7.1.1): ignored, but only when they are what the grammar says. A quoted string
//! that does not end on its line is where two parsers disagree about the line's end.

/// `*( ";" token [ "=" ( token / quoted-string ) ] )`, without the white space that the grammar calls bad.
pub(super) fn is_well_formed(mut text: &[u8]) -> bool {
    while let Some((first, rest)) = text.split_first() {
        if *first != b';' {
            return false;
        }
        let Some(rest) = after_token(rest) else { return false };
        text = match rest.strip_prefix(b"=") {
            None => rest,
            Some(value) => match value.strip_prefix(b"\"") {
                None => match after_token(value) {
                    None => return false,
                    Some(rest) => rest,
                },
                Some(quoted) => match after_quoted(quoted) {
                    None => return false,
                    Some(rest) => rest,
                },
            },
        };
    }
    true
}

/// What follows a token of at least one character (RFC 9110 section 5.6.2).
fn after_token(text: &[u8]) -> Option<&[u8]> {
    let is_tchar = |byte: &&u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let length = text.iter().take_while(is_tchar).count();
    if length == 0 { None } else { text.get(length..) }
}

/// What follows the closing quote (RFC 9110 section 5.6.4).
fn after_quoted(text: &[u8]) -> Option<&[u8]> {
    let mut bytes = text.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return text.get(at + 1..),
            b'\\' => {
                bytes
                    .next()
                    .filter(|(_, byte)| **byte == b'\t' || (b' '..0x7f).contains(*byte) || **byte >= 0x80)?;
            }
            b'\t' | b' '..=0x7e | 0x80.. => {}
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_the_grammar_says_and_nothing_else() {
        for fine in [&b""[..], b";a", b";a=b", b";a=\"b;c\\\"d\"", b";a;b=c", b";a=\"\"", b";a=\"\xff\t\""] {
            assert!(is_well_formed(fine), "{fine:?}");
        }
        for bad in [
            &b";"[..],
            b";;a",
            b"a",
            b";a=",
            b";a=\"",
            b";a=\"b\\\"",
            b";a=\"b\"c",
            b";a b",
            b"; a",
            b";a =b",
            b";a=\"\x01\"",
        ] {
            assert!(!is_well_formed(bad), "{bad:?}");
        }
    }
}
