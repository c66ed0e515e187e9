//! The bytes of a test's request, with the headers that the runner adds.

/// A request as a test describes it.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) method: String,
    pub(super) uri: String,
    pub(super) version: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) data: Vec<u8>,
    /// `autocomplete_headers`.
    pub(super) complete: bool,
}

const FORM: &str = "application/x-www-form-urlencoded";

impl Described {
    pub(super) fn bytes(mut self) -> Vec<u8> {
        if self.complete && !self.data.is_empty() {
            if self.values("content-type").next().is_none() {
                self.add("Content-Type", FORM);
            }
            if self.values("content-type").any(|value| value.eq_ignore_ascii_case(FORM)) {
                self.data = escaped(&self.data);
            }
        }
        if self.values("content-type").any(|value| value.to_lowercase().contains("multipart/form-data;")) {
            self.data = with_carriage_returns(&self.data);
        }
        if self.complete {
            if self.values("connection").next().is_none() {
                self.add("Connection", "close");
            }
            let has_body = !self.data.is_empty()
                || self.method.starts_with("POST")
                || self.method.contains("PUT")
                || self.method.contains("PATCH")
                || self.method.ends_with("DELETE");
            if has_body && self.values("content-length").next().is_none() {
                self.add("Content-Length", &self.data.len().to_string());
            }
        }
        let mut bytes = format!("{} {} {}\r\n", self.method, self.uri, self.version).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.data);
        bytes
    }

    fn values(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let named = self.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    fn add(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }
}

fn with_carriage_returns(data: &[u8]) -> Vec<u8> {
    data.iter()
        .flat_map(|byte| if *byte == b'\n' { b"\r\n" } else { std::slice::from_ref(byte) })
        .copied()
        .collect()
}

/// A form whose text has no escapes is escaped, name by name and value by value; any other is left as it is.
fn escaped(data: &[u8]) -> Vec<u8> {
    if data.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return data.to_vec();
    }
    let mut out = Vec::with_capacity(data.len());
    // A separator at the end makes no pair.
    let pairs = data.strip_suffix(b"&").unwrap_or(data);
    for (at, pair) in pairs.split(|byte| *byte == b'&').enumerate() {
        if at > 0 {
            out.push(b'&');
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        escape(halves.next().unwrap_or_default(), &mut out);
        if let Some(value) = halves.next() {
            out.push(b'=');
            escape(value, &mut out);
        }
    }
    out
}

fn escape(text: &[u8], out: &mut Vec<u8>) {
    for byte in text {
        match byte {
            b' ' => out.push(b'+'),
            b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            _ if byte.is_ascii_alphanumeric() => out.push(*byte),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
}
