//! A reader of HTTP/1.1 that knows one form of everything: what is not exactly that form is a fault, not a guess.

/// A message as it stood on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The first line.
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub framing: Framing,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    None,
    Length,
    Chunked,
    /// To the end of the connection.
    Close,
}

impl Message {
    pub fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        fields.map(|(_, value)| value.as_str()).collect()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).into_iter().next()
    }

    /// A word of the first line.
    pub fn word(&self, at: usize) -> &str {
        self.line.split(' ').nth(at).unwrap_or_default()
    }

    /// `POST /upload length 5 abcde`: method, target, framing, and the body.
    pub fn shape(&self) -> String {
        let framing = match self.framing {
            Framing::None => return format!("{} {} none", self.word(0), self.word(1)),
            Framing::Length => "length",
            Framing::Chunked => "chunked",
            Framing::Close => "close",
        };
        let body = super::corpus::show(&self.body);
        format!("{} {} {framing} {} {body}", self.word(0), self.word(1), self.body.len())
            .trim_end()
            .to_owned()
    }
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Request,
    /// `to_head`: it answers HEAD and so has no body.
    Response {
        to_head: bool,
    },
}

/// Takes one message from the front of the bytes. `None`: it is not there whole yet.
pub fn take(bytes: &mut Vec<u8>, kind: Kind, ended: bool) -> Result<Option<Message>, String> {
    let Some(end) = find(bytes, b"\r\n\r\n") else {
        let lone = bytes.iter().enumerate().any(|(at, byte)| {
            (*byte == b'\n' && (at == 0 || bytes[at - 1] != b'\r'))
                || (*byte == b'\r' && bytes.get(at + 1).is_some_and(|next| *next != b'\n'))
        });
        return if lone { Err("a line end that is not CR LF".to_owned()) } else { Ok(None) };
    };
    let mut message = head(&bytes[..end], kind)?;
    let rest = &bytes[end + 4..];
    let Some((body, length)) = body(rest, &message, ended)? else { return Ok(None) };
    message.body = body;
    bytes.drain(..end + 4 + length);
    Ok(Some(message))
}

fn head(bytes: &[u8], kind: Kind) -> Result<Message, String> {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let mut lines = text.split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    check_line(&line, kind)?;
    let mut headers = Vec::new();
    for field in lines {
        let (name, value) = field.split_once(':').ok_or_else(|| format!("no colon in {field:?}"))?;
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(format!("{name:?} is no field name"));
        }
        if value.chars().any(|one| (one < ' ' && one != '\t') || one == '\x7f') {
            return Err(format!("a control character in {name}"));
        }
        headers.push((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
    }
    let mut message = Message { line, headers, framing: Framing::None, body: Vec::new() };
    message.framing = framing(&message, kind)?;
    if kind == Kind::Request && message.all("host").len() != 1 {
        return Err(format!("{} Host fields", message.all("host").len()));
    }
    Ok(message)
}

fn check_line(line: &str, kind: Kind) -> Result<(), String> {
    let words: Vec<&str> = line.split(' ').collect();
    let fine = match kind {
        Kind::Request => {
            words.len() == 3
                && words[0]
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
                && !words[0].is_empty()
                && (words[1].starts_with('/') || (words[1] == "*" && words[0] == "OPTIONS"))
                && words[1].bytes().all(|byte| byte.is_ascii_graphic())
                && words[2] == "HTTP/1.1"
        }
        Kind::Response { .. } => {
            words[0] == "HTTP/1.1"
                && words.len() >= 3
                && words[1].len() == 3
                && words[1].parse::<u16>().is_ok_and(|status| (100..600).contains(&status))
                && line.bytes().all(|byte| (b' '..0x7f).contains(&byte))
        }
    };
    if fine { Ok(()) } else { Err(format!("the first line is {line:?}")) }
}

fn framing(message: &Message, kind: Kind) -> Result<Framing, String> {
    let (lengths, encodings) = (message.all("content-length"), message.all("transfer-encoding"));
    let digits =
        |text: &str| !text.is_empty() && text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    let stated = match (lengths.as_slice(), encodings.as_slice()) {
        ([], []) => None,
        ([length], []) if digits(length) => Some(Framing::Length),
        ([], ["chunked"]) => Some(Framing::Chunked),
        _ => return Err(format!("lengths {lengths:?} with encodings {encodings:?}")),
    };
    let status = message.word(1);
    Ok(match kind {
        Kind::Request => stated.unwrap_or(Framing::None),
        Kind::Response { to_head: true } => Framing::None,
        Kind::Response { .. } if status.starts_with('1') || matches!(status, "204" | "304") => Framing::None,
        Kind::Response { .. } => stated.unwrap_or(Framing::Close),
    })
}

/// The body, and how many bytes of the wire it took.
fn body(rest: &[u8], message: &Message, ended: bool) -> Result<Option<(Vec<u8>, usize)>, String> {
    match message.framing {
        Framing::None => Ok(Some((Vec::new(), 0))),
        Framing::Length => {
            let length = message.header("content-length").unwrap().parse::<usize>().unwrap();
            Ok(rest.get(..length).map(|body| (body.to_vec(), length)))
        }
        Framing::Close => Ok(ended.then(|| (rest.to_vec(), rest.len()))),
        Framing::Chunked => chunks(rest),
    }
}

fn chunks(rest: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let Some(end) = find(&rest[at..], b"\r\n") else { return Ok(None) };
        let digits = String::from_utf8_lossy(&rest[at..at + end]).into_owned();
        let size = usize::from_str_radix(&digits, 16)
            .ok()
            .filter(|_| digits.len() < 9 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .ok_or_else(|| format!("a chunk's size is {digits:?}"))?;
        at += end + 2;
        let Some(chunk) = rest.get(at..at + size + 2) else { return Ok(None) };
        if !chunk.ends_with(b"\r\n") {
            return Err("a chunk does not end with CR LF".to_owned());
        }
        body.extend(&chunk[..size]);
        at += size + 2;
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
