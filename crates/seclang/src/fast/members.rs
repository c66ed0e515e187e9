//! Rules on members that most requests do not have.
//!
//! Rules on one header field, on files, on parts: where there is no such member, they are left out together, by the names
//! of all members at a glance.

use super::names::NameBits;
use super::prepare::{SourceId, name_of, source};
use super::{Fast, Source};
use crate::rule::Link;
use crate::rule_bits::RuleBits;
use crate::rule_set::PhaseRules;
use crate::variable::{Shape, Variable};

/// Rules that match only where there are members of such names.
#[derive(Debug)]
pub struct Members {
    /// Any of these.
    pub of: Vec<(SourceId, NameBits)>,
    /// Where the rules stand in the phase.
    pub positions: RuleBits,
}

/// The rules of a phase that ask for members and for nothing else.
pub fn members(rules: &PhaseRules<'_>, fast: &mut Fast) -> Vec<Members> {
    let mut known: Vec<Members> = Vec::new();
    for (position, (_, rule)) in rules.each().enumerate() {
        let Some(of) = rule.links.first().and_then(|head| asked_for(head, &mut fast.sources)) else {
            continue;
        };
        let place = known.iter().position(|known| known.of == of).unwrap_or_else(|| {
            known.push(Members { of, positions: RuleBits::default() });
            known.len() - 1
        });
        if let Some(members) = known.get_mut(place) {
            members.positions.insert(position);
        }
    }
    known
}

/// What has to be there for a link to match; `None` when it is not members alone.
fn asked_for(link: &Link, sources: &mut Vec<Source>) -> Option<Vec<(SourceId, NameBits)>> {
    let question = link.question.as_ref()?;
    if link.targets.is_empty() || !link.targets.iter().all(|target| may_lack(target.variable)) {
        return None;
    }
    // Of a number of members, none is a number too.
    let needs_one = link.targets.iter().all(|target| !target.counted)
        || link.transformations.is_empty()
            && question
                .operator
                .comparison()
                .is_some_and(|comparison| comparison.holds(0) == question.negated);
    if !needs_one {
        return None;
    }
    let of = link.targets.iter().map(|target| {
        let names = name_of(target).map_or(NameBits::ALL, |name| NameBits::of(&name));
        Some((source(target, sources)?, names))
    });
    of.collect()
}

/// Whether a request may lack all members of a variable, or of a name, and the input tells. Not arguments: those that were
/// proven are counted, and not looked at.
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
