//! A request in memory as it stood on the wire, for tests and tools. A gateway frames requests by stricter means.

use bytes::Bytes;

use crate::request::{Header, Request};

/// Takes HTTP/1 bytes apart (RFC 9112) and is content with whatever can be told: lines may end in LF alone, a line
/// without a colon is a header without a value. `None` when there is no line.
pub fn read(bytes: &Bytes) -> Option<(Request, Bytes)> {
    let mut at = 0;
    let mut line = None;
    let mut headers = Vec::new();
    while let Some((text, next)) = line_at(bytes, at) {
        at = next;
        match &line {
            None if text.is_empty() => {}
            None => line = Some(text),
            Some(_) if text.is_empty() => break,
            Some(_) => headers.push(field(&text)),
        }
    }
    let request = Request { line: line?, headers, ..Request::default() };
    let body = body(&request, &bytes.slice(at..));
    Some((request, body))
}

/// The line that begins at `at`, without its end, and where the next one begins.
fn line_at(bytes: &Bytes, at: usize) -> Option<(Bytes, usize)> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    let (end, next) = memchr::memchr(b'\n', rest).map_or((rest.len(), rest.len()), |end| (end, end + 1));
    let end = if rest.get(..end).is_some_and(|line| line.ends_with(b"\r")) { end - 1 } else { end };
    Some((bytes.slice(at..at + end), at + next))
}

fn field(line: &Bytes) -> Header {
    let Some(colon) = memchr::memchr(b':', line) else { return Header::new(line.clone(), Bytes::new()) };
    let value = line.slice(colon + 1..);
    let inner = value.trim_ascii();
    let begin = value.len() - value.trim_ascii_start().len();
    Header {
        name: line.slice(..colon),
        value: value.slice(begin.min(value.len() - inner.len())..).slice(..inner.len()),
    }
}

/// RFC 9112 section 6.3: chunks, or as many bytes as Content-Length says, or none.
fn body(request: &Request, rest: &Bytes) -> Bytes {
    if request.header("transfer-encoding").any(|coding| coding.to_ascii_lowercase().ends_with(b"chunked")) {
        return chunks(rest);
    }
    let length = request.header("content-length").next();
    let length = length.and_then(|text| std::str::from_utf8(text).ok()?.parse::<usize>().ok());
    rest.slice(..length.unwrap_or(0).min(rest.len()))
}

/// The data of well-formed chunks, up to the first that is not.
fn chunks(rest: &Bytes) -> Bytes {
    let mut data = Vec::new();
    let mut at = 0;
    while let Some((line, next)) = line_at(rest, at) {
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(digits).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let Some(size) = size.filter(|size| *size > 0) else { break };
        let Some(chunk) = next.checked_add(size).and_then(|end| rest.get(next..end)) else { break };
        data.extend_from_slice(chunk);
        at = line_at(rest, next + size).map_or(rest.len(), |(_, next)| next);
    }
    data.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn seen(text: &'static str) -> (Request, Bytes) {
        read(&Bytes::from_static(text.as_bytes())).unwrap()
    }

    #[test]
    fn reads_lines_headers_and_the_body() {
        let (request, body) =
            seen("\r\nPOST /a b HTTP/1.1\r\nHost:  x \r\nA:\r\nodd\r\nContent-Length: 3\r\n\r\nabcd");
        assert_eq!(request.line, "POST /a b HTTP/1.1");
        let headers: Vec<_> = request.headers.iter().map(|h| (h.name.as_ref(), h.value.as_ref())).collect();
        let text = |text: &'static str| text.as_bytes();
        assert_eq!(
            headers,
            [
                (text("Host"), text("x")),
                (text("A"), text("")),
                (text("odd"), text("")),
                (text("Content-Length"), text("3"))
            ]
        );
        assert_eq!(body, "abc");
    }

    #[test]
    fn reads_chunks() {
        let (_, body) = seen(
            "POST / HTTP/1.1\nTransfer-Encoding: gzip, Chunked\n\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
        );
        assert_eq!(body, "abc0123456789");
        let (_, body) =
            seen("POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n3\r\nabc\r\nffffffffffffffff\r\nx");
        assert_eq!(body, "abc");
    }

    #[test]
    fn without_a_length_there_is_no_body() {
        assert_eq!(seen("POST / HTTP/1.1\r\n\r\nabc").1, "");
        assert_eq!(seen("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\nabc").1, "");
        assert!(read(&Bytes::from_static(b"\r\n\r\n")).is_none());
    }
}
