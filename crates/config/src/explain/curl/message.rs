//! Headers and body as curl would send them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, REFERER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::explain::Carried;

/// RFC 3986 section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const IN_FILE: &str = "a part of it is in a file, which is not read";

/// What was said so far.
#[derive(Default)]
pub(super) struct Message {
    headers: HeaderMap,
    /// Named without a value: curl leaves its own out.
    without: Vec<HeaderName>,
    body: Option<String>,
    json: bool,
    elsewhere: Option<&'static str>,
}

impl Message {
    /// Takes an option that says something of headers or body. The error is a sentence without values.
    pub(super) fn take(&mut self, option: &str, value: &str) -> Result<(), String> {
        match option {
            "-H" | "--header" => self.header(value)?,
            "-A" | "--user-agent" => self.set(USER_AGENT, value)?,
            "-e" | "--referer" => self.set(REFERER, value)?,
            "-b" | "--cookie" if value.contains('=') => self.set(COOKIE, value)?,
            "-b" | "--cookie" | "-T" | "--upload-file" => self.elsewhere = Some(IN_FILE),
            "-F" | "--form" => self.elsewhere = Some("a form of several parts is not put together here"),
            "-u" | "--user" => self.set(AUTHORIZATION, &format!("Basic {}", STANDARD.encode(value)))?,
            "--oauth2-bearer" => self.set(AUTHORIZATION, &format!("Bearer {value}"))?,
            "-d" | "--data" | "--data-binary" | "--json" if value.starts_with('@') => {
                self.elsewhere = Some(IN_FILE);
            }
            "--json" => {
                self.json = true;
                self.body.get_or_insert_default().push_str(value);
            }
            "--data-urlencode" => match encoded(value) {
                Some(text) => self.data(&text),
                None => self.elsewhere = Some(IN_FILE),
            },
            "-d" | "--data" | "--data-raw" | "--data-binary" => self.data(value),
            _ => {}
        }
        Ok(())
    }

    fn data(&mut self, text: &str) {
        let body = self.body.get_or_insert_default();
        if !body.is_empty() {
            body.push('&');
        }
        body.push_str(text);
    }

    /// `-G` sends the data in the query.
    pub(super) fn take_query(&mut self) -> Option<String> {
        self.body.take()
    }

    fn header(&mut self, text: &str) -> Result<(), String> {
        if text.starts_with('@') {
            self.elsewhere = Some(IN_FILE);
            return Ok(());
        }
        let (name, value) = text
            .split_once(':')
            .or_else(|| text.strip_suffix(';').map(|name| (name, ";")))
            .ok_or("a header of the curl command has no colon")?;
        let name = HeaderName::from_bytes(name.trim().as_bytes())
            .map_err(|_| "a header of the curl command has a name that is none")?;
        match value.trim() {
            "" => self.without.push(name),
            _ if name == http::header::HOST => {}
            ";" if !text.contains(':') => drop(self.headers.append(name, HeaderValue::from_static(""))),
            value => drop(self.headers.append(name, self::value(value)?)),
        }
        Ok(())
    }

    fn set(&mut self, name: HeaderName, text: &str) -> Result<(), String> {
        self.headers.insert(name, value(text)?);
        Ok(())
    }

    pub(super) fn carried(mut self) -> Carried {
        if let Some(why) = self.elsewhere {
            return Carried::Elsewhere(why);
        }
        let form = (self.body.is_some() && !self.json).then_some("application/x-www-form-urlencoded");
        let json = self.json.then_some("application/json");
        for (name, value) in
            [(CONTENT_TYPE, json.or(form)), (ACCEPT, Some(json.unwrap_or("*/*"))), (USER_AGENT, Some("curl"))]
        {
            if let Some(value) = value.filter(|_| !self.without.contains(&name)) {
                self.headers.entry(name).or_insert(HeaderValue::from_static(value));
            }
        }
        Carried::Said { headers: self.headers, body: self.body.map(Bytes::from) }
    }
}

fn value(text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| "a header of the curl command has a value that cannot be sent".to_owned())
}

/// `content`, `=content`, `name=content`; with `@` it is in a file.
fn encoded(text: &str) -> Option<String> {
    let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    match text.find(['=', '@']).map(|at| (text.split_at(at), text.as_bytes().get(at).copied())) {
        None => Some(encode(text)),
        Some((_, Some(b'@'))) => None,
        Some((("", content), _)) => Some(encode(content.trim_start_matches('='))),
        Some(((name, content), _)) => {
            Some(format!("{name}={}", encode(content.get(1..).unwrap_or_default())))
        }
    }
}
