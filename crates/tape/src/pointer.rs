//! JSON Pointer (RFC 6901).

use std::borrow::Cow;

use crate::node::{Kind, Node};

impl<'t> Node<'t> {
    /// The value at a JSON Pointer from here; `""` is this value. None for a malformed pointer too.
    pub fn pointer(self, pointer: &str) -> Option<Node<'t>> {
        if pointer.is_empty() {
            return Some(self);
        }
        let mut node = self;
        for token in pointer.strip_prefix('/')?.split('/') {
            node = match node.kind() {
                Kind::Object => node.get(&unescape(token)?)?,
                Kind::Array => node.index(index(token)?)?,
                _ => return None,
            };
        }
        Some(node)
    }
}

fn unescape(token: &str) -> Option<Cow<'_, str>> {
    if !token.contains('~') {
        return Some(Cow::Borrowed(token));
    }
    let mut parts = token.split('~');
    let mut text = parts.next()?.to_owned();
    for part in parts {
        match part.as_bytes().first()? {
            b'0' => text.push('~'),
            b'1' => text.push('/'),
            _ => return None,
        }
        text.push_str(part.get(1..)?);
    }
    Some(Cow::Owned(text))
}

/// RFC 6901 section 4: digits without a leading zero.
fn index(token: &str) -> Option<usize> {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (token.len() > 1 && token.starts_with('0')) {
        return None;
    }
    token.parse().ok()
}
