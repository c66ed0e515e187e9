//! `@pmFromFile FILE`: as `@pm`, with one word a line, spaces and all; lines whose first mark is `#` are comments.

use super::pm::Words;
use super::{Argument, Operator};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    let file = argument.read_named_file()?;
    let lines = file.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    Words::of(lines.filter(|line| !line.trim_ascii_start().starts_with(b"#")))
}
