//! `t:base64Encode`: base64 with padding (RFC 4648 section 4).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Transformation;
use crate::ByteSet;

pub static BASE64_ENCODE: Transformation = Transformation::new("base64Encode", ByteSet::ALL, |value, out| {
    out.clear();
    out.extend_from_slice(STANDARD.encode(value).as_bytes());
    !value.is_empty()
});
