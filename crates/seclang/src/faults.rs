//! Collects what is wrong with rules, with places.

use std::sync::Arc;

use model::{Finding, Place};

use crate::action::Fault;
use crate::parse::Text;

/// Findings of one compilation; knows which source is being read.
#[derive(Debug, Default)]
pub struct Faults {
    file: Option<Arc<str>>,
    found: Vec<Finding>,
}

impl Faults {
    pub fn enter(&mut self, file: &str) {
        self.file = Some(Arc::from(file));
    }

    /// The place of the byte at `offset` of `text`; `length` in characters.
    pub fn place(&self, text: &Text, offset: usize) -> Place {
        let (line, column) = text.position(offset);
        let length =
            text.as_str().get(offset..).unwrap_or_default().chars().take_while(|c| *c != '\n').count();
        let file = self.file.clone().unwrap_or_else(|| Arc::from(""));
        Place { file, line, column, length: u32::try_from(length.min(80)).unwrap_or(80) }
    }

    pub fn error(&mut self, code: &str, text: &Text, offset: usize, sentence: impl Into<String>) {
        let place = self.place(text, offset);
        self.found.push(Finding::error(code, sentence).at(place, "here"));
    }

    /// An error with the nearest known name as advice, when there is one.
    pub fn unknown<'a>(&mut self, code: &str, text: &Text, what: &str, known: impl Iterator<Item = &'a str>) {
        let place = self.place(text, 0);
        let name = text.as_str();
        let mut finding = Finding::error(code, format!("there is no {what} `{name}`")).at(place, "not known");
        if let Some(near) = nearest(name, known) {
            finding = finding.advice(format!("did you mean `{near}`?"));
        }
        self.found.push(finding);
    }

    pub fn fault(&mut self, text: &Text, fault: Fault) {
        let place = self.place(text, 0);
        let mut finding = Finding::error(fault.code, fault.sentence).at(place, "here");
        finding.advice = fault.advice;
        self.found.push(finding);
    }

    pub fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    pub fn count(&self) -> usize {
        self.found.len()
    }

    pub fn has_errors(&self) -> bool {
        self.found.iter().any(Finding::is_error)
    }

    pub fn into_findings(self) -> Vec<Finding> {
        self.found
    }
}

/// The known name that differs least, if it differs by little.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_ascii_lowercase();
    known
        .map(|candidate| (strsim::damerau_levenshtein(&candidate.to_ascii_lowercase(), &wanted), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
