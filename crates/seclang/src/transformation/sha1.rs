//! `t:sha1`: the digest (FIPS 180-4), as raw bytes. A name for a value in a rule set, no protection of anything.

use sha1::{Digest, Sha1};

use super::Transformation;
use crate::ByteSet;

pub static SHA1: Transformation = Transformation::new("sha1", ByteSet::ALL, |value, out| {
    out.clear();
    out.extend_from_slice(&Sha1::digest(value));
    true
});
