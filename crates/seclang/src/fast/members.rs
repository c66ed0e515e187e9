//! Rules on members that most requests do not have.
//!
//! A rule on one header field, on files, on parts: where there is no such member, which the names of all members tell
//! at a glance, it is not visited.

use super::names::NameBits;
use super::prepare::{SourceId, name_of, source};
use super::{Fast, Source};
use crate::rule::Link;
use crate::rule_set::PhaseRules;
use crate::variable::{Shape, Variable};

/// A rule that matches only where there are such members of one source.
#[derive(Debug)]
pub struct Asking {
    /// Where the rule stands in the phase.
    pub position: u32,
    pub source: SourceId,
    pub names: NameBits,
}

/// The rules of a phase that ask for members of one source and for nothing else.
pub fn asking(rules: &PhaseRules<'_>, fast: &mut Fast) -> Vec<Asking> {
    let mut asking = Vec::new();
    for (position, (_, rule)) in (0..).zip(rules.each()) {
        if let Some((source, names)) = rule.links.first().and_then(|head| asked_for(head, &mut fast.sources))
        {
            asking.push(Asking { position, source, names });
        }
    }
    asking
}

/// What has to be there for a link to match; `None` when it is not members of one source alone.
fn asked_for(link: &Link, sources: &mut Vec<Source>) -> Option<(SourceId, NameBits)> {
    let question = link.question.as_ref()?;
    let [first, others @ ..] = link.targets.as_slice() else { return None };
    let is_same = others.iter().all(|target| target.variable == first.variable);
    // Of a number of members, none is a number too.
    let needs_one = link.targets.iter().all(|target| !target.counted)
        || link.transformations.is_empty()
            && question
                .operator
                .comparison()
                .is_some_and(|comparison| comparison.holds(0) == question.negated);
    if !is_same || !needs_one || !may_lack(first.variable) {
        return None;
    }
    let named = |target| name_of(target).map_or(NameBits::ALL, |name| NameBits::of(&name));
    let names = link.targets.iter().map(named).fold(NameBits::NONE, NameBits::or);
    Some((source(first, sources)?, names))
}

/// Whether a request may lack all members of a variable, or of a name, and the input tells. Not arguments: those that
/// were proven are counted, and not looked at.
fn may_lack(variable: Variable) -> bool {
    let is_argument = matches!(
        variable,
        Variable::Args
            | Variable::ArgsGet
            | Variable::ArgsGetNames
            | Variable::ArgsNames
            | Variable::ArgsPost
            | Variable::ArgsPostNames
    );
    variable.shape() == Shape::Collection && !variable.is_kept() && !is_argument && variable != Variable::Xml
}
