//! The checks and the refusal codes as pages, made from what the code says of itself.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use model::{Code, Mode, Owasp, Phase};
use serde_json::{Value, json};

use crate::check::{About, BodyNeed};
use crate::checks;

/// Markdown: every check in the order in which they run, then [`owasp_matrix`].
pub fn checks_markdown() -> String {
    let mut page = String::from("# Checks\n\nIn the order in which they run: by phase, then as listed.\n\n");
    page.push_str(
        "| check | phase | mode | watch | body | OWASP | what it does |\n|---|---|---|---|---|---|---|\n",
    );
    for about in in_order() {
        let risks: Vec<String> = about.owasp.iter().copied().map(number).collect();
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {} | {} | {} |",
            about.name,
            phase(about.phase),
            mode(about.default_mode),
            if about.may_watch { "yes" } else { "no" },
            body(about.body),
            if risks.is_empty() { "-".to_owned() } else { risks.join(", ") },
            cell(about.summary),
        );
    }
    page.push_str(
        "\n`mode` is the mode unless the configuration says otherwise. A check without `watch` is always enforced. \
         `body` is what the check needs of the request's body; with `whole` it is held until the check has passed.\n\n",
    );
    page.push_str(&owasp_matrix());
    page
}

/// Markdown: which checks and which refusal codes stand against each risk of the OWASP API Security Top 10 (2023).
pub fn owasp_matrix() -> String {
    let mut page = String::from("## OWASP API Security Top 10 (2023)\n\n");
    page.push_str("| risk | checks | refusals |\n|---|---|---|\n");
    for risk in Owasp::ALL {
        let against = in_order().into_iter().filter(|about| about.owasp.contains(&risk));
        let checks: Vec<String> = against.map(named).collect();
        let codes = Code::ALL.iter().filter(|code| code.owasp() == risk);
        let codes: Vec<String> = codes.map(|code| format!("`{}`", code.slug())).collect();
        let _ = writeln!(
            page,
            "| {} {} | {} | {} |",
            number(risk),
            risk.title(),
            listed(&checks),
            listed(&codes)
        );
    }
    page.push_str(
        "\nA refusal is listed under one risk; a check may stand against several. A check with a mode beside it has \
         that mode unless the configuration says otherwise; the others enforce.\n",
    );
    page
}

/// Markdown: every reason for which a request is refused.
pub fn codes_markdown() -> String {
    let mut page =
        String::from("# Refusals\n\n`code` is the member of that name in problem details and records.\n\n");
    page.push_str("| code | status | OWASP | title |\n|---|---|---|---|\n");
    for code in Code::ALL {
        let (slug, risk) = (code.slug(), number(code.owasp()));
        let _ = writeln!(page, "| `{slug}` | {} | {risk} | {} |", code.status(), cell(code.title()));
    }
    page
}

/// `{"version": 1, "checks": [...]}`: what [`checks_markdown`] tells, in the order in which they run.
pub fn checks_list() -> Value {
    let one = |about: &About| {
        json!({
            "name": about.name,
            "phase": phase(about.phase),
            "mode": mode(about.default_mode),
            "may_watch": about.may_watch,
            "body": body(about.body),
            "owasp": about.owasp.iter().copied().map(number).collect::<Vec<_>>(),
            "summary": about.summary,
        })
    };
    json!({ "version": 1, "checks": in_order().into_iter().map(one).collect::<Vec<_>>() })
}

/// `{"version": 1, "codes": [...]}`: what [`codes_markdown`] tells.
pub fn codes_list() -> Value {
    let one = |code: &Code| {
        json!({
            "code": code.slug(),
            "status": code.status(),
            "owasp": number(code.owasp()),
            "title": code.title(),
        })
    };
    json!({ "version": 1, "codes": Code::ALL.iter().map(one).collect::<Vec<_>>() })
}

/// As the pipeline runs them: within a phase the order of the list stands.
fn in_order() -> Vec<&'static About> {
    let mut all: Vec<_> = checks::ALL.iter().map(|kind| kind.about()).collect();
    all.sort_by_key(|about| about.phase);
    all
}

fn number(risk: Owasp) -> String {
    let number = Owasp::ALL.iter().position(|one| *one == risk).map_or(0, |index| index + 1);
    format!("API{number}")
}

/// A check that only watches unless it is told to enforce does not pass for one that enforces.
fn named(about: &About) -> String {
    match about.default_mode {
        Mode::Enforce => format!("`{}`", about.name),
        other => format!("`{}` ({})", about.name, mode(other)),
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Text that ends no cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Connect => "connect",
        Phase::Identify => "identify",
        Phase::Limit => "limit",
        Phase::Permit => "permit",
        Phase::Validate => "validate",
        Phase::Inspect => "inspect",
        Phase::Authorize => "authorize",
    }
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "off",
        Mode::Watch => "watch",
        Mode::Enforce => "enforce",
    }
}

fn body(need: BodyNeed) -> &'static str {
    match need {
        BodyNeed::None => "none",
        BodyNeed::Stream => "stream",
        BodyNeed::Whole => "whole",
    }
}
