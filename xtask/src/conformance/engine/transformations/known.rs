//! What we do otherwise than the library, and why.

use seclang::transformation::find;

/// One difference that is meant.
struct Known {
    transformation: &'static str,
    reason: &'static str,
    /// Whether value, ours and theirs differ in just this way.
    is: fn(value: &[u8], ours: &[u8], theirs: &[u8]) -> bool,
}

const KNOWN: &[Known] = &[
    Known {
        transformation: "base64DecodeExt",
        reason: "the library takes a last `9` that begins a group for a `=`, and so empties the value",
        is: |value, _, theirs| theirs.is_empty() && value.ends_with(b"9"),
    },
    Known {
        transformation: "cssDecode",
        reason: "the library cuts the result at its first NUL byte, behind which anything could hide",
        is: |_, ours, theirs| theirs == to_nul(ours),
    },
    Known {
        transformation: "normalizePathWin",
        reason: "the library leaves the last of several slashes as the backslash that it was, where it is documented to become a slash",
        is: |value, _, _| {
            value.windows(3).any(|three| matches!(three, [b'/' | b'\\' | b'.', b'/' | b'\\', b'\\']))
        },
    },
    Known {
        transformation: "sqlHexDecode",
        reason: "the library copies the byte after a string of digits unseen, and so does not decode a string that follows at once",
        is: |value, _, _| {
            value.windows(5).any(|five| match five {
                [before, b'0', b'x' | b'X', digits @ ..] => {
                    before.is_ascii_hexdigit() && digits.iter().all(u8::is_ascii_hexdigit)
                }
                _ => false,
            })
        },
    },
    Known {
        transformation: "sqlHexDecode",
        reason: "the library leaves out a last byte that is no digit, and what follows a NUL byte",
        is: |value, _, theirs| {
            let but_last = value.get(..value.len().saturating_sub(1)).unwrap_or_default();
            [value, but_last].iter().any(|value| theirs == to_nul(&run("sqlHexDecode", to_nul(value))))
        },
    },
];

/// Why a transformation of `value` may differ so; `None` when it may not.
pub fn reason(name: &str, value: &[u8], ours: &[u8], theirs: &[u8]) -> Option<&'static str> {
    let is = |known: &&Known| known.transformation == name && (known.is)(value, ours, theirs);
    KNOWN.iter().find(is).map(|known| known.reason)
}

fn run(name: &str, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let changed = find(name).is_some_and(|known| known.run(value, None, &mut out));
    if changed { out } else { value.to_vec() }
}

fn to_nul(value: &[u8]) -> &[u8] {
    value.split(|byte| *byte == 0).next().unwrap_or_default()
}
