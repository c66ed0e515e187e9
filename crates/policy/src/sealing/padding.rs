//! Ids as plaintexts of few lengths, so that a sealed id says nothing of how long or how large the id is.

/// Plaintext bytes of the classes. With the key's number and the tag each is a multiple of three, so that base64 has no
/// bits to spare and every id exactly one text.
const CLASSES: [usize; 5] = [25, 73, 169, 265, 553];

/// Bytes of an id that fits the largest class.
pub(super) const ID_BYTES_MAX: usize = 512;
/// Characters of the longest text, less the prefix.
pub(super) const TEXT_BYTES_MAX: usize = (1 + 553 + super::TAG_BYTES) / 3 * 4;

/// What follows the first byte.
const NUMBER: u8 = 1;
const UUID: u8 = 2;
const TEXT: u8 = 3;

/// The id with what kind it is of, filled up with zeros; `None` when it is empty or too long.
pub(super) fn pad(id: &str) -> Option<Vec<u8>> {
    if id.is_empty() || id.len() > ID_BYTES_MAX {
        return None;
    }
    let mut bytes = match (number(id), uuid(id)) {
        (Some(number), _) => joined(NUMBER, &number.to_be_bytes()),
        (None, Some(uuid)) => joined(UUID, &uuid.to_be_bytes()),
        (None, None) => {
            let length = u16::try_from(id.len()).ok()?;
            let mut bytes = joined(TEXT, &length.to_be_bytes());
            bytes.extend_from_slice(id.as_bytes());
            bytes
        }
    };
    let class = CLASSES.into_iter().find(|class| *class >= bytes.len())?;
    bytes.resize(class, 0);
    Some(bytes)
}

/// The id again.
pub(super) fn unpad(bytes: &[u8]) -> Option<String> {
    let (kind, rest) = bytes.split_first()?;
    match *kind {
        NUMBER => Some(u128::from_be_bytes(rest.get(..16)?.try_into().ok()?).to_string()),
        UUID => {
            let hex = format!("{:032x}", u128::from_be_bytes(rest.get(..16)?.try_into().ok()?));
            let parts = [hex.get(..8)?, hex.get(8..12)?, hex.get(12..16)?, hex.get(16..20)?, hex.get(20..)?];
            Some(parts.join("-"))
        }
        TEXT => {
            let length = usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
            String::from_utf8(rest.get(2..2 + length)?.to_vec()).ok()
        }
        _ => None,
    }
}

fn joined(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut all = vec![kind];
    all.extend_from_slice(bytes);
    all
}

/// A whole number in the one way in which it is written without zeros in front.
fn number(id: &str) -> Option<u128> {
    let is_plain = id.bytes().all(|byte| byte.is_ascii_digit()) && (id == "0" || !id.starts_with('0'));
    is_plain.then(|| id.parse().ok()).flatten()
}

/// A UUID in lower case (RFC 9562 section 4); others stay texts, so that they open as they were written.
fn uuid(id: &str) -> Option<u128> {
    let groups: Vec<&str> = id.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_lower = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    if lengths != [8, 4, 4, 4, 12] || !groups.iter().all(|group| group.bytes().all(is_lower)) {
        return None;
    }
    u128::from_str_radix(&groups.concat(), 16).ok()
}
