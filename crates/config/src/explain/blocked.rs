//! Which blocks a request would meet, in words: those that name its operation or nothing narrower than an API, and those
//! that name whoever is said to ask.

use std::fmt::Write;
use std::net::IpAddr;

use gateway::blocks::Target;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Explanation;
use crate::render::field;

/// So many are told one by one.
const TOLD_MAX: usize = 20;

/// Who is said to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asking<'a> {
    pub client: Option<&'a str>,
    /// The other end of the connection, where no listener takes the request for another.
    pub from: Option<IpAddr>,
}

/// What a block would do with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Refuses,
    /// It is about callers or addresses of which nothing is said here.
    Depends,
    Passes,
}

/// Adds the blocks of `list`, the answer of `block list`, that concern the request. One that hits it whoever asks means
/// that it does not pass.
pub fn add(explained: &mut Explanation, list: &Value, asking: Asking<'_>) {
    let named =
        |pointer: &str| explained.document.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let (api, operation) = (named("/plan/api"), named("/plan/operation"));
    let addresses = addresses(&explained.document, asking.from);
    let (mut told, mut others) = (Vec::new(), 0_usize);
    for block in list.get("blocks").and_then(Value::as_array).into_iter().flatten() {
        let target = block.get("target").and_then(|target| Target::deserialize(target).ok());
        let Some(target) = target else { continue };
        let verdict = judge(&target, api.as_deref(), operation.as_deref(), &addresses, asking.client);
        match verdict {
            Verdict::Passes => {}
            // There may be thousands of those, of every operation alike.
            Verdict::Depends if target.api.is_none() => others += 1,
            Verdict::Refuses | Verdict::Depends => told.push((verdict, block)),
        }
    }
    told.sort_by_key(|(verdict, _)| *verdict == Verdict::Depends);
    let refuses = told.iter().any(|(verdict, _)| *verdict == Verdict::Refuses);
    explained.passes &= !refuses;
    explained.text.push_str(&text(&told, others));
    let shown = |(verdict, block): &(Verdict, &Value)| {
        json!({ "id": block.get("id"), "what": block.get("what"), "end": block.get("end"),
                "reason": block.get("reason"), "refuses": *verdict == Verdict::Refuses })
    };
    if let Some(document) = explained.document.as_object_mut() {
        let told: Vec<Value> = told.iter().take(TOLD_MAX).map(shown).collect();
        document.insert("blocks".to_owned(), told.into());
        document.insert("blocks_of_others".to_owned(), others.into());
    }
}

/// Under which addresses the listeners would count the request, else the one that was said.
fn addresses(document: &Value, from: Option<IpAddr>) -> Vec<IpAddr> {
    let listeners = document.get("addresses").and_then(Value::as_array).into_iter().flatten();
    let counted = listeners.filter_map(|one| one.get("address")?.as_str()?.parse().ok());
    let mut all: Vec<IpAddr> = counted.collect();
    if all.is_empty() {
        all.extend(from);
    }
    all
}

fn judge(
    target: &Target,
    api: Option<&str>,
    operation: Option<&str>,
    addresses: &[IpAddr],
    client: Option<&str>,
) -> Verdict {
    let other = |wanted: Option<&str>, found: Option<&str>| wanted.is_some_and(|one| found != Some(one));
    if other(target.api.as_deref(), api) || other(target.operation.as_deref(), operation) {
        return Verdict::Passes;
    }
    let mut verdict = Verdict::Refuses;
    if target.token.is_some() || target.key.is_some() || target.principal.is_some() || target.tenant.is_some()
    {
        verdict = Verdict::Depends;
    }
    match (target.client.as_deref(), client) {
        (Some(wanted), Some(found)) if wanted != found => return Verdict::Passes,
        (Some(_), None) => verdict = Verdict::Depends,
        _ => {}
    }
    if let Some(network) = target.network {
        let held = addresses.iter().filter(|address| network.contains(**address)).count();
        match held {
            0 if !addresses.is_empty() => return Verdict::Passes,
            held if held < addresses.len() || addresses.is_empty() => verdict = Verdict::Depends,
            _ => {}
        }
    }
    verdict
}

