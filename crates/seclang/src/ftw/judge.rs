//! Whether what happened is what a test expects.

use regex::Regex;

/// What a test expects of one request.
#[derive(Debug, Default)]
pub struct Expected {
    pub status: Option<u16>,
    /// The connection ends without an answer.
    pub error: bool,
    /// Rules that the log names, all of them.
    pub ids: Vec<u64>,
    /// Rules that it must not name.
    pub no_ids: Vec<u64>,
    /// What a line of the log says.
    pub line: Option<Regex>,
    /// What no line says.
    pub no_line: Option<Regex>,
}

/// What happened.
#[derive(Debug, Default)]
pub struct Seen {
    /// `None` when there was no answer.
    pub status: Option<u16>,
    /// The rules that were told.
    pub ids: Vec<u64>,
    /// The log.
    pub lines: Vec<String>,
}

impl Expected {
    /// Why what was seen is not what was expected; `None` when it is.
    pub fn unmet(&self, seen: &Seen) -> Option<String> {
        if self.error {
            let answered =
                seen.status.map(|status| format!("an error was expected, and {status} was answered"));
            return answered;
        }
        if let Some(expected) = self.status
            && seen.status != Some(expected)
        {
            let status = seen.status.map_or("nothing".to_owned(), |status| status.to_string());
            return Some(format!("{status} was answered, and not {expected}"));
        }
        let missing: Vec<_> = self.ids.iter().filter(|id| !seen.ids.contains(id)).collect();
        if !missing.is_empty() {
            return Some(format!("did not match: {missing:?}; matched: {:?}", seen.ids));
        }
        let unwanted: Vec<_> = self.no_ids.iter().filter(|id| seen.ids.contains(id)).collect();
        if !unwanted.is_empty() {
            return Some(format!("matched: {unwanted:?}"));
        }
        let said = |pattern: &Regex| seen.lines.iter().any(|line| pattern.is_match(line));
        if let Some(pattern) = self.line.as_ref().filter(|pattern| !said(pattern)) {
            return Some(format!("no line says `{pattern}`"));
        }
        let pattern = self.no_line.as_ref().filter(|pattern| said(pattern));
        pattern.map(|pattern| format!("a line says `{pattern}`"))
    }
}
