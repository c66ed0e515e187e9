//! `@rx REGEX`: the regular expression matches somewhere in the value; byte by byte, `.` takes line ends, `^` and `$`
//! stand at every line, as in ModSecurity.

use std::sync::{Mutex, PoisonError};

use regex::bytes::{Regex, RegexBuilder};

use super::pattern::translate;
use super::required::Required;
use super::simple::Simple;
use super::{Argument, Captures, Literals, Operator};
use crate::ByteSet;

/// Bytes that one compiled expression may take.
pub const COMPILED_BYTES_MAX: usize = 64 << 20;
/// The same of an expression that is put together while a request is judged.
pub const EXPANDED_BYTES_MAX: usize = 1 << 20;

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    if argument.has_macros {
        return Ok(Box::new(Expanded { last: Mutex::default() }));
    }
    let pattern = compile(argument.text)?;
    let translated = translate(argument.text)?;
    let (required, simple) = (Required::of(&translated), Simple::of(&translated));
    Ok(Box::new(Rx { pattern, required, simple }))
}

/// # Errors
/// A sentence: the expression is not one, or asks for what takes more than linear time.
pub(super) fn compile(pattern: &[u8]) -> Result<Regex, String> {
    compile_within(pattern, COMPILED_BYTES_MAX)
}

fn compile_within(pattern: &[u8], bytes_max: usize) -> Result<Regex, String> {
    RegexBuilder::new(&translate(pattern)?)
        .unicode(false)
        .dot_matches_new_line(true)
        .multi_line(true)
        .size_limit(bytes_max)
        .build()
        .map_err(|fault| match fault {
            regex::Error::CompiledTooBig(bytes) => {
                format!("the expression takes more than {bytes} bytes compiled")
            }
            other => {
                other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
            }
        })
}

struct Rx {
    pattern: Regex,
    required: Required,
    simple: Option<Simple>,
}

impl Operator for Rx {
    fn matches(&self, value: &[u8], _: Option<&[u8]>, captures: &mut Captures) -> bool {
        let Some(simple) = self.simple else { return find(&self.pattern, value, captures) };
        let found = simple.find(value);
        if let Some((start, end)) = found {
            captures.set(0, start, end);
        }
        found.is_some()
    }

    fn literals(&self) -> Option<Literals> {
        self.required.literals()
    }

    fn needs(&self) -> ByteSet {
        self.required.needs()
    }

    fn needs_each(&self) -> &[ByteSet] {
        self.required.needs_each()
    }
}

/// An expression with macros. The last one is kept, since it mostly stays the same.
struct Expanded {
    last: Mutex<Option<(Vec<u8>, Option<Regex>)>>,
}

impl Operator for Expanded {
    /// A text that is no expression once its macros are expanded matches: nothing shows that it would not.
    fn matches(&self, value: &[u8], argument: Option<&[u8]>, captures: &mut Captures) -> bool {
        let text = argument.unwrap_or_default();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_none_or(|(known, _)| known != text) {
            *last = Some((text.to_vec(), compile_within(text, EXPANDED_BYTES_MAX).ok()));
        }
        let pattern = last.as_ref().and_then(|(_, pattern)| pattern.clone());
        drop(last);
        pattern.is_none_or(|pattern| find(&pattern, value, captures))
    }
}

/// Groups are looked for only when there is a match: most values match nothing.
fn find(pattern: &Regex, value: &[u8], captures: &mut Captures) -> bool {
    if captures.unwanted {
        return pattern.is_match(value);
    }
    if pattern.captures_len() == 1 {
        let found = pattern.find(value);
        if let Some(found) = &found {
            captures.set(0, found.start(), found.end());
        }
        return found.is_some();
    }
    if !pattern.is_match(value) {
        return false;
    }
    if let Some(found) = pattern.captures(value) {
        for (group, range) in found.iter().enumerate() {
            if let Some(range) = range {
                captures.set(group, range.start(), range.end());
            }
        }
    }
    true
}
