//! What is done to a value before an operator sees it: the list of all transformations.
//!
//! Each does what ModSecurity 3 does, byte for byte, save where its file says otherwise.

mod base64_decode;
mod base64_decode_ext;
mod base64_encode;
mod cmd_line;
mod compress_whitespace;
mod css_decode;
mod escape_seq_decode;
mod hex_decode;
mod hex_digits;
mod hex_encode;
mod html_entity_decode;
mod js_decode;
mod length;
mod lowercase;
mod md5;
mod none;
mod normalize_path;
mod normalize_path_win;
mod parity_even_7bit;
mod parity_odd_7bit;
mod parity_zero_7bit;
mod remove_comments;
mod remove_comments_char;
mod remove_nulls;
mod remove_whitespace;
mod replace_comments;
mod replace_nulls;
mod sha1;
mod sql_hex_decode;
mod trim;
mod trim_left;
mod trim_right;
mod uppercase;
mod url_decode;
mod url_decode_uni;
mod url_encode;
mod utf8_to_unicode;
mod white_space;

#[cfg(test)]
mod tests;

use crate::{ByteSet, UnicodeMap};

type Apply = fn(value: &[u8], out: &mut Vec<u8>) -> bool;
type ApplyMapped = fn(value: &[u8], map: &UnicodeMap, out: &mut Vec<u8>) -> bool;

/// One transformation (`t:NAME`). Owned by one file of `transformation/`.
#[derive(Debug, Clone, Copy)]
pub struct Transformation {
    /// As ModSecurity writes it; found without regard to case.
    pub name: &'static str,
    /// A value without any of these bytes is left as it is. `ByteSet::ALL`: it always has to be run, also on an empty
    /// value.
    pub touches: ByteSet,
    /// Writes the new value to `out` (which it clears first). `false`: unchanged, and `out` means nothing.
    pub apply: Apply,
    /// The same with the table of `SecUnicodeMapFile`, for a transformation that reads it.
    pub apply_mapped: Option<ApplyMapped>,
}

impl Transformation {
    const fn new(name: &'static str, touches: ByteSet, apply: Apply) -> Self {
        Self { name, touches, apply, apply_mapped: None }
    }

    /// The fewest bytes that can become so many.
    pub fn least_for(&self, bytes: usize) -> usize {
        match self.name {
            // Four become three.
            "base64Decode" | "base64DecodeExt" => bytes.saturating_mul(4).div_ceil(3),
            name if NEVER_LONGER.contains(&name) => bytes,
            _ => 0,
        }
    }

    /// As `apply`, with the rule set's table of code points when it has one.
    pub fn run(&self, value: &[u8], map: Option<&UnicodeMap>, out: &mut Vec<u8>) -> bool {
        match (self.apply_mapped, map) {
            (Some(apply), Some(map)) => apply(value, map, out),
            _ => (self.apply)(value, out),
        }
    }
}

/// Every transformation.
pub static TRANSFORMATIONS: &[&Transformation] = &[
    &base64_decode::BASE64_DECODE,
    &base64_decode_ext::BASE64_DECODE_EXT,
    &base64_encode::BASE64_ENCODE,
    &cmd_line::CMD_LINE,
    &compress_whitespace::COMPRESS_WHITESPACE,
    &css_decode::CSS_DECODE,
    &escape_seq_decode::ESCAPE_SEQ_DECODE,
    &hex_decode::HEX_DECODE,
    &hex_encode::HEX_ENCODE,
    &html_entity_decode::HTML_ENTITY_DECODE,
    &js_decode::JS_DECODE,
    &length::LENGTH,
    &lowercase::LOWERCASE,
    &md5::MD5,
    &none::NONE,
    &normalize_path::NORMALIZE_PATH,
    &normalize_path_win::NORMALIZE_PATH_WIN,
    &parity_even_7bit::PARITY_EVEN_7BIT,
    &parity_odd_7bit::PARITY_ODD_7BIT,
    &parity_zero_7bit::PARITY_ZERO_7BIT,
    &remove_comments::REMOVE_COMMENTS,
    &remove_comments_char::REMOVE_COMMENTS_CHAR,
    &remove_nulls::REMOVE_NULLS,
    &remove_whitespace::REMOVE_WHITESPACE,
    &replace_comments::REPLACE_COMMENTS,
    &replace_nulls::REPLACE_NULLS,
    &sha1::SHA1,
    &sql_hex_decode::SQL_HEX_DECODE,
    &trim::TRIM,
    &trim_left::TRIM_LEFT,
    &trim_right::TRIM_RIGHT,
    &uppercase::UPPERCASE,
    &url_decode::URL_DECODE,
    &url_decode_uni::URL_DECODE_UNI,
    &url_encode::URL_ENCODE,
    &utf8_to_unicode::UTF8_TO_UNICODE,
];

/// Transformations that never lengthen a value.
const NEVER_LONGER: &[&str] = &[
    "cmdLine",
    "compressWhitespace",
    "cssDecode",
    "escapeSeqDecode",
    "hexDecode",
    "htmlEntityDecode",
    "jsDecode",
    "lowercase",
    "none",
    "normalizePath",
    "normalizePathWin",
    "parityEven7bit",
    "parityOdd7bit",
    "parityZero7bit",
    "removeComments",
    "removeCommentsChar",
    "removeNulls",
    "removeWhitespace",
    "replaceComments",
    "replaceNulls",
    "sqlHexDecode",
    "trim",
    "trimLeft",
    "trimRight",
    "uppercase",
    "urlDecode",
    "urlDecodeUni",
];

/// Names that ModSecurity also takes, and the names in the table that they mean.
const ALIASES: &[(&str, &str)] =
    &[("normalisePath", "normalizePath"), ("normalisePathWin", "normalizePathWin")];

pub fn find(name: &str) -> Option<&'static Transformation> {
    let alias = ALIASES.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    let name = alias.map_or(name, |(_, meant)| meant);
    TRANSFORMATIONS.iter().copied().find(|known| known.name.eq_ignore_ascii_case(name))
}

/// Replaces what `out` holds by each byte of `value` as `map` has it; `true` when that changed anything.
fn each_byte(value: &[u8], out: &mut Vec<u8>, map: fn(u8) -> u8) -> bool {
    out.clear();
    out.extend(value.iter().map(|byte| map(*byte)));
    out != value
}

/// Replaces what `out` holds by the bytes of `value` that `keep` wants; `true` when that changed anything.
fn only_bytes(value: &[u8], out: &mut Vec<u8>, keep: fn(u8) -> bool) -> bool {
    out.clear();
    out.extend(value.iter().copied().filter(|byte| keep(*byte)));
    out.len() != value.len()
}
