//! From texts to a rule set: directive by directive, then defaults, exclusions, jumps and the fast path.

mod chains;
mod directives;
mod exclusions;
mod finish;
mod link;
mod values;

pub use link::target;

use model::Finding;

use crate::draft::{Actions, Chain};
use crate::faults::Faults;
use crate::files::{Files, Source};
use crate::parse::{self, Text};
use crate::rule_set::RuleSet;
use crate::settings::Settings;
use crate::tx::TxNames;
use exclusions::Change;

/// The most rules of one rule set, chained ones counted.
pub const RULES_MAX: usize = 20_000;

/// Compiles the sources in order, as one text. What is worth a word but no error stands in `RuleSet::notes`.
///
/// # Errors
/// Everything that cannot be compiled, with places: a rule set is whole or not at all.
pub fn compile(sources: &[Source<'_>], files: &dyn Files) -> Result<RuleSet, Vec<Finding>> {
    let mut compiler = Compiler::new(files);
    for source in sources {
        compiler.faults.enter(source.name);
        source.name.clone_into(&mut compiler.source);
        for directive in parse::parse(source.text, &mut compiler.faults) {
            directives::apply(&mut compiler, &directive);
        }
        compiler.end_of_source();
    }
    finish::finish(compiler)
}

/// What has been read so far.
pub(crate) struct Compiler<'a> {
    files: &'a dyn Files,
    source: String,
    faults: Faults,
    names: TxNames,
    settings: Settings,
    chains: Vec<Chain>,
    /// The last rule had `chain`: the next one belongs to it.
    open: bool,
    /// Name, and the number of chains before it.
    markers: Vec<(String, usize)>,
    defaults: [Actions; 5],
    changes: Vec<Change>,
    notes: Vec<Finding>,
    media_types_given: bool,
    rules: usize,
}

impl<'a> Compiler<'a> {
    fn new(files: &'a dyn Files) -> Self {
        Self {
            files,
            source: String::new(),
            faults: Faults::default(),
            names: TxNames::default(),
            settings: Settings::default(),
            chains: Vec::new(),
            open: false,
            markers: Vec::new(),
            defaults: std::array::from_fn(|_| Actions::default()),
            changes: Vec::new(),
            notes: Vec::new(),
            media_types_given: false,
            rules: 0,
        }
    }

    /// A chain does not reach into the next file.
    fn end_of_source(&mut self) {
        self.expect_no_chain("the file ends");
    }

    fn expect_no_chain(&mut self, what: &str) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        if let Some(last) = self.chains.last().and_then(|chain| chain.links.last()) {
            let finding = Finding::error(
                crate::codes::CHAIN,
                format!("a rule with `chain` must be followed by a rule, but {what}"),
            );
            self.faults.push(finding.at(last.place.clone(), "this rule"));
        }
    }

    fn error(&mut self, code: &str, text: &Text, sentence: impl Into<String>) {
        self.faults.error(code, text, 0, sentence);
    }
}

#[cfg(test)]
mod tests;
