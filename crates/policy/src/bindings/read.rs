//! Reads a bindings file: its text, its keys, and what several keys say together.

use bytes::Bytes;
use model::{Finding, Place};

use super::build::{self, Block};
use super::places::Locator;
use super::reader::Reader;
use super::{Bindings, From, codes, keys};

/// Reads a bindings file, JSON by its name and YAML otherwise. All findings at once. What it gives beside an error is
/// for finding further faults only, never to be served.
pub fn read(name: &str, text: Bytes) -> (Option<Bindings>, Vec<Finding>) {
    let locator = Locator::new(name, text.clone());
    let limits = tape::Limits::default();
    let is_json =
        name.len() >= 5 && name.get(name.len() - 5..).is_some_and(|end| end.eq_ignore_ascii_case(".json"));
    let parsed = if is_json { tape::json::parse(text, &limits) } else { tape::yaml::parse(text, &limits) };
    let tape = match parsed {
        Ok(tape) => tape,
        Err(fault) => {
            let sentence = format!("the bindings file cannot be parsed: {fault}");
            let finding =
                Finding::error(codes::UNREADABLE, sentence).at(locator.point(fault.offset), "noticed here");
            return (None, vec![finding]);
        }
    };
    let mut reader = Reader { locator: &locator, places: super::Places::default(), findings: Vec::new() };
    reader.section(tape.root(), &keys::ROOT, "");
    let Reader { places, mut findings, .. } = reader;
    if tape.root().kind() != tape::Kind::Object {
        return (None, findings);
    }
    let bindings = build::bindings(&Block::root(tape.root()), places, Place::file(name));
    together(&bindings, &tape, &mut findings);
    findings.sort_by(|a, b| (&a.place, &a.code).cmp(&(&b.place, &b.code)));
    (Some(bindings), findings)
}

/// What the table cannot say.
fn together(bindings: &Bindings, tape: &tape::Tape, findings: &mut Vec<Finding>) {
    let place = |pointer: &str| bindings.places.at(pointer).unwrap_or(&bindings.place).clone();
    for (name, resource) in &bindings.resources {
        let node = tape.root().get("resources").and_then(|types| types.get(name));
        if bindings.tenants == super::Tenants::Claim && node.is_some_and(|node| node.get("tenant").is_none())
        {
            findings.push(
                Finding::error(codes::MISSING, format!("nothing says where the tenant of {} is known from", super::shown(name)))
                    .at(resource.place.clone(), "`tenant` is missing here")
                    .advice("`tenant: { property: $.tenant_id }`, `{ from: producer }`, or for the whole file `tenants: single`"),
            );
        }
        let made_by_list =
            [&resource.owner, &resource.tenant].into_iter().any(|from| *from == From::Producer);
        if made_by_list && resource.producers.is_empty() {
            findings.push(
                Finding::error(
                    codes::COMBINATION,
                    format!("{} is known from producers and has none", super::shown(name)),
                )
                .at(resource.place.clone(), "`producers` is missing or empty"),
            );
        }
        for (index, producer) in
            node.and_then(|node| node.get("producers")).into_iter().flat_map(tape::Node::items).enumerate()
        {
            let at = format!("/resources/{name}/producers/{index}/page");
            page(producer.get("page"), &place(&at), findings);
        }
    }
    operations_together(bindings, tape, findings);
    for (name, rules) in &bindings.properties {
        if !bindings.resources.contains_key(name)
            && rules.read.is_none()
            && rules.write.is_none()
            && rules.scopes.is_empty()
        {
            findings.push(
                Finding::error(codes::MISSING, format!("the rules of {} say nothing", super::shown(name)))
                    .at(place(&format!("/properties/{name}")), "`read` or `write` belongs here"),
            );
        }
    }
}

fn operations_together(bindings: &Bindings, tape: &tape::Tape, findings: &mut Vec<Finding>) {
    let place = |pointer: &str| bindings.places.at(pointer).unwrap_or(&bindings.place).clone();
    for (name, binding) in &bindings.operations {
        let Some(node) = tape.root().get("operations").and_then(|operations| operations.get(name)) else {
            continue;
        };
        if node.get("object").is_some() && node.get("objects").is_some() {
            findings.push(
                Finding::error(codes::COMBINATION, "`object` and `objects` say the same thing twice").at(
                    place(&format!("/operations/{name}/objects")),
                    "put every object here, or one under `object`",
                ),
            );
        }
        let list = node.get("list");
        let overfetch = list.and_then(|list| list.get("overfetch"));
        page(
            overfetch.and_then(|overfetch| overfetch.get("page")),
            &place(&format!("/operations/{name}/list/overfetch/page")),
            findings,
        );
        if overfetch.is_some() && binding.list.as_ref().is_some_and(|list| list.overfetch.is_none()) {
            findings.push(
                Finding::error(codes::COMBINATION, "nothing says how further pages are asked for")
                    .at(place(&format!("/operations/{name}/list/overfetch")), "`page` is missing here")
                    .advice("`page: { offset: skip, limit: limit }`, or a producer of the same operation with a `page`"),
            );
        }
    }
}

/// A cursor needs the place where the next one stands.
fn page(node: Option<tape::Node<'_>>, place: &Place, findings: &mut Vec<Finding>) {
    let Some(node) = node else { return };
    if node.get("cursor").is_some() && node.get("next").is_none() {
        findings.push(
            Finding::error(
                codes::COMBINATION,
                "a cursor is asked for and nothing says where the next one stands",
            )
            .at(place.clone(), "`next` is missing here"),
        );
    }
    if node.get("link").is_some_and(|link| link.as_bool() == Some(false)) {
        findings.push(
            Finding::error(codes::COMBINATION, "`link: false` says nothing of how pages are asked for")
                .at(place.clone(), "leave `page` out where there is one page"),
        );
    }
}
