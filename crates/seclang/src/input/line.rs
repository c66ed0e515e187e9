//! The request line taken apart, as it was received and as a server would understand it.

use bytes::Bytes;

use super::percent::{self, Plus};

/// The parts of a request line (RFC 9112 section 3).
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) method: Bytes,
    /// As received.
    pub(crate) target: Bytes,
    /// `HTTP/0.9` when the line names none.
    pub(crate) protocol: Bytes,
    /// The target without scheme and authority.
    pub(crate) uri: Bytes,
    /// Without the question mark; `None` when there is none.
    pub(crate) query: Option<Bytes>,
    /// The path of the target, percent-decoded.
    pub(crate) path: Vec<u8>,
    /// Where the last segment of `path` begins.
    basename: usize,
}

impl Line {
    pub(crate) fn new(line: &Bytes) -> Self {
        let (method, rest) = cut(line, memchr::memchr(b' ', line));
        let (target, protocol) = match memchr::memrchr(b' ', &rest) {
            Some(at) => cut(&rest, Some(at)),
            None => (rest, Bytes::from_static(b"HTTP/0.9")),
        };
        let uri = without_authority(&target);
        let (before_fragment, _) = cut(&uri, memchr::memchr(b'#', &uri));
        let query_at = memchr::memchr(b'?', &uri);
        // A fragment never reaches a server; one that came all the same stays in the query, where rules see it.
        let (path, query) = match query_at {
            Some(at) => (uri.slice(..at), Some(uri.slice(at + 1..))),
            None => (before_fragment, None),
        };
        let mut decoded = Vec::with_capacity(path.len());
        percent::decode(&path, Plus::Itself, &mut decoded);
        let basename = memchr::memrchr2(b'/', b'\\', &decoded).map_or(0, |at| at + 1);
        Self { method, target, protocol, uri, query, path: decoded, basename }
    }

    /// The last segment of the path; empty when it ends with a slash.
    pub(crate) fn basename(&self) -> &[u8] {
        self.path.get(self.basename..).unwrap_or_default()
    }
}

/// What stands before and behind the byte at `at`; everything and nothing without one.
fn cut(text: &Bytes, at: Option<usize>) -> (Bytes, Bytes) {
    match at {
        Some(at) => (text.slice(..at), text.slice(at + 1..)),
        None => (text.clone(), Bytes::new()),
    }
}

/// `/path?query` of `http://host/path?query`; other targets as they are.
fn without_authority(target: &Bytes) -> Bytes {
    if target.starts_with(b"/") {
        return target.clone();
    }
    let Some(colon) = memchr::memchr(b':', target) else { return target.clone() };
    let Some(rest) = target.get(colon..).and_then(|rest| rest.strip_prefix(b"://")) else {
        return target.clone();
    };
    match memchr::memchr(b'/', rest) {
        Some(slash) => target.slice(colon + 3 + slash..),
        None => target.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &'static str) -> Line {
        Line::new(&Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn takes_a_line_apart() {
        let read = line("GET http://a.example/x/y%20z.php?q=1&r=?#f HTTP/1.1");
        assert_eq!(read.method, "GET");
        assert_eq!(read.target, "http://a.example/x/y%20z.php?q=1&r=?#f");
        assert_eq!(read.uri, "/x/y%20z.php?q=1&r=?#f");
        assert_eq!(read.path, b"/x/y z.php");
        assert_eq!(read.basename(), b"y z.php");
        assert_eq!(read.query.as_deref(), Some(b"q=1&r=?#f".as_slice()));
        assert_eq!(read.protocol, "HTTP/1.1");
    }

    #[test]
    fn makes_something_of_lines_that_no_server_takes() {
        assert_eq!(line("GET /").protocol, "HTTP/0.9");
        assert_eq!(line("").method, "");
        assert_eq!(line("GET").target, "");
        assert_eq!(line("GET /a b c HTTP/1.1").target, "/a b c");
        assert_eq!(line("OPTIONS * HTTP/1.1").path, b"*");
        assert_eq!(line("GET /x/ HTTP/1.1").basename(), b"");
        assert_eq!(line("GET /x#f HTTP/1.1").path, b"/x");
        assert_eq!(line("CONNECT a.example:443 HTTP/1.1").uri, "a.example:443");
        assert_eq!(line("GET http://a.example HTTP/1.1").uri, "http://a.example");
    }
}
