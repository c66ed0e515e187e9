//! The last steps: exclusions, defaults, which rules an exclusion at run time means, where jumps lead.

use std::collections::HashMap;

use model::Finding;

use super::{Compiler, exclusions};
use crate::codes;
use crate::draft::{Actions, Chain, Draft, Wanted};
use crate::effect::{Ctl, Effect, RuleChoice};
use crate::phase::Phase;
use crate::rule::{Disruptive, Link, Rule, Words};
use crate::rule_bits::RuleBits;
use crate::rule_set::RuleSet;
use crate::tx::TxNames;
use crate::variable::{Selector, Variable};

pub fn finish(mut compiler: Compiler<'_>) -> Result<RuleSet, Vec<Finding>> {
    check_ids(&mut compiler);
    exclusions::apply(&mut compiler);
    choose(&mut compiler.chains);
    members(&mut compiler.chains, &compiler.names);
    let phases = phases(&compiler.chains);
    let jumps = jumps(&mut compiler, &phases);
    if compiler.faults.has_errors() {
        return Err(compiler.faults.into_findings());
    }
    let chains = std::mem::take(&mut compiler.chains);
    let rules = chains.into_iter().zip(jumps).map(|(chain, jump)| rule(chain, jump)).collect();
    Ok(RuleSet::new(rules, phases, compiler.names, compiler.settings, compiler.notes))
}

fn check_ids(compiler: &mut Compiler<'_>) {
    let mut seen = HashMap::new();
    for head in compiler.chains.iter().filter_map(|chain| chain.links.first()) {
        let Some(id) = head.actions.id else { continue };
        if let Some(first) = seen.insert(id, head.place.clone()) {
            let finding = Finding::error(codes::ID, format!("two rules have the id {id}"));
            compiler.faults.push(finding.at(head.place.clone(), "the second").related(first, "the first"));
        }
    }
}

/// Which rules each `ctl` means: any of the whole set, wherever they stand.
fn choose(chains: &mut [Chain]) {
    let mut known: Vec<(RuleChoice, RuleBits)> = Vec::new();
    for chain in chains.iter() {
        for effect in chain.links.iter().flat_map(|link| &link.actions.effects) {
            let Effect::Ctl(Ctl::Remove(choice, _) | Ctl::RemoveTarget(choice, ..)) = effect else {
                continue;
            };
            if known.iter().all(|(known, _)| known != choice) {
                let mut bits = RuleBits::default();
                let concerned = chains.iter().enumerate();
                for (index, _) in concerned.filter(|(_, chain)| exclusions::concerns(choice, chain)) {
                    bits.insert(index);
                }
                known.push((choice.clone(), bits));
            }
        }
    }
    for chain in chains {
        for effect in chain.links.iter_mut().flat_map(|link| &mut link.actions.effects) {
            if let Effect::Ctl(Ctl::Remove(choice, bits) | Ctl::RemoveTarget(choice, bits, _)) = effect
                && let Some((_, found)) = known.iter().find(|(known, _)| known == choice)
            {
                bits.clone_from(found);
            }
        }
    }
}

/// Which of the TX variables that rules mention each pattern takes.
fn members(chains: &mut [Chain], names: &TxNames) {
    let links = chains.iter_mut().flat_map(|chain| &mut chain.links);
    for target in links.flat_map(|link| &mut link.targets) {
        if target.variable == Variable::Tx && matches!(target.selector, Selector::Pattern(_)) {
            target.slots = names.all(|name| target.selector.takes(Some(name)));
        }
    }
}

/// The rules of each phase, in order.
fn phases(chains: &[Chain]) -> [Vec<usize>; 5] {
    let mut phases: [Vec<usize>; 5] = std::array::from_fn(|_| Vec::new());
    for (index, chain) in chains.iter().enumerate() {
        if let Some(rules) = phases.get_mut(phase_of(chain).index()) {
            rules.push(index);
        }
    }
    phases
}

fn phase_of(chain: &Chain) -> Phase {
    chain.links.first().and_then(|head| head.actions.phase).unwrap_or(Phase::RequestBody)
}

