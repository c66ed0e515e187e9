//! One line of the journal: an entry with its length and checksum, in JSON that ordinary tools read.

use aws_lc_rs::digest::{SHA256, digest};

use super::entry::Entry;

/// Hexadecimal digits of the checksum: the first of the entry's SHA-256.
const SUM_DIGITS: usize = 16;
const OPENS: &[u8] = b"{\"sum\":\"";
const BYTES: &[u8] = b"\",\"bytes\":";
const ENTRY: &[u8] = b",\"entry\":";
const CLOSES: &[u8] = b"}";

/// `{"sum":"0123456789abcdef","bytes":42,"entry":{...}}` and a line feed.
pub(super) fn write(entry: &Entry, into: &mut Vec<u8>) -> serde_json::Result<()> {
    let json = serde_json::to_vec(entry)?;
    into.extend_from_slice(OPENS);
    into.extend_from_slice(sum(&json).as_bytes());
    into.extend_from_slice(BYTES);
    into.extend_from_slice(json.len().to_string().as_bytes());
    into.extend_from_slice(ENTRY);
    into.extend_from_slice(&json);
    into.extend_from_slice(CLOSES);
    into.push(b'\n');
    Ok(())
}

/// The entry of a line without its line feed, or what is wrong with it.
pub(super) fn read(line: &[u8]) -> Result<Entry, &'static str> {
    let shape = "it is no line of a journal";
    let rest = line.strip_prefix(OPENS).ok_or(shape)?;
    let (said, rest) = rest.split_at_checked(SUM_DIGITS).ok_or(shape)?;
    let rest = rest.strip_prefix(BYTES).ok_or(shape)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (length, rest) = rest.split_at_checked(digits).ok_or(shape)?;
    let length = std::str::from_utf8(length).ok().and_then(|text| text.parse::<usize>().ok()).ok_or(shape)?;
    let json = rest.strip_prefix(ENTRY).and_then(|rest| rest.strip_suffix(CLOSES)).ok_or(shape)?;
    if json.len() != length {
        return Err("its length is not what it says");
    }
    if sum(json).as_bytes() != said {
        return Err("its checksum does not fit");
    }
    serde_json::from_slice(json).map_err(|_| "it says something that this version does not know")
}

fn sum(json: &[u8]) -> String {
    let sum = digest(&SHA256, json);
    sum.as_ref().iter().take(SUM_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
}
