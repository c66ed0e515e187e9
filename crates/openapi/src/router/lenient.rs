//! How services read the literals of their paths that are less strict than their descriptions: without regard to case, and
//! without what they take for parameters, formats and padding.

use crate::parameters::decode_path;

/// Whether some service reads a segment of a path as this literal. Both are in normal form.
pub(super) fn reads(segment: &str, literal: &str) -> bool {
    if segment == literal {
        return true;
    }
    let (Some(first), Some(begins)) = (segment.bytes().next(), literal.bytes().next()) else { return false };
    // Whatever is added makes it longer, and most of it stands behind.
    if segment.len() < literal.len() || !(first == b'%' || first.eq_ignore_ascii_case(&begins)) {
        return false;
    }
    let plain = |text: &str| {
        let text = decode_path(text.split(';').next().unwrap_or_default());
        text.trim_matches(|c: char| c.is_whitespace() || c.is_control()).to_lowercase()
    };
    let (read, literal) = (plain(segment), plain(literal));
    // An ending chooses a format, and services know formats that nobody else does.
    let is_format = |ending: &str| ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    read == literal
        || read.rsplit_once('.').is_some_and(|(name, ending)| name == literal && is_format(ending))
}
