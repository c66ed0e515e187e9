//! From the text of policies to policies, and from Cedar's reports to findings with places.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use cedar_policy_core::ast::{Policy, PolicyID, PolicySet};
use cedar_policy_core::parser::parse_policyset;
use cedar_policy_core::validator::{ValidationMode, Validator};
use miette::Diagnostic;
use model::{Finding, Place, Severity};

use super::fold::entity;
use super::schema::Names;
use crate::codes;

/// Largest policy file that is read.
pub(super) const SOURCE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most findings that one file's text or one set gives rise to.
const FINDINGS_MAX: usize = 100;

/// A policy with its name and the place where it stands.
#[derive(Clone)]
pub(super) struct Read {
    /// Of its annotation `@id("...")`, else `file:line`.
    pub id: Arc<str>,
    pub place: Arc<Place>,
    pub policy: Policy,
}

/// Every static policy of the sources. Templates, double names and what does not parse become findings.
pub(super) fn read(sources: &[(Arc<str>, Bytes)], findings: &mut Vec<Finding>) -> Vec<Read> {
    let mut policies: Vec<Read> = Vec::new();
    let mut places: HashMap<Arc<str>, Place> = HashMap::new();
    for (file, bytes) in sources {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) if bytes.len() <= SOURCE_BYTES_MAX => text,
            Ok(_) => {
                let sentence = format!("a policy file may have {SOURCE_BYTES_MAX} bytes");
                findings.push(
                    Finding::error(codes::POLICY_SYNTAX, sentence)
                        .at(Place::file(Arc::clone(file)), "too large"),
                );
                continue;
            }
            Err(_) => {
                let at = Place::file(Arc::clone(file));
                findings.push(
                    Finding::error(codes::POLICY_SYNTAX, "a policy file is not UTF-8").at(at, "not a text"),
                );
                continue;
            }
        };
        let set = match parse_policyset(text) {
            Ok(set) => set,
            Err(faults) => {
                for fault in faults.iter().take(FINDINGS_MAX) {
                    findings.push(finding(codes::POLICY_SYNTAX, Severity::Error, fault, file, text));
                }
                continue;
            }
        };
        for template in set.templates() {
            let at = place(file, text, template.loc().map(|loc| (loc.start(), first_line(loc.snippet()))));
            findings.push(
                Finding::error(codes::POLICY_TEMPLATE, "a policy has slots, which nothing fills")
                    .at(at, "`?principal` or `?resource`"),
            );
        }
        for policy in set.static_policies() {
            let at = place(file, text, policy.loc().map(|loc| (loc.start(), first_line(loc.snippet()))));
            let named =
                policy.annotations().find(|(key, _)| key.as_ref() == "id").map(|(_, said)| said.val.as_str());
            let id: Arc<str> = match named {
                Some(said) if !said.is_empty() => Arc::from(said),
                _ => Arc::from(format!("{file}:{}", at.line)),
            };
            if let Some(first) = places.get(&id) {
                findings.push(
                    Finding::error(codes::POLICY_TWICE, format!("two policies are called `{id}`"))
                        .at(at.clone(), "the second")
                        .related(first.clone(), "the first"),
                );
                continue;
            }
            places.insert(Arc::clone(&id), at.clone());
            let policy = policy.new_id(PolicyID::from_string(&id));
            policies.push(Read { id, place: Arc::new(at), policy });
        }
    }
    policies.sort_by(|a, b| a.place.cmp(&b.place));
    policies
}

/// Validates strictly: an error is what could go wrong when evaluated, a warning what can never have an effect.
pub(super) fn validate(
    policies: &[Read],
    names: &Names,
    sources: &[(Arc<str>, Bytes)],
    findings: &mut Vec<Finding>,
) {
    let mut mentioned = HashSet::new();
    for read in policies {
        mentioned.extend(read.policy.action_constraint().iter_euids().cloned());
        if let Some(condition) = read.policy.non_scope_constraints() {
            mentioned.extend(condition.subexpressions().filter_map(entity).cloned());
        }
    }
    let schema = match names.validator(&mentioned) {
        Ok(schema) => schema,
        Err(fault) => {
            findings.push(Finding::error(
                codes::POLICY_INVALID,
                format!("no schema for policies can be made: {fault}"),
            ));
            return;
        }
    };
    let text_of = |read: &Read| {
        let source = sources.iter().find(|(file, _)| *file == read.place.file);
        source.and_then(|(_, bytes)| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    };
    let validator = Validator::new(schema);
    for read in policies {
        let result = validator.validate(&PolicySet::singleton(read.policy.clone()), ValidationMode::Strict);
        for fault in result.validation_errors().take(FINDINGS_MAX) {
            findings.push(finding(
                codes::POLICY_INVALID,
                Severity::Error,
                fault,
                &read.place.file,
                text_of(read),
            ));
        }
        // Why a policy can never apply is told once.
        if let Some(said) = result.validation_warnings().next() {
            findings.push(finding(
                codes::POLICY_IDLE,
                Severity::Warning,
                said,
                &read.place.file,
                text_of(read),
            ));
        }
    }
}

fn finding(code: &str, severity: Severity, said: &dyn Diagnostic, file: &Arc<str>, text: &str) -> Finding {
    let label = said.labels().and_then(|mut labels| labels.next());
    let span = label.as_ref().map(|label| (label.offset(), label.len()));
    let words = label.as_ref().and_then(|label| label.label().map(str::to_owned)).unwrap_or_default();
    let mut finding = Finding::new(code, severity, sentence(&said.to_string()));
    finding = finding.at(place(file, text, span), words);
    match said.help() {
        Some(help) => finding.advice(help.to_string()),
        None => finding,
    }
}

/// Cedar begins its reports with ``for policy `x`, ``: the place says that.
fn sentence(said: &str) -> String {
    let rest =
        said.strip_prefix("for policy `").and_then(|rest| rest.split_once("`, ")).map(|(_, rest)| rest);
    rest.unwrap_or(said).to_owned()
}

fn first_line(snippet: Option<&str>) -> usize {
    snippet.and_then(|snippet| snippet.lines().next()).map_or(0, str::len)
}

/// A span of bytes as line, column and length in characters, all from 1.
pub(super) fn place(file: &Arc<str>, text: &str, span: Option<(usize, usize)>) -> Place {
    let Some((start, length)) = span else { return Place::file(Arc::clone(file)) };
    let before = text.get(..start.min(text.len())).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let marked = text.get(start..start.saturating_add(length).min(text.len())).unwrap_or_default();
    Place {
        file: Arc::clone(file),
        line: u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX).saturating_add(1),
        column: count(before.get(line_start..).unwrap_or_default()).saturating_add(1),
        length: count(marked),
    }
}
