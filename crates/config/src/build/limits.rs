//! Limits, and the names that tell them apart.

use std::collections::BTreeMap;

use gateway::settings::{Limit, Per};
use model::{Finding, LimitUnit, Place};

use super::Build;
use crate::scalars::Rate;
use crate::values::Block;
use crate::walk::shown;

/// Names already taken, with the places that took them.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(BTreeMap<String, Place>);

impl Build<'_> {
    /// `prefix` goes before the names that are made here, so that an operation's limit does not take the API's name.
    pub(super) fn limits<'b>(
        &mut self,
        blocks: impl Iterator<Item = &'b Block>,
        names: &mut Names,
        prefix: &str,
    ) -> Vec<Limit> {
        blocks.filter_map(|block| self.limit(block, names, prefix)).collect()
    }

    fn limit(&mut self, block: &Block, names: &mut Names, prefix: &str) -> Option<Limit> {
        let per = per(block.text("per")?)?;
        let Rate { count, window, is_of_bytes } = *block.rate("rate")?;
        let unit = unit(block.text("counts")?)?;
        if is_of_bytes && unit != LimitUnit::Bytes {
            let finding =
                Finding::error("B2026", "the rate is of bytes, and the limit counts something else")
                    .at(block.key_place("rate"), "a size")
                    .advice("add `counts: response_bytes`, or write the rate without a unit of size");
            self.findings.push(finding);
        }
        let name = match block.text("name") {
            Some(name) => name.to_string(),
            None => made_name(prefix, block.text("per")?, count, window.as_secs(), names),
        };
        let place = block.key_place("name");
        if !is_structured_token(&name) {
            self.error(
                "B2005",
                format!("`{}` is not a name for a limit", shown(&name)),
                place.clone(),
                "begins with a letter; letters, digits, `-`, `_`, `.`",
            );
        }
        if let Some(other) = names.0.insert(name.clone(), place.clone()) {
            let finding = Finding::error("B2020", format!("two limits have the name `{}`", shown(&name)))
                .at(place, "again here")
                .related(other, "first here")
                .advice("give each limit its own `name`");
            self.findings.push(finding);
        }
        let operations = match block.section.key("operations") {
            Some(_) => block.strings("operations"),
            None => Vec::new(),
        };
        Some(Limit {
            name,
            per,
            unit,
            count,
            window,
            burst: block.count("burst").copied().unwrap_or(count),
            daily: block.count("daily").copied(),
            operations,
        })
    }
}

fn per(text: &str) -> Option<Per> {
    Some(match text {
        "address" => Per::Address,
        "client" => Per::Client,
        "principal" => Per::Principal,
        "tenant" => Per::Tenant,
        "api" => Per::Api,
        "operation" => Per::Operation,
        _ => return None,
    })
}

fn unit(text: &str) -> Option<LimitUnit> {
    Some(match text {
        "requests" => LimitUnit::Requests,
        "cost" => LimitUnit::Cost,
        "response_bytes" => LimitUnit::Bytes,
        _ => return None,
    })
}

/// What it counts when that is free, else with the rate.
fn made_name(prefix: &str, per: &str, count: u64, window_s: u64, names: &Names) -> String {
    let prefix: String = prefix.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let prefix = match prefix.trim_matches('-') {
        "" => String::new(),
        text if text.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("{text}-"),
        text => format!("op-{text}-"),
    };
    let short = format!("{prefix}{per}");
    if names.0.contains_key(&short) { format!("{prefix}{per}-{count}-{window_s}s") } else { short }
}

/// RFC 9651 section 3.3.4, less what needs no quoting elsewhere.
fn is_structured_token(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
