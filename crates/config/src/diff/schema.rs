//! Schemas, coarsely: which keywords let more through than before. What cannot be judged is called changed.

use std::collections::BTreeSet;

use openapi::{Documents, Node, NodeId, SchemaRef};

use super::Changes;

/// Deeper nesting is not compared; recursive schemas end earlier, by what was seen.
const DEPTH_MAX: usize = 32;

/// Keywords of which a higher number lets more through.
const UPPER: [&str; 5] = ["maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties"];
/// Keywords of which a lower number lets more through.
const LOWER: [&str; 5] = ["minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties"];
/// Keywords that only narrow: without one, more passes. Between two of them it cannot be told.
const NARROWING: [&str; 10] = [
    "pattern",
    "format",
    "multipleOf",
    "uniqueItems",
    "const",
    "not",
    "contains",
    "propertyNames",
    "dependentRequired",
    "readOnly",
];
/// Keywords that hold schemas in a list.
const COMPOSING: [&str; 3] = ["allOf", "anyOf", "oneOf"];

pub(super) fn compare(changes: &mut Changes, what: &str, old: Option<&SchemaRef>, new: Option<&SchemaRef>) {
    let gone = format!("{what} is no longer restricted by a schema");
    let come = format!("{what} is now restricted by a schema");
    if let Some((old, new)) = changes.guard(old, new, &gone, &come) {
        let mut pair = Pair { old: &old.documents, new: &new.documents, seen: BTreeSet::new() };
        pair.schemas(changes, what, old.node(), new.node(), 0);
    }
}

struct Pair<'d> {
    old: &'d Documents,
    new: &'d Documents,
    seen: BTreeSet<(NodeId, NodeId)>,
}

impl<'d> Pair<'d> {
    fn schemas(&mut self, changes: &mut Changes, what: &str, old: Node<'_>, new: Node<'_>, depth: usize) {
        let (Ok(old), Ok(new)) = (self.old.follow(old.id()), self.new.follow(new.id())) else { return };
        if depth > DEPTH_MAX || !self.seen.insert((old.id(), new.id())) {
            return;
        }
        bounds(changes, what, old, new);
        types(changes, what, old, new);
        values(changes, what, old, new);
        required(changes, what, old, new);
        for keyword in NARROWING {
            narrowing(changes, what, keyword, old, new);
        }
        let closed = |node: Node<'_>| node.get("additionalProperties").and_then(Node::as_bool) == Some(false);
        changes.danger(
            !closed(old),
            !closed(new),
            &format!("{what} now accepts undeclared properties"),
            &format!("{what} no longer accepts undeclared properties"),
        );
        self.properties(changes, what, old, new, depth);
        for (keyword, suffix) in [("items", "[]"), ("additionalProperties", ".*")] {
            if let (Some(a), Some(b)) = (old.get(keyword), new.get(keyword)) {
                self.schemas(changes, &format!("{what}{suffix}"), a, b, depth + 1);
            }
        }
        for keyword in COMPOSING {
            match (old.get(keyword), new.get(keyword)) {
                (Some(a), Some(b)) if a.len() == b.len() => {
                    for (a, b) in a.items().zip(b.items()) {
                        self.schemas(changes, what, a, b, depth + 1);
                    }
                }
                _ => narrowing(changes, what, keyword, old, new),
            }
        }
    }

    fn properties(&mut self, changes: &mut Changes, what: &str, old: Node<'_>, new: Node<'_>, depth: usize) {
        let of =
            |node: Node<'_>, name: &str| node.get("properties").and_then(|all| all.get(name).map(Node::id));
        let closed = old.get("additionalProperties").and_then(Node::as_bool) == Some(false);
        for (name, inner) in new.get("properties").into_iter().flat_map(Node::members) {
            match of(old, name) {
                Some(before) => {
                    let before = self.old.node(before);
                    self.schemas(changes, &format!("{what}.{name}"), before, inner, depth + 1);
                }
                None if closed => changes.weaker(format!("{what} now accepts property `{name}`")),
                None => changes.stronger(format!("{what} now checks property `{name}`")),
            }
        }
        for (name, _) in old.get("properties").into_iter().flat_map(Node::members) {
            if of(new, name).is_none() {
                let open = new.get("additionalProperties").and_then(Node::as_bool) != Some(false);
                changes.danger(
                    !open,
                    open,
                    &format!("{what} no longer checks property `{name}`"),
                    &format!("{what} no longer accepts property `{name}`"),
                );
            }
        }
    }
}

