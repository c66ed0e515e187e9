//! The head of a request on its way to a service, written once as HTTP/1.1 has it and put before each try.

use bytes::{BufMut, BytesMut};
use http::header::{self, HeaderMap};
use http::{HeaderName, HeaderValue, Method, request};

use crate::encode::{self, Framing};
use crate::head;
use crate::tunnel::Handshake;

/// A request line and end-to-end fields. Fields of the framing and of the hop are left out, whoever puts them.
#[derive(Debug, Clone)]
pub struct RequestHead {
    method: Method,
    text: BytesMut,
    /// Where the target ends in the text.
    target_end: usize,
    /// Where the request line ends.
    line_end: usize,
    has_host: bool,
    /// A field whose value is not to be kept by compression.
    secret: Option<HeaderName>,
    handshake: Option<Handshake>,
}

/// A target that would end the line, or begin another word of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the target cannot stand in a request line")]
pub struct TargetFault;

/// A value that would end its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value cannot stand in a header field")]
pub struct ValueFault;

/// A part of a field's line.
#[derive(Debug, Clone, Copy)]
pub enum Piece<'t> {
    /// Stands in the program: names, what parts them from values, ends of lines.
    Written(&'static [u8]),
    /// Comes from elsewhere, and is looked at before it is written.
    Text(&'t [u8]),
}

impl<'t> Piece<'t> {
    fn bytes(self) -> &'t [u8] {
        match self {
            Self::Written(bytes) => bytes,
            Self::Text(text) => text,
        }
    }
}

impl RequestHead {
    /// `target` in pieces that are written one behind the other.
    pub fn new(method: Method, target: &[&str]) -> Result<Self, TargetFault> {
        let mut text = encode::front_for(None);
        text.put_slice(method.as_str().as_bytes());
        text.put_slice(b" ");
        let begin = text.len();
        for piece in target {
            text.put_slice(piece.as_bytes());
        }
        let written = text.get(begin..).unwrap_or_default();
        // Looks at all bytes: that goes by many at a time.
        let odd = |found, byte: &u8| found | (*byte <= b' ') | (*byte == 0x7f) | (*byte == b'#');
        if written.is_empty() || written.iter().fold(false, odd) {
            return Err(TargetFault);
        }
        let target_end = text.len();
        text.put_slice(b" HTTP/1.1\r\n");
        let line_end = text.len();
        Ok(Self { method, text, target_end, line_end, has_host: false, secret: None, handshake: None })
    }

    /// Of a request that is there as one.
    pub(crate) fn of(parts: &request::Parts) -> Result<Self, TargetFault> {
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let mut head = Self::new(parts.method.clone(), &[target])?;
        for (name, value) in &parts.headers {
            head.put(name, value);
        }
        head.handshake = parts.extensions.get::<Handshake>().cloned();
        Ok(head)
    }

    pub fn put(&mut self, name: &HeaderName, value: &HeaderValue) {
        self.has_host |= *name == header::HOST;
        encode::put_field(&mut self.text, name, value.as_bytes());
    }

    /// Like [`Self::put`], of a value that is made from parts and may not be one.
    pub fn put_text(&mut self, name: &HeaderName, text: &[u8]) -> Result<(), ValueFault> {
        if !head::is_value(text) {
            return Err(ValueFault);
        }
        self.has_host |= *name == header::HOST;
        encode::put_field(&mut self.text, name, text);
        Ok(())
    }

    /// Whole lines of end-to-end fields other than `Host`, written at once.
    ///
    /// # Errors
    /// [`ValueFault`] when a text cannot stand in a field, or the last line has no end; nothing is written then.
    pub fn put_lines<const N: usize>(&mut self, pieces: [Piece<'_>; N]) -> Result<(), ValueFault> {
        let is_good = |piece: &Piece<'_>| match piece {
            Piece::Written(_) => true,
            Piece::Text(text) => head::is_value(text),
        };
        let has_end = matches!(pieces.last(), Some(Piece::Written(end)) if end.ends_with(b"\r\n"));
        if !has_end || !pieces.iter().all(is_good) {
            return Err(ValueFault);
        }
        encode::put_all(&mut self.text, pieces.map(Piece::bytes));
        Ok(())
    }

    /// Like [`Self::put_text`], of a credential: HTTP/2 is told not to index it (RFC 7541 section 7.1.3).
    pub fn put_secret(&mut self, name: &HeaderName, text: &[u8]) -> Result<(), ValueFault> {
        self.secret = Some(name.clone());
        self.put_text(name, text)
    }

    /// Offers a switch of protocols.
    pub fn offer(&mut self, handshake: Handshake) {
        self.handshake = Some(handshake);
    }

    pub fn method(&self) -> &Method {
        &self.method
    }

