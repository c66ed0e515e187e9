//! How it was decided whether a caller may do something to an object, in words.

use std::fmt::Write;

use model::{AuthorizationTrace, EvidenceTrace, Judgement, ObjectTrace};

use crate::render::{field, table};

/// Lines that begin like the others of a record.
pub(super) fn text(decided: &AuthorizationTrace) -> String {
    let mut out = String::new();
    let policies: Vec<_> = decided.policies.iter().map(|policy| field(policy)).collect();
    let by = match (decided.decision, policies.is_empty()) {
        (_, false) => format!(" by {}", policies.join(", ")),
        (Judgement::Denied, true) => ": nothing permits it".to_owned(),
        (_, true) => String::new(),
    };
    let _ = writeln!(out, "\nauthorization  {}{by}", decided.decision.word());
    let objects: Vec<_> = decided.objects.iter().map(object).collect();
    if !objects.is_empty() {
        out.push_str(&table(&["OBJECT", "ID", "DECISION", "KNOWN FROM"], &objects));
    }
    for evidence in &decided.evidence {
        let _ = writeln!(out, "evidence       {}", asked(evidence));
    }
    if decided.upstream_calls > 0 {
        let _ = writeln!(out, "calls          {} to the service", decided.upstream_calls);
    }
    for fault in &decided.faults {
        let _ = writeln!(out, "why            {}", field(fault));
    }
    if let Some(advice) = advice(decided) {
        let _ = writeln!(out, "would help     {advice}");
    }
    out
}

fn object(object: &ObjectTrace) -> Vec<String> {
    let facts: Vec<_> =
        object.facts.iter().map(|fact| format!("{} ({})", field(&fact.name), field(&fact.origin))).collect();
    vec![field(&object.kind), field(&object.id), object.decision.word().to_owned(), facts.join(", ")]
}

fn asked(evidence: &EvidenceTrace) -> String {
    let operation = evidence.operation.as_ref().map(|operation| format!(" {}", field(operation)));
    format!("{}{}: {}", field(&evidence.source), operation.unwrap_or_default(), field(&evidence.outcome))
}

/// What would have allowed it, as far as that can be said without the values.
fn advice(decided: &AuthorizationTrace) -> Option<&'static str> {
    let knows =
        |name: &str| decided.objects.iter().all(|object| object.facts.iter().any(|fact| fact.name == name));
    match decided.decision {
        Judgement::Allowed | Judgement::Awaiting => None,
        Judgement::Unknown => Some("a source that answers, or another one in the operation's `evidence`"),
        Judgement::Absent => Some("an object of this id that the sources show to this caller"),
        Judgement::Denied if decided.objects.is_empty() => None,
        Judgement::Denied if !knows("tenant") => Some("a source that tells the object's tenant"),
        Judgement::Denied if !knows("owner") => {
            Some("a source that tells the owner, or a policy that does not ask for one")
        }
        Judgement::Denied => Some("a caller who owns it, or a policy that permits it to this one"),
    }
}