fn number(node: Node<'_>, keyword: &str) -> Option<f64> {
    node.get(keyword)?.number()?.parse().ok()
}

fn bounds(changes: &mut Changes, what: &str, old: Node<'_>, new: Node<'_>) {
    let show = |number: &f64| if number.is_finite() { number.to_string() } else { "none".to_owned() };
    for keyword in UPPER {
        let of = |node| number(node, keyword).unwrap_or(f64::INFINITY);
        changes.more(&format!("{what}: {keyword}"), of(old), of(new), show);
    }
    for keyword in LOWER {
        // A lower bound lets more through when it falls.
        let of = |node| -number(node, keyword).unwrap_or(f64::NEG_INFINITY);
        changes.more(&format!("{what}: {keyword}"), of(old), of(new), |bound| show(&-bound));
    }
}

/// The types a schema admits; `None`: all.
fn admitted(node: Node<'_>) -> Option<BTreeSet<String>> {
    let written = node.get("type")?;
    let mut types: BTreeSet<String> = match written.as_str() {
        Some(one) => std::iter::once(one.to_owned()).collect(),
        None => written.items().filter_map(Node::as_str).map(str::to_owned).collect(),
    };
    if node.get("nullable").and_then(Node::as_bool) == Some(true) {
        types.insert("null".to_owned());
    }
    Some(types)
}

fn types(changes: &mut Changes, what: &str, old: Node<'_>, new: Node<'_>) {
    match (admitted(old), admitted(new)) {
        (Some(_), None) => changes.weaker(format!("{what} may now be of any type")),
        (None, Some(_)) => changes.stronger(format!("{what} may no longer be of any type")),
        (Some(a), Some(b)) if a != b => {
            if b.is_superset(&a) {
                let more: Vec<_> = b.difference(&a).cloned().collect();
                changes.weaker(format!("{what} may now be {}", more.join(" or ")));
            } else if b.is_subset(&a) {
                let less: Vec<_> = a.difference(&b).cloned().collect();
                changes.stronger(format!("{what} may no longer be {}", less.join(" or ")));
            } else {
                changes.unknown(format!("{what}: the type changed"));
            }
        }
        _ => {}
    }
}

fn values(changes: &mut Changes, what: &str, old: Node<'_>, new: Node<'_>) {
    let of = |node: Node<'_>| {
        let all = node.get("enum")?;
        Some(all.items().map(|item| item.to_value().to_string()).collect::<BTreeSet<_>>())
    };
    let (a, b) = (of(old), of(new));
    let both = changes.guard(
        a.as_ref(),
        b.as_ref(),
        &format!("{what} is no longer one of listed values"),
        &format!("{what} is now one of listed values"),
    );
    if let Some((a, b)) = both {
        changes.each_lets(
            a,
            b,
            |added| format!("{what} may now be {added}"),
            |removed| format!("{what} may no longer be {removed}"),
        );
    }
}

fn required(changes: &mut Changes, what: &str, old: Node<'_>, new: Node<'_>) {
    let of = |node: Node<'_>| -> BTreeSet<String> {
        let names = node.get("required").into_iter().filter(|names| names.is_array());
        names.flat_map(Node::items).filter_map(Node::as_str).map(str::to_owned).collect()
    };
    let (a, b) = (of(old), of(new));
    changes.each_guards(
        a,
        b,
        |name| format!("{what}: `{name}` is no longer required"),
        |name| format!("{what}: `{name}` is now required"),
    );
}

fn narrowing(changes: &mut Changes, what: &str, keyword: &str, old: Node<'_>, new: Node<'_>) {
    // `false` says the same as nothing.
    let of = |node: Node<'_>| {
        node.get(keyword).map(Node::to_value).filter(|value| *value != serde_json::json!(false))
    };
    let (a, b) = (of(old), of(new));
    changes.guard_or_other(
        a.as_ref(),
        b.as_ref(),
        &format!("{what}: {keyword} is gone"),
        &format!("{what}: {keyword} is new"),
        &format!("{what}: {keyword} changed"),
    );
}
