//! Something noteworthy about a document or an API: one shape for every tool that finds.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Owasp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Note,
    Warning,
    /// What was asked for cannot be done as written.
    Error,
}

/// Where in a document. Lines and columns count from 1, columns and lengths in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub file: Arc<str>,
    pub line: u32,
    pub column: u32,
    pub length: u32,
}

impl Place {
    /// A place that names a file as a whole.
    pub fn file(name: impl Into<Arc<str>>) -> Self {
        Self { file: name.into(), line: 1, column: 1, length: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One kind of finding. The code never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explained {
    pub code: &'static str,
    pub title: &'static str,
    /// What it means, why it matters, how to mend it.
    pub text: &'static str,
}

/// A further place with its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub place: Place,
    pub text: String,
}

/// A finding: stable code, place, sentence, advice. Never contains a secret or a request's values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// `B` and four digits; the catalogue is in the reference.
    pub code: String,
    pub severity: Severity,
    /// One sentence, lower case, without a full stop.
    pub sentence: String,
    /// `None` when the finding concerns no one place.
    pub place: Option<Place>,
    /// What stands under the marked text in the picture.
    pub label: String,
    pub related: Vec<Label>,
    /// What to do about it.
    pub advice: Option<String>,
    pub owasp: Option<Owasp>,
}

impl Finding {
    pub fn new(code: &str, severity: Severity, sentence: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            severity,
            sentence: sentence.into(),
            place: None,
            label: String::new(),
            related: Vec::new(),
            advice: None,
            owasp: None,
        }
    }

    pub fn error(code: &str, sentence: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, sentence)
    }

    pub fn warning(code: &str, sentence: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, sentence)
    }

    pub fn note(code: &str, sentence: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, sentence)
    }

    pub fn at(mut self, place: Place, label: impl Into<String>) -> Self {
        self.place = Some(place);
        self.label = label.into();
        self
    }

    pub fn related(mut self, place: Place, text: impl Into<String>) -> Self {
        self.related.push(Label { place, text: text.into() });
        self
    }

    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    pub fn owasp(mut self, owasp: Owasp) -> Self {
        self.owasp = Some(owasp);
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
