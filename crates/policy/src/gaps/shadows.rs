//! What is written and does nothing: paths that another takes, rules that another makes pointless, sources that are never
//! asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Finding, Owasp};

use super::{BoundOperation, Search};
use crate::bindings::{Evidence, shown};
use crate::codes;

pub(super) fn search(search: &mut Search<'_>) {
    literals(search);
    rules(search);
    for bound in search.bound.clone() {
        sources(search, bound);
    }
}

/// `/orders/export` beside `/orders/{id}`: the literal one is meant, and nothing is asked about an object.
fn literals(search: &mut Search<'_>) {
    for literal in search.open() {
        let Some(template) = search.open().into_iter().find(|other| {
            other.operation.method == literal.operation.method
                && !other.binding.objects.is_empty()
                && is_within(&literal.operation.template, &other.operation.template)
        }) else {
            continue;
        };
        if !literal.binding.objects.is_empty() {
            continue;
        }
        let sentence = format!(
            "{} is called by a path that `{}` would match too",
            shown(&literal.operation.id),
            shown(&template.operation.template)
        );
        let finding = Finding::note(codes::SHADOWED, sentence)
            .at(literal.binding.place.clone(), "no object is asked about here")
            .related(template.binding.place.clone(), "an object of this name is never reached");
        search.findings.push(finding);
    }
}

/// Whether a path of fewer parameters is one that the template matches.
fn is_within(path: &str, template: &str) -> bool {
    let (a, b): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
    path != template
        && a.len() == b.len()
        && a.iter().zip(&b).all(|(a, b)| a == b || (b.starts_with('{') && !a.starts_with('{')))
}

/// A rule that lists nothing beyond what everybody has.
fn rules(search: &mut Search<'_>) {
    let bindings = search.bindings;
    for (kind, properties) in &bindings.properties {
        for (way, rules) in [("write", &properties.write), ("read", &properties.read)] {
            let Some(rules) = rules else { continue };
            let Some(default) = rules.get("default") else { continue };
            let all: BTreeSet<&Arc<str>> = default.iter().collect();
            let every = all.iter().any(|name| &***name == "*");
            for (rule, names) in rules.iter().filter(|(rule, _)| &***rule != "default") {
                let more = names.iter().any(|name| !all.contains(name)) && !every;
                if more {
                    continue;
                }
                let sentence =
                    format!("the rule `{}` of {} adds nothing to `default`", shown(rule), shown(kind));
                let place = search.at(&format!("/properties/{kind}/{way}/{rule}"));
                search.warn(codes::SHADOWED, sentence, place, "everybody has this already", Owasp::Api3);
            }
        }
    }
}

fn sources(search: &mut Search<'_>, bound: BoundOperation<'_>) {
    let at = format!("/operations/{}", bound.name);
    let binding = bound.binding;
    let id = shown(&bound.operation.id);
    let said = !binding.objects.is_empty() || binding.evidence.is_some() || binding.list.is_some();
    if binding.deny && said {
        let place = binding.place.clone();
        search.warn(
            codes::SHADOWED,
            format!("{id} is denied, and more is said of it"),
            place,
            "never asked",
            Owasp::Api5,
        );
        return;
    }
    let Some(evidence) = &binding.evidence else { return };
    let place = search.at(&format!("{at}/evidence"));
    if binding.objects.is_empty() && !evidence.is_empty() {
        search.warn(
            codes::SHADOWED,
            format!("{id} names evidence and no object that it is about"),
            place,
            "never asked",
            Owasp::Api1,
        );
        return;
    }
    if !binding.objects.is_empty() && binding.objects.iter().all(|object| object.evidence.is_some()) {
        let sentence = format!("every object of {id} names its own evidence");
        search.warn(codes::SHADOWED, sentence, place, "never asked", Owasp::Api1);
    }
    let mut seen = BTreeSet::new();
    for (index, source) in evidence.iter().enumerate() {
        let plain = !matches!(source, Evidence::Claim(_) | Evidence::List { .. } | Evidence::Related { .. });
        if plain && !seen.insert(source.name()) {
            let place = search.at(&format!("{at}/evidence/{index}"));
            search.warn(
                codes::SHADOWED,
                format!("{id} names `{}` twice", source.name()),
                place,
                "asked before",
                Owasp::Api1,
            );
        }
    }
}
