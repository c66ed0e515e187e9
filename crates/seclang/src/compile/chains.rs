//! Rules, chains, markers and defaults, in the order in which they stand.

use super::directives::argument;
use super::{Compiler, RULES_MAX, link};
use crate::action;
use crate::codes;
use crate::draft::{Actions, Chain, Draft, Wanted};
use crate::parse::{self, Directive, Text};
use crate::phase::Phase;

pub fn sec_rule(compiler: &mut Compiler<'_>, directive: &Directive) {
    let actions = read_actions(compiler, &argument(directive, 2));
    let mut draft = Draft {
        place: compiler.faults.place(&directive.name, 0),
        targets: Vec::new(),
        exclusions: Vec::new(),
        question: None,
        actions,
    };
    let text = argument(directive, 0);
    match parse::targets::targets(&text) {
        Ok(written) => link::targets(
            &written,
            &mut draft.targets,
            &mut draft.exclusions,
            &mut compiler.names,
            &mut compiler.faults,
        ),
        Err((offset, sentence)) => compiler.faults.error(codes::VARIABLE, &text, offset, sentence),
    }
    let written = parse::operator::operator(&argument(directive, 1));
    match link::question(&written, &compiler.source, compiler.files, &mut compiler.names) {
        Ok(question) => draft.question = Some(question),
        Err((text, fault)) => compiler.faults.fault(&text, fault),
    }
    add(compiler, draft, &directive.name);
}

pub fn sec_action(compiler: &mut Compiler<'_>, directive: &Directive) {
    let actions = read_actions(compiler, &argument(directive, 0));
    let place = compiler.faults.place(&directive.name, 0);
    let draft = Draft { place, targets: Vec::new(), exclusions: Vec::new(), question: None, actions };
    add(compiler, draft, &directive.name);
}

pub fn sec_marker(compiler: &mut Compiler<'_>, directive: &Directive) {
    let name = argument(directive, 0).as_str().to_owned();
    compiler.markers.push((name, compiler.chains.len()));
}

pub fn sec_default_action(compiler: &mut Compiler<'_>, directive: &Directive) {
    let text = argument(directive, 0);
    let actions = read_actions(compiler, &text);
    let Some(phase) = actions.phase else {
        compiler.error(codes::ACTION, &text, "SecDefaultAction needs a phase");
        return;
    };
    if actions.disruptive.is_none() || actions.disruptive == Some(Wanted::Block) {
        compiler.error(codes::ACTION, &text, "SecDefaultAction needs a disruptive action other than block");
        return;
    }
    if actions.id.is_some() || actions.chain || actions.skip_after.is_some() {
        compiler.error(codes::ACTION, &text, "SecDefaultAction cannot have id, chain or skipAfter");
        return;
    }
    if let Some(defaults) = compiler.defaults.get_mut(phase.index()) {
        *defaults = actions;
    }
}

pub fn read_actions(compiler: &mut Compiler<'_>, text: &Text) -> Actions {
    let mut actions = Actions::default();
    match parse::actions::actions(text) {
        Ok(written) => action::apply(&written, &mut actions, &mut compiler.names, &mut compiler.faults),
        Err((offset, sentence)) => compiler.faults.error(codes::SYNTAX, text, offset, sentence),
    }
    actions
}

fn add(compiler: &mut Compiler<'_>, draft: Draft, name: &Text) {
    compiler.rules += 1;
    if compiler.rules > RULES_MAX {
        if compiler.rules == RULES_MAX + 1 {
            compiler.error(codes::TOO_MANY, name, format!("there are more than {RULES_MAX} rules"));
        }
        return;
    }
    let goes_on = draft.actions.chain;
    if std::mem::replace(&mut compiler.open, goes_on) {
        let actions = &draft.actions;
        if actions.id.is_some() || actions.phase.is_some() || actions.skip_after.is_some() {
            let sentence = "a chained rule has no id, phase or skipAfter of its own";
            compiler.error(codes::CHAIN, name, sentence);
        }
        if actions.disruptive.as_ref().is_some_and(|wanted| *wanted != Wanted::Pass) {
            compiler.error(codes::CHAIN, name, "only the head of a chain has a disruptive action");
        }
        if let Some(chain) = compiler.chains.last_mut() {
            chain.links.push(draft);
        }
        return;
    }
    if draft.actions.id.is_none() {
        compiler.error(codes::ID, name, "the rule has no id");
    }
    let phase = draft.actions.phase.unwrap_or(Phase::RequestBody);
    let defaults = compiler.defaults.get(phase.index()).cloned().unwrap_or_default();
    let order = compiler.chains.len();
    compiler.chains.push(Chain { links: vec![draft], defaults, order });
}
