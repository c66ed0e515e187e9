//! Directives that change rules which stand elsewhere: they are kept, and applied when every rule has been read.

use model::{Finding, Place};

use super::chains::read_actions;
use super::directives::argument;
use super::{Compiler, link};
use crate::action;
use crate::codes;
use crate::draft::{Actions, Chain};
use crate::effect::RuleChoice;
use crate::parse::targets::{WrittenTarget, targets};
use crate::parse::{Directive, Text};
use crate::rule::Target;

/// One directive that changes rules.
pub struct Change {
    choice: RuleChoice,
    /// Of a chain, which link: `ID:2`.
    link: Option<usize>,
    place: Place,
    what: What,
}

enum What {
    Remove,
    Targets {
        added: Vec<WrittenTarget>,
        /// What the added ones stand for.
        instead: Vec<WrittenTarget>,
    },
    Actions(Box<Actions>),
}

pub fn remove_by_id(compiler: &mut Compiler<'_>, directive: &Directive) {
    let all = directive.arguments.iter().map(Text::as_str).collect::<Vec<_>>().join(" ");
    match action::ids(&all) {
        Ok(choice) => keep(compiler, directive, choice, None, What::Remove),
        Err(sentence) => compiler.error(codes::VALUE, &argument(directive, 0), sentence),
    }
}

pub fn remove_by_tag(compiler: &mut Compiler<'_>, directive: &Directive) {
    let choice = RuleChoice::Tag(argument(directive, 0).as_str().to_owned());
    keep(compiler, directive, choice, None, What::Remove);
}

pub fn remove_by_message(compiler: &mut Compiler<'_>, directive: &Directive) {
    let choice = RuleChoice::Message(argument(directive, 0).as_str().to_owned());
    keep(compiler, directive, choice, None, What::Remove);
}

pub fn update_actions(compiler: &mut Compiler<'_>, directive: &Directive) {
    let Some((choice, link)) = ids_and_link(compiler, directive) else { return };
    let text = argument(directive, 1);
    let actions = read_actions(compiler, &text);
    if actions.id.is_some() || actions.phase.is_some() || actions.chain {
        compiler.error(codes::ACTION, &text, "id, phase and chain of a rule cannot be changed");
        return;
    }
    keep(compiler, directive, choice, link, What::Actions(Box::new(actions)));
}

pub fn update_target_by_id(compiler: &mut Compiler<'_>, directive: &Directive) {
    let Some((choice, link)) = ids_and_link(compiler, directive) else { return };
    update_target(compiler, directive, choice, link);
}

pub fn update_target_by_tag(compiler: &mut Compiler<'_>, directive: &Directive) {
    let choice = RuleChoice::Tag(argument(directive, 0).as_str().to_owned());
    update_target(compiler, directive, choice, None);
}

pub fn update_target_by_message(compiler: &mut Compiler<'_>, directive: &Directive) {
    let choice = RuleChoice::Message(argument(directive, 0).as_str().to_owned());
    update_target(compiler, directive, choice, None);
}

/// `ID`, `LOW-HIGH` or `ID:LINK`.
fn ids_and_link(compiler: &mut Compiler<'_>, directive: &Directive) -> Option<(RuleChoice, Option<usize>)> {
    let text = argument(directive, 0);
    let (ids, link) = match text.as_str().split_once(':') {
        Some((ids, link)) => (ids, link.parse().ok()),
        None => (text.as_str(), Some(0)),
    };
    let read = action::ids(ids).and_then(|choice| match link {
        Some(link) => Ok((choice, Some(link).filter(|link| *link > 0))),
        None => Err("the number of a chained rule was expected after `:`".to_owned()),
    });
    match read {
        Ok(read) => Some(read),
        Err(sentence) => {
            compiler.error(codes::VALUE, &text, sentence);
            None
        }
    }
}

fn update_target(
    compiler: &mut Compiler<'_>,
    directive: &Directive,
    choice: RuleChoice,
    link: Option<usize>,
) {
    let mut lists = Vec::new();
    for text in directive.arguments.iter().skip(1) {
        match targets(text) {
            Ok(list) => lists.push(list),
            Err((offset, sentence)) => compiler.faults.error(codes::VARIABLE, text, offset, sentence),
        }
    }
    let mut lists = lists.into_iter();
    let (added, instead) = (lists.next().unwrap_or_default(), lists.next().unwrap_or_default());
    // Read once for its faults, so that each is told once and not once a rule.
    let before = compiler.faults.count();
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for list in [&added, &instead] {
        link::targets(list, &mut found, &mut left_out, &mut compiler.names, &mut compiler.faults);
    }
    if compiler.faults.count() == before {
        keep(compiler, directive, choice, link, What::Targets { added, instead });
    }
}

fn keep(
    compiler: &mut Compiler<'_>,
    directive: &Directive,
    choice: RuleChoice,
    link: Option<usize>,
    what: What,
) {
    let place = compiler.faults.place(&argument(directive, 0), 0);
    compiler.changes.push(Change { choice, link, place, what });
}

/// Applies every change, in order. One that concerns no rule is noted: it stands in many files that serve several
/// versions of a rule set, but it may also be a misspelt id.
pub fn apply(compiler: &mut Compiler<'_>) {
    for change in std::mem::take(&mut compiler.changes) {
        let concerned: Vec<usize> = (0..compiler.chains.len())
            .filter(|index| compiler.chains.get(*index).is_some_and(|chain| concerns(&change.choice, chain)))
            .collect();
        if concerned.is_empty() {
            let note = Finding::warning(codes::TARGET, "no rule is concerned by this directive");
            compiler.notes.push(note.at(change.place.clone(), "names no rule"));
        }
        if matches!(change.what, What::Remove) {
            compiler.chains.retain(|chain| !concerns(&change.choice, chain));
            continue;
        }
        for index in concerned {
            apply_to(compiler, index, &change);
        }
    }
}

fn apply_to(compiler: &mut Compiler<'_>, index: usize, change: &Change) {
    let Some(chain) = compiler.chains.get_mut(index) else { return };
    let Some(draft) = chain.links.get_mut(change.link.unwrap_or(0)) else {
        let finding = Finding::error(codes::TARGET, "the chain is shorter than that");
        compiler.faults.push(finding.at(change.place.clone(), "names no rule of the chain"));
        return;
    };
    match &change.what {
        What::Remove => {}
        What::Actions(actions) => draft.actions.overlay(actions),
        What::Targets { added, instead } => {
            let replaced: Vec<Target> = instead.iter().filter_map(|one| link::target(one).ok()).collect();
            let shown =
                |target: &Target| format!("{:?}", (target.variable, &target.selector, target.counted));
            draft.targets.retain(|target| !replaced.iter().any(|other| shown(other) == shown(target)));
            link::targets(
                added,
                &mut draft.targets,
                &mut draft.exclusions,
                &mut compiler.names,
                &mut compiler.faults,
            );
        }
    }
}

/// Whether an exclusion names this rule.
pub fn concerns(choice: &RuleChoice, chain: &Chain) -> bool {
    let Some(head) = chain.links.first() else { return false };
    choice.takes(head.actions.id, &head.actions.tags, head.actions.message_text.as_bytes())
}