/// For each rule with skipAfter, the position in its phase at which a match goes on.
fn jumps(compiler: &mut Compiler<'_>, phases: &[Vec<usize>; 5]) -> Vec<Option<usize>> {
    let chains = &compiler.chains;
    let mut jumps = Vec::new();
    let mut faults = Vec::new();
    for (index, chain) in chains.iter().enumerate() {
        let Some(label) = chain.links.first().and_then(|head| head.actions.skip_after.as_ref()) else {
            jumps.push(None);
            continue;
        };
        let name = label.as_str();
        let marker = compiler.markers.iter().find(|(marker, order)| marker == name && *order > chain.order);
        let by_id = || {
            let id = name.parse::<u64>().ok()?;
            let later = chains.iter().skip(index + 1);
            let mut heads =
                later.filter(|chain| chain.links.first().is_some_and(|h| h.actions.id == Some(id)));
            heads.next().map(|chain| chain.order + 1)
        };
        let Some(order) = marker.map(|(_, order)| *order).or_else(by_id) else {
            let place = chain.links.first().map(|head| head.place.clone());
            faults.push((name.to_owned(), place));
            jumps.push(None);
            continue;
        };
        let rules = phases.get(phase_of(chain).index()).map_or(&[][..], Vec::as_slice);
        let position = rules.partition_point(|rule| chains.get(*rule).is_some_and(|c| c.order < order));
        jumps.push(Some(position));
    }
    for (name, place) in faults {
        let mut finding = Finding::error(codes::MARKER, format!("no marker `{name}` follows"));
        finding.place = place;
        compiler.faults.push(finding);
    }
    jumps
}

fn rule(chain: Chain, skip_to: Option<usize>) -> Rule {
    let phase = phase_of(&chain);
    let Chain { links, defaults, .. } = chain;
    let place = links.first().map_or_else(|| model::Place::file(""), |head| head.place.clone());
    let head = links.first().map(|head| head.actions.clone()).unwrap_or_default();
    let (disruptive, status) = disruptive(&head, &defaults);
    let links: Vec<Link> =
        links.into_iter().enumerate().map(|(index, draft)| link(draft, index, &defaults)).collect();
    let log = head.log.or(defaults.log).unwrap_or(true);
    let asks = |link: &Link| link.effects.iter().any(Effect::asks_what_matched);
    Rule {
        id: head.id.unwrap_or(0),
        place,
        phase,
        log,
        remembers: log
            || links.len() > 1
            || links.iter().any(asks)
            || matches!(disruptive, Disruptive::Redirect(_)),
        skip: head.skip.unwrap_or(0),
        skip_to,
        disruptive,
        status,
        words: Words {
            message: head.message.unwrap_or_default(),
            data: head.data.unwrap_or_default(),
            tags: head.tags,
            severity: head.severity,
            version: head.version,
            revision: head.revision,
            maturity: head.maturity,
            accuracy: head.accuracy,
        },
        links,
    }
}

/// `block` and silence mean what SecDefaultAction says; without one, that is `pass`.
fn disruptive(actions: &Actions, defaults: &Actions) -> (Disruptive, u16) {
    let wanted = match &actions.disruptive {
        None | Some(Wanted::Block) => defaults.disruptive.clone().unwrap_or(Wanted::Pass),
        Some(wanted) => wanted.clone(),
    };
    let (disruptive, status) = match wanted {
        Wanted::Block | Wanted::Pass => (Disruptive::Pass, 403),
        Wanted::Deny => (Disruptive::Deny, 403),
        Wanted::Drop => (Disruptive::Drop, 403),
        Wanted::Redirect(location) => (Disruptive::Redirect(location), 302),
        Wanted::Allow(allow) => (Disruptive::Allow(allow), 403),
    };
    (disruptive, actions.status.or(defaults.status).unwrap_or(status))
}

fn link(draft: Draft, index: usize, defaults: &Actions) -> Link {
    let Draft { targets, exclusions, question, actions, .. } = draft;
    let mut transformations =
        if actions.without_defaults { Vec::new() } else { defaults.transformations.clone() };
    transformations.extend(&actions.transformations);
    Link {
        targets,
        exclusions,
        question,
        transformations,
        multi_match: actions.multi_match,
        capture: actions.capture,
        effects: actions.effects,
        message: actions.message.filter(|_| index > 0),
        data: actions.data.filter(|_| index > 0),
    }
}
