//! The boundary that a Content-Type names.

use super::Flags;

/// RFC 2046 allows 70; clients that send a little more are understood by servers.
const BOUNDARY_BYTES_MAX: usize = 128;

/// What stands between the parts, without the hyphens in front.
#[derive(Debug)]
pub(super) struct Boundary {
    pub(super) text: Vec<u8>,
}

/// The parameter `boundary` of a media type (RFC 9110 section 8.3.1).
pub(super) fn find(content_type: &[u8], flags: &mut Flags) -> Result<Boundary, &'static str> {
    let mut found = None;
    for parameter in super::disposition::parameters(content_type).skip(1) {
        let Some(at) = memchr::memchr(b'=', parameter) else { continue };
        let (name, value) =
            (parameter.get(..at).unwrap_or_default(), parameter.get(at + 1..).unwrap_or_default());
        if !name.trim_ascii().eq_ignore_ascii_case(b"boundary") {
            continue;
        }
        if found.is_some() {
            return Err("Multipart: Content-Type names more than one boundary");
        }
        flags.boundary_whitespace |= name.ends_with(b" ") || value != value.trim_ascii_start();
        found = Some(value.trim_ascii());
    }
    let value = found.ok_or("Multipart: Content-Type names no boundary")?;
    let text = match value {
        [b'"', inner @ .., b'"'] => {
            flags.boundary_quoted = true;
            inner
        }
        _ if value.contains(&b'"') => return Err("Multipart: the boundary is not quoted well"),
        _ => value,
    };
    if text.is_empty() || text.len() > BOUNDARY_BYTES_MAX || !text.iter().all(|byte| is_allowed(*byte)) {
        return Err("Multipart: the boundary is not valid");
    }
    flags.boundary_whitespace |= text.contains(&b' ');
    Ok(Boundary { text: text.to_vec() })
}

/// `bchars` of RFC 2046.
fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte)
}
