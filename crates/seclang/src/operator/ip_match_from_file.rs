//! `@ipMatchFromFile FILE`: as `@ipMatch`, with one network a line; `#` begins a comment.

use super::ip_match::IpMatch;
use super::{Argument, Operator};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    let file = argument.read_named_file()?;
    let lines = file.split(|byte| *byte == b'\n');
    IpMatch::of(lines.map(|line| line.split(|byte| *byte == b'#').next().unwrap_or_default()))
}
