//! `t:md5`: the digest (RFC 1321), as raw bytes. A name for a value in a rule set, no protection of anything.

use md5::{Digest, Md5};

use super::Transformation;
use crate::ByteSet;

pub static MD5: Transformation = Transformation::new("md5", ByteSet::ALL, |value, out| {
    out.clear();
    out.extend_from_slice(&Md5::digest(value));
    true
});
