//! Cookies of the first format (`SecCookieFormat 0`, RFC 6265 section 5.4).

use super::pairs::Pairs;

/// Adds the cookies of one `Cookie` header. Values are not decoded; a cookie without `=` is a name.
pub(crate) fn read(header: &[u8], cookies: &mut Pairs) {
    for piece in header.split(|&byte| byte == b';') {
        let piece = piece.trim_ascii();
        if piece.is_empty() {
            continue;
        }
        let (name, value) = match memchr::memchr(b'=', piece) {
            Some(at) => (piece.get(..at).unwrap_or_default(), piece.get(at + 1..).unwrap_or_default()),
            None => (piece, [].as_slice()),
        };
        cookies.push(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cookies_with_and_without_values() {
        let mut cookies = Pairs::default();
        read(b" a=1;b=x=y ;; flag;=nameless; c=%20", &mut cookies);
        let found: Vec<_> = cookies.iter().collect();
        let text = |text: &'static str| text.as_bytes();
        assert_eq!(
            found,
            [
                (text("a"), text("1")),
                (text("b"), text("x=y")),
                (text("flag"), text("")),
                (text(""), text("nameless")),
                (text("c"), text("%20")),
            ]
        );
    }
}