    pub fn target(&self) -> &str {
        let begin = self.method.as_str().len() + 1;
        let target = self.text.get(begin..self.target_end).unwrap_or_default();
        std::str::from_utf8(target).unwrap_or_default()
    }

    /// The fields as a table, for whoever does not write them as they are.
    pub fn fields(&self) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for line in self.text.get(self.line_end..).unwrap_or_default().split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or_default();
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let (name, value) = line.split_at(colon);
            let value = value.strip_prefix(b": ").unwrap_or_default();
            if let (Ok(name), Ok(mut value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
            {
                value.set_sensitive(self.secret.as_ref() == Some(&name));
                fields.append(name, value);
            }
        }
        fields
    }

    pub(super) fn handshake(&self) -> Option<&Handshake> {
        self.handshake.as_ref()
    }

    /// Writes the whole head. `authority` is told where the fields have no `Host`.
    pub(super) fn write(&self, front: &mut BytesMut, authority: &str, framing: Framing) {
        front.put_slice(self.text.get(..self.line_end).unwrap_or_default());
        if !self.has_host {
            front.put_slice(b"host: ");
            front.put_slice(authority.as_bytes());
            front.put_slice(b"\r\n");
        }
        front.put_slice(self.text.get(self.line_end..).unwrap_or_default());
        encode::put_framing(front, framing);
        if self.handshake.is_some() {
            front.put_slice(b"connection: Upgrade\r\nupgrade: websocket\r\n");
        }
        front.put_slice(b"\r\n");
    }
}

impl Drop for RequestHead {
    fn drop(&mut self) {
        encode::give_back(std::mem::take(&mut self.text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_is_more_than_one_word_is_refused() {
        for target in [&["/a b"][..], &["/a", "?b\r\n"], &["/a#b"], &["/\u{7f}"], &["", ""]] {
            assert_eq!(RequestHead::new(Method::GET, target).unwrap_err(), TargetFault, "{target:?}");
        }
        assert_eq!(RequestHead::new(Method::GET, &["/a", "?", "b=%20"]).unwrap().target(), "/a?b=%20");
    }

    #[test]
    fn lines_written_at_once_hold_no_text_that_would_end_them() {
        let mut head = RequestHead::new(Method::GET, &["/"]).unwrap();
        let before = head.text.len();
        for text in ["a\r\nhost: b", "a\nb", "\0", "\u{7f}"] {
            let lines = [Piece::Written(b"x-a: "), Piece::Text(text.as_bytes()), Piece::Written(b"\r\n")];
            assert_eq!(head.put_lines(lines), Err(ValueFault), "{text:?}");
        }
        assert_eq!(head.put_lines([Piece::Written(b"x-a: "), Piece::Text(b"1")]), Err(ValueFault));
        assert_eq!(head.text.len(), before);
        let lines = [Piece::Written(b"x-a: "), Piece::Text(b"1"), Piece::Written(b"\r\nx-b: 2\r\n")];
        head.put_lines(lines).unwrap();
        assert_eq!(head.fields().len(), 2);
    }

    #[test]
    fn what_belongs_to_the_framing_or_the_hop_is_not_written_and_the_rest_is_read_back() {
        let mut head = RequestHead::new(Method::POST, &["/"]).unwrap();
        for name in
            ["content-length", "transfer-encoding", "connection", "expect", "te", "proxy-x", "upgrade"]
        {
            head.put(&HeaderName::from_static(name), &HeaderValue::from_static("1"));
        }
        for (name, value) in [("x-a", "1: 2"), ("x-a", ""), ("x-b", "é")] {
            head.put(&HeaderName::from_static(name), &HeaderValue::from_str(value).unwrap());
        }
        for text in ["a\r\nb", "a\nb", "\0", "\u{7f}"] {
            let put = head.put_text(&HeaderName::from_static("x-c"), text.as_bytes());
            assert_eq!(put, Err(ValueFault), "{text:?}");
        }
        let mut front = BytesMut::new();
        head.write(&mut front, "api", Framing::Length(3));
        let text =
            "POST / HTTP/1.1\r\nhost: api\r\nx-a: 1: 2\r\nx-a: \r\nx-b: é\r\ncontent-length: 3\r\n\r\n";
        assert_eq!(front, text);
        let fields = head.fields();
        let told: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(told, [("x-a", &b"1: 2"[..]), ("x-a", b""), ("x-b", "é".as_bytes())]);
        assert!(!fields.values().any(HeaderValue::is_sensitive));
        head.put_secret(&HeaderName::from_static("x-c"), b"1").unwrap();
        let told: Vec<_> = head.fields().values().map(HeaderValue::is_sensitive).collect();
        assert_eq!(told, [false, false, false, true]);
        head.put(&header::HOST, &HeaderValue::from_static("told"));
        front.clear();
        head.write(&mut front, "api", Framing::None);
        assert!(front.ends_with(b"host: told\r\n\r\n") && !front.ends_with(b"api"));
    }
}