fn text(told: &[(Verdict, &Value)], others: usize) -> String {
    let mut out = String::new();
    if told.is_empty() && others == 0 {
        return out;
    }
    out.push_str("\nblocks\n");
    for (verdict, block) in told.iter().take(TOLD_MAX) {
        let of = |key: &str| field(block.get(key).and_then(Value::as_str).unwrap_or("-"));
        let does =
            if *verdict == Verdict::Refuses { "refuses this with 403 blocked" } else { "may refuse this" };
        let (id, what, end, reason) = (of("id"), of("what"), of("end"), of("reason"));
        let _ = writeln!(out, "  {id}  {does}: {what}, until {end} ({reason})");
    }
    if told.len() > TOLD_MAX {
        let _ = writeln!(out, "  and {} more that concern it", told.len() - TOLD_MAX);
    }
    if others > 0 {
        let _ = writeln!(
            out,
            "  {others} of callers or addresses, whatever they ask for; `bartizan block list` shows them"
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained() -> Explanation {
        let document = json!({ "plan": { "api": "orders", "operation": "getOrder" } });
        Explanation { passes: true, document, text: String::new() }
    }

    fn list(targets: &[Value]) -> Value {
        let one = |(number, target): (usize, &Value)| json!({ "id": format!("b-{number}"), "what": "it", "end": "2027", "reason": "r", "target": target });
        json!({ "blocks": targets.iter().enumerate().map(one).collect::<Vec<_>>() })
    }

    /// For one block: what is said of it, and whether the request passes.
    fn said(target: Value, asking: Asking<'_>) -> (String, bool) {
        let mut explained = explained();
        add(&mut explained, &list(&[target]), asking);
        let word = match explained.text.as_str() {
            "" => "nothing",
            text if text.contains("b-0  refuses") => "refuses",
            text if text.contains("b-0  may") => "may",
            text if text.contains("1 of callers or addresses") => "others",
            text => text,
        };
        (word.to_owned(), explained.passes)
    }

    #[test]
    fn a_block_of_the_operation_is_told_and_one_of_another_is_not() {
        let (nobody, acme) = (Asking::default(), Asking { client: Some("acme"), from: None });
        let from = Asking { client: None, from: Some([10, 0, 0, 7].into()) };
        for (target, asking, word, passes) in [
            (json!({ "api": "orders" }), nobody, "refuses", false),
            (json!({ "api": "orders", "operation": "getOrder" }), nobody, "refuses", false),
            (json!({ "api": "orders", "operation": "listOrders" }), nobody, "nothing", true),
            (json!({ "api": "others" }), nobody, "nothing", true),
            (json!({ "client": "acme", "api": "orders" }), nobody, "may", true),
            (json!({ "client": "acme", "api": "orders" }), acme, "refuses", false),
            (json!({ "client": "acme" }), acme, "refuses", false),
            (json!({ "client": "acme" }), nobody, "others", true),
            (json!({ "client": "other", "api": "orders" }), acme, "nothing", true),
            (json!({ "client": "acme", "tenant": "t", "api": "orders" }), acme, "may", true),
            (json!({ "network": "10.0.0.0/8" }), from, "refuses", false),
            (json!({ "network": "10.0.0.0/8", "api": "orders" }), nobody, "may", true),
            (json!({ "network": "192.0.2.0/24" }), from, "nothing", true),
            (json!({ "network": "192.0.2.0/24" }), nobody, "others", true),
        ] {
            let got = said(target.clone(), asking);
            assert_eq!((got.0.as_str(), got.1), (word, passes), "{target}");
        }
    }

    #[test]
    fn the_address_is_the_one_that_a_listener_counts() {
        let mut explained = explained();
        let counted = json!([{ "address": "203.0.113.9" }]);
        explained.document.as_object_mut().unwrap().insert("addresses".to_owned(), counted);
        let blocks = list(&[json!({ "network": "203.0.113.0/24" }), json!({ "network": "10.0.0.0/8" })]);
        add(&mut explained, &blocks, Asking { client: None, from: Some([10, 0, 0, 7].into()) });
        assert!(!explained.passes && explained.text.contains("b-0  refuses"), "{}", explained.text);
        assert!(!explained.text.contains("b-1"), "{}", explained.text);
    }

    #[test]
    fn of_many_the_first_are_told_and_those_that_refuse_before_those_that_may() {
        let may = json!({ "client": "acme", "api": "orders" });
        let mut targets = vec![may; TOLD_MAX];
        targets.push(json!({ "api": "orders" }));
        let mut explained = explained();
        add(&mut explained, &list(&targets), Asking::default());
        assert!(explained.text.contains(&format!("b-{TOLD_MAX}  refuses")), "{}", explained.text);
        assert!(explained.text.contains("and 1 more that concern it"), "{}", explained.text);
    }
}
