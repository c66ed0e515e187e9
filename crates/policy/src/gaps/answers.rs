//! Answers that show what looks sensitive, with no rule that says to whom; and ids that can be guessed.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use model::{Finding, Owasp};
use openapi::{Form, Location, Operation};

use super::Search;
use super::rules::{schemas, shown_types};
use crate::bindings::{IdPlace, shown};
use crate::codes;
use crate::grade::{self, Grade};
use crate::shape::{Found, Shape};

/// Objects within objects that are looked through.
const DEPTH_MAX: usize = 6;

pub(super) fn search(search: &mut Search<'_>) {
    let by_type = schemas(search);
    for (kind, schemas) in &by_type {
        let rules = search.bindings.properties.get(kind).and_then(|rules| rules.read.as_ref());
        let mut found = BTreeSet::new();
        schemas.read.iter().for_each(|shape| sensitive(shape, "", 0, &mut HashSet::new(), &mut found));
        if rules.is_none() && !found.is_empty() {
            let sentence = format!("{} shows {}, and no rule says to whom", shown(kind), list(&found));
            let place = search.at(&format!("/resources/{kind}"));
            let finding = Finding::warning(codes::SENSITIVE_SHOWN, sentence)
                .at(place, "no `read` rules of this type")
                .advice(format!("`properties: {{ {}: {{ read: {{ default: [...] }} }} }}`", shown(kind)));
            search.findings.push(finding.owasp(Owasp::Api3));
        }
    }
    for bound in search.open() {
        if !shown_types(bound.binding).is_empty() {
            continue;
        }
        let mut found = BTreeSet::new();
        if let Some(shape) = Shape::answer(bound.operation) {
            sensitive(&shape, "", 0, &mut HashSet::new(), &mut found);
        }
        if !found.is_empty() {
            let sentence = format!("the answer of {} shows {}", shown(&bound.operation.id), list(&found));
            let place = bound.binding.place.clone();
            let finding = Finding::warning(codes::SENSITIVE_SHOWN, sentence)
                .at(place, "nothing says which type it shows, so that no rule applies")
                .advice("`shows: TYPE`, and `read` rules for it under `properties`");
            search.findings.push(finding.owasp(Owasp::Api3));
        }
    }
    graded(search);
}

fn list(found: &BTreeSet<String>) -> String {
    let names: Vec<_> = found.iter().take(5).map(|name| format!("`{}`", shown(name))).collect();
    let more = found.len().saturating_sub(5);
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

fn sensitive(
    shape: &Shape<'_>,
    at: &str,
    depth: usize,
    open: &mut HashSet<openapi::NodeId>,
    found: &mut BTreeSet<String>,
) {
    if depth > DEPTH_MAX || shape.ids().any(|id| open.contains(&id)) {
        return;
    }
    let ids: Vec<_> = shape.ids().collect();
    open.extend(&ids);
    if let Some(items) = shape.items() {
        sensitive(&items, at, depth + 1, open, found);
    }
    for (name, property) in shape.properties() {
        let dotted = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        let flag = |keyword: &str| property.value(keyword).and_then(openapi::Node::as_bool) == Some(true);
        if flag("writeOnly") {
            continue;
        }
        if is_sensitive(name) && !property.is("boolean") || has_data_class(&property) {
            found.insert(dotted);
        } else {
            sensitive(&property, &dotted, depth + 1, open, found);
        }
    }
    ids.iter().for_each(|id| {
        open.remove(id);
    });
}

fn has_data_class(shape: &Shape<'_>) -> bool {
    let said = |extension: openapi::Node<'_>| {
        extension.get("data_class").and_then(openapi::Node::as_str).is_some_and(|class| class != "public")
            || extension.get("sensitive").and_then(openapi::Node::as_bool) == Some(true)
    };
    shape.value("x-bartizan").is_some_and(said) || shape.word("format") == Some("password")
}

/// Names of what is nobody's business, or somebody's alone.
pub(crate) fn is_sensitive(name: &str) -> bool {
    const WORDS: [&str; 22] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "cvc",
        "cvv",
        "ssn",
        "iban",
        "pin",
        "otp",
        "salt",
        "hash",
        "pan",
        "apikey",
        "passcode",
        "pesel",
        "tin",
        "nino",
        "bic",
        "mfa",
        "totp",
    ];
    const PAIRS: [&str; 9] = [
        "api_key",
        "private_key",
        "card_number",
        "account_number",
        "credit_card",
        "tax_id",
        "social_security",
        "date_of_birth",
        "security_answer",
    ];
    let snake = crate::ids::snake(name);
    snake.split('_').any(|word| WORDS.contains(&word)) || PAIRS.iter().any(|pair| snake.contains(pair))
}

/// One note a type whose ids callers see: how hard they are to guess, by what is said of them wherever they stand.
fn graded(search: &mut Search<'_>) {
    let mut grades: BTreeMap<Arc<str>, Grade> = BTreeMap::new();
    let mut said = |kind: &Arc<str>, grade: Grade| {
        // What says nothing does not count beside what says something, and all of it is about the same ids.
        if grade != Grade::Unknown {
            grades.entry(kind.clone()).and_modify(|known| *known = (*known).max(grade)).or_insert(grade);
        }
    };
    for bound in &search.bound {
        for object in &bound.binding.objects {
            if let Some(grade) = of_place(bound.operation, &object.id) {
                said(&object.kind, grade);
            }
        }
    }
    for (kind, schemas) in schemas(search) {
        let Some(resource) = search.bindings.resources.get(&kind) else { continue };
        for shape in schemas.read.iter().chain(&schemas.written) {
            if let Found::Here(id) = shape.find(&resource.id) {
                said(&kind, grade::declared(&id));
            }
        }
    }
    for (kind, grade) in grades {
        let is_sealed = search.bindings.resources.get(&kind).is_some_and(|resource| resource.seal.is_some());
        let Some(why) = grade.why().filter(|_| !is_sealed) else { continue };
        let finding = Finding::note(codes::IDS_GUESSABLE, format!("ids of {} {why}", shown(&kind)))
            .at(search.at(&format!("/resources/{kind}")), "so that evidence is all that protects them")
            .advice("random ids of 122 bits or more (UUID version 4) make a gap in the evidence worth less, and so does `seal`");
        search.findings.push(finding.owasp(Owasp::Api1));
    }
}

/// What a description says of the ids at a place of a request.
fn of_place(operation: &Operation, place: &IdPlace) -> Option<Grade> {
    let (location, name) = match place {
        IdPlace::Path(name) => (Location::Path, name),
        IdPlace::Query(name) => (Location::Query, name),
        IdPlace::Header(name) => (Location::Header, name),
        IdPlace::Body(path) => {
            let Found::Here(shape) = Shape::request(operation)?.find(path) else { return None };
            return Some(grade::declared(&shape));
        }
        IdPlace::Cookie(_) | IdPlace::Principal => return None,
    };
    let mut parameters = operation.parameters.iter();
    let found = parameters.find(|one| one.location == location && one.name.eq_ignore_ascii_case(name))?;
    let Form::Styled { schema: Some(schema), .. } = &found.form else { return None };
    let shape = Shape::of(schema);
    Some(grade::declared(&shape.items().unwrap_or(shape)))
}
