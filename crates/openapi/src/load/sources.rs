//! The files of a description: read once each, parsed by their content, and followed by reference.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use model::{Finding, Place};
use tape::Limits;

use super::Files;
use crate::document::{Arena, Mark, Names, NodeId, Seen, file_path, resolve, survey};
use crate::{Dialect, codes};

/// Files of one description, overlays included.
const FILES_MAX: usize = 1_000;
/// Values of one file, aliases of YAML expanded; GitHub's description has a quarter of a million.
const VALUES_MAX: u32 = 4_000_000;
/// Bytes of all files of one description.
const BYTES_MAX: usize = 256 << 20;

pub(super) struct Sources<'f> {
    files: &'f dyn Files,
    pub(super) arena: Arena,
    pub(super) findings: Vec<Finding>,
    /// Why files that a `$ref` names are not there, by path.
    pub(super) faults: HashMap<String, String>,
    bytes: usize,
}

impl<'f> Sources<'f> {
    pub(super) fn new(files: &'f dyn Files) -> Self {
        Self { files, arena: Arena::default(), findings: Vec::new(), faults: HashMap::new(), bytes: 0 }
    }

    /// Reads and parses a file. `asked_by` is the place of the `$ref`, if one asked.
    pub(super) fn file(&mut self, name: &str, asked_by: Option<Place>) -> Option<NodeId> {
        if let Some(known) = self.arena.file_named(name) {
            return self.arena.root_of(known);
        }
        let place = asked_by.unwrap_or_else(|| Place::file(name));
        let text = match self.read(name) {
            Ok(text) => text,
            Err((code, why)) => {
                let finding = Finding::error(code, format!("`{name}` cannot be read: {why}"));
                self.findings.push(finding.at(place, "needed here"));
                self.faults.insert(name.to_owned(), why);
                return None;
            }
        };
        let file = self.arena.add_file(Arc::from(name), text.clone())?;
        match parse(text) {
            Ok(tape) => Some(self.arena.graft(file, &tape)),
            Err(fault) => {
                let place = self.arena.place_of(file, fault.offset..fault.offset.saturating_add(1));
                let sentence = format!("`{name}` cannot be parsed: {}", fault.kind);
                self.findings.push(Finding::error(codes::SYNTAX, sentence).at(place, "noticed here"));
                self.faults.insert(name.to_owned(), fault.kind.to_string());
                None
            }
        }
    }

    fn read(&mut self, name: &str) -> Result<Bytes, (&'static str, String)> {
        if self.arena.files().len() >= FILES_MAX {
            return Err((codes::TOO_LARGE, format!("a description has at most {FILES_MAX} files")));
        }
        let text = self.files.read(name).map_err(|why| (codes::UNREADABLE, why))?;
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > BYTES_MAX {
            return Err((codes::TOO_LARGE, format!("a description has at most {} MiB", BYTES_MAX >> 20)));
        }
        Ok(text)
    }

    /// Reads every file that a relative `$ref` reaches, from the entry on.
    pub(super) fn read_references(&mut self, entry: NodeId, dialect: Dialect) {
        let mut seen = Seen::default();
        let mut open = vec![entry];
        while let Some(start) = open.pop() {
            let mut references = Vec::new();
            survey(&self.arena, start, &mut seen, |mark| {
                if let Mark::Reference { holder, value } = mark {
                    references.push((holder, value));
                }
            });
            for (holder, value) in references {
                open.extend(self.reach(holder, value, dialect));
            }
        }
    }

    /// The value a reference names, to be surveyed next, and its file, which is read if need be: all of the file is
    /// surveyed, and what is named even where it stands in a part that a survey leaves alone.
    fn reach(&mut self, holder: NodeId, value: NodeId, dialect: Dialect) -> Vec<NodeId> {
        let reference = self.arena.str(value).unwrap_or_default().to_owned();
        let uri = reference.split('#').next().unwrap_or_default();
        let mut reached = Vec::new();
        if let Some(path) = file_path(&self.arena, holder, uri).ok().filter(|_| !uri.is_empty())
            && self.arena.file_named(&path).is_none()
            && !self.faults.contains_key(&path)
        {
            // With `$id` or `$self` in play, the reference may name a document that is already here.
            let names = if dialect.has_json_schema() { Names::read(&self.arena) } else { Names::default() };
            if let Ok(known) = resolve(&self.arena, &names, holder, &reference) {
                return vec![known];
            }
            let place = self.arena.place(self.arena.span(value));
            reached.extend(self.file(&path, Some(place)));
        }
        // What is not found yet may be an anchor: those are read when every file is here.
        reached.extend(resolve(&self.arena, &Names::default(), holder, &reference));
        reached
    }
}

/// JSON where the first byte that is not blank is `{`, else YAML.
fn parse(text: Bytes) -> Result<tape::Tape, tape::Fault> {
    let limits = Limits { values_max: VALUES_MAX, ..Limits::document() };
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => tape::json::parse(text, &limits),
        _ => tape::yaml::parse(text, &limits),
    }
}
