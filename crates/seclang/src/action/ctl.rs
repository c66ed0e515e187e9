//! `ctl`: changes the engine for the rest of the transaction: the list of all options.

use super::{Action, Fault, Takes};
use crate::body::Processor;
use crate::codes;
use crate::effect::{Audit, Ctl, Effect, Engine, RuleChoice};
use crate::rule_bits::RuleBits;

pub static ACTION: Action = Action {
    name: "ctl",
    takes: Takes::Argument,
    apply: |reading, text| {
        let (name, value) = text
            .as_str()
            .split_once('=')
            .ok_or_else(|| fault("`ctl` needs OPTION=VALUE".to_owned(), None))?;
        let option = OPTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
        let Some((_, read)) = option else {
            let near = crate::faults::nearest(name, OPTIONS.iter().map(|(name, _)| *name));
            return Err(fault(
                format!("`ctl` has no option `{name}`"),
                near.map(|near| format!("did you mean `{near}`?")),
            ));
        };
        let ctl = read(value.trim()).map_err(|sentence| fault(sentence, None))?;
        reading.actions.effects.push(Effect::Ctl(ctl));
        Ok(())
    },
};

type Read = fn(&str) -> Result<Ctl, String>;

/// Every option.
const OPTIONS: &[(&str, Read)] = &[
    ("auditEngine", |value| {
        Audit::named(value).map(Ctl::Audit).ok_or_else(|| not_one_of(value, "On, RelevantOnly or Off"))
    }),
    ("auditLogParts", |value| {
        let letters = value.trim_start_matches(['+', '-']);
        let good = !letters.is_empty() && letters.chars().all(|letter| letter.is_ascii_alphabetic());
        good.then_some(Ctl::AuditParts).ok_or_else(|| not_one_of(value, "letters of parts"))
    }),
    ("forceRequestBodyVariable", |value| on_off(value).map(Ctl::ForceBodyVariable)),
    ("requestBodyAccess", |value| on_off(value).map(Ctl::RequestBodyAccess)),
    ("requestBodyLimit", |value| bytes(value).map(Ctl::RequestBodyLimit)),
    ("requestBodyProcessor", |value| {
        let names = || Processor::names().collect::<Vec<_>>().join(", ");
        Processor::find(value)
            .map(Ctl::BodyProcessor)
            .ok_or_else(|| not_one_of(value, &format!("one of {}", names())))
    }),
    ("responseBodyAccess", |value| on_off(value).map(Ctl::ResponseBodyAccess)),
    ("responseBodyLimit", |value| bytes(value).map(Ctl::ResponseBodyLimit)),
    ("ruleEngine", |value| {
        Engine::named(value).map(Ctl::Engine).ok_or_else(|| not_one_of(value, "On, DetectionOnly or Off"))
    }),
    ("ruleRemoveById", |value| Ok(Ctl::Remove(ids(value)?, RuleBits::default()))),
    ("ruleRemoveByMsg", |value| Ok(Ctl::Remove(RuleChoice::Message(text(value)?), RuleBits::default()))),
    ("ruleRemoveByTag", |value| Ok(Ctl::Remove(RuleChoice::Tag(text(value)?), RuleBits::default()))),
    ("ruleRemoveTargetById", |value| target(value, ids)),
    ("ruleRemoveTargetByMsg", |value| target(value, |name| text(name).map(RuleChoice::Message))),
    ("ruleRemoveTargetByTag", |value| target(value, |name| text(name).map(RuleChoice::Tag))),
];

/// `1,3-5` or `1 3-5`: ids and ranges of ids.
pub fn ids(value: &str) -> Result<RuleChoice, String> {
    let mut ranges = Vec::new();
    for part in value.split([',', ' ']).filter(|part| !part.is_empty()) {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        match (low.trim().parse(), high.trim().parse()) {
            (Ok(low), Ok(high)) if low <= high => ranges.push((low, high)),
            _ => return Err(format!("`{part}` is neither an id nor a range of ids")),
        }
    }
    if ranges.is_empty() {
        return Err("an id or a range of ids was expected".to_owned());
    }
    Ok(RuleChoice::Ids(ranges))
}

fn target(value: &str, choose: fn(&str) -> Result<RuleChoice, String>) -> Result<Ctl, String> {
    let (choice, target) =
        value.split_once(';').ok_or_else(|| "a rule and a target are expected, as RULE;TARGET".to_owned())?;
    let exclusion = crate::exclusions::read_target(target)?;
    Ok(Ctl::RemoveTarget(choose(choice)?, RuleBits::default(), exclusion))
}

fn text(value: &str) -> Result<String, String> {
    if value.is_empty() { Err("a text was expected".to_owned()) } else { Ok(value.to_owned()) }
}

fn on_off(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(not_one_of(value, "On or Off")),
    }
}

fn bytes(value: &str) -> Result<u64, String> {
    value.parse().map_err(|_| not_one_of(value, "a number of bytes"))
}

fn not_one_of(value: &str, accepted: &str) -> String {
    format!("`{value}` is not {accepted}")
}

fn fault(sentence: String, advice: Option<String>) -> Fault {
    Fault { code: codes::CTL, sentence, advice }
}
