//! What `bartizan policy` says: findings about bindings and policies, tables of expected decisions, tenant isolation.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use gateway::settings::{Api, Settings};
use model::Finding;
use policy::decide::{Isolation, SubjectKind};
use policy::table::{Case, Outcome, Table};
use serde_json::{Value, json};

use crate::sources::{Environment, Sources, why};

/// Whether a finding is about who may do what: B40xx bindings, B41xx policies, B42xx gaps.
pub fn concerns(finding: &Finding) -> bool {
    ["B40", "B41", "B42"].iter().any(|family| finding.code.starts_with(family))
}

/// The API of this name, or the only one with authorization. The error is a sentence.
pub fn api<'a>(settings: &'a Settings, name: Option<&str>) -> Result<&'a Api, String> {
    let mut with = settings.apis.iter().filter(|api| api.authorization.is_some());
    match name {
        Some(name) => {
            with.find(|api| &*api.name == name).ok_or_else(|| format!("no API `{name}` has `authorization`"))
        }
        None => match (with.next(), with.next()) {
            (Some(api), None) => Ok(api),
            (None, _) => Err("no API has `authorization`".to_owned()),
            (Some(_), Some(_)) => Err("several APIs have `authorization`: name one".to_owned()),
        },
    }
}

/// Judges policy files as the set of an API, in place of those that the gateway file names.
pub fn judge(
    api: &Api,
    files: &[impl AsRef<Path>],
    environment: &dyn Environment,
    sources: &mut Sources,
) -> Result<Vec<Finding>, String> {
    let Some(authorization) = &api.authorization else {
        return Err("the API has no `authorization`".to_owned());
    };
    let texts: Result<Vec<_>, _> =
        files.iter().map(|file| text(file.as_ref(), environment, sources)).collect();
    Ok(policy::cedar::build(&authorization.bindings, &api.description, &texts?).1)
}

/// Reads a table of expected decisions.
pub fn table(
    file: &Path,
    environment: &dyn Environment,
    sources: &mut Sources,
) -> Result<(Option<Table>, Vec<Finding>), String> {
    let (name, text) = text(file, environment, sources)?;
    Ok(policy::table::read(&name, text))
}

fn text(
    file: &Path,
    environment: &dyn Environment,
    sources: &mut Sources,
) -> Result<(Arc<str>, Bytes), String> {
    let name: Arc<str> = file.to_string_lossy().into();
    let text = environment.read(file).map_err(|error| format!("`{name}` cannot be read: {}", why(&error)))?;
    let text = Bytes::from(text);
    sources.insert(Arc::clone(&name), text.clone());
    Ok((name, text))
}

/// What became of the cases of a table.
pub struct Tested<'a>(Vec<(&'a Case, Outcome)>);

/// Decides every case as the API's policies do.
pub fn test<'a>(api: &Api, table: &'a Table) -> Tested<'a> {
    let authorization = api.authorization.as_deref();
    let outcomes = table.cases.iter().filter_map(|case| Some((case, case.run(authorization?))));
    Tested(outcomes.collect())
}

/// Decides every case as other policies would, which may lack the guard; `Err`: what is wrong with them.
pub fn test_by<'a>(
    api: &Api,
    table: &'a Table,
    files: &[impl AsRef<Path>],
    environment: &dyn Environment,
    sources: &mut Sources,
) -> Result<Result<Tested<'a>, Vec<Finding>>, String> {
    let Some(authorization) = &api.authorization else {
        return Err("the API has no `authorization`".to_owned());
    };
    let texts: Result<Vec<_>, _> =
        files.iter().map(|file| text(file.as_ref(), environment, sources)).collect();
    let (policies, findings) = policy::cedar::unguarded(&authorization.bindings, &api.description, &texts?);
    let Some(policies) = policies else { return Ok(Err(findings)) };
    let outcomes = table.cases.iter().map(|case| (case, case.run_by(authorization, &policies)));
    Ok(Ok(Tested(outcomes.collect())))
}

impl Tested<'_> {
    /// A finding for each case that is not as expected.
    pub fn findings(&self) -> Vec<Finding> {
        let unmet = self.0.iter().filter(|(_, outcome)| !outcome.met).map(|(case, outcome)| {
            let said = if outcome.allowed { "allowed" } else { "refused" };
            let wanted = match (&case.by, case.allowed == outcome.allowed) {
                (Some(by), true) => format!("{said} by another policy than `{by}`"),
                _ => said.to_owned(),
            };
            let sentence = format!("{}: {} is {wanted}", case.name, case.operation);
            let finding = Finding::error(policy::codes::EXPECTATION, sentence);
            let finding =
                finding.at(case.place.clone(), "expected otherwise").advice(outcome.summary().join("; "));
            outcome
                .policies()
                .into_iter()
                .fold(finding, |finding, (place, said)| finding.related(place, said))
        });
        unmet.collect()
    }

    pub fn tally(&self) -> String {
        let unmet = self.0.iter().filter(|(_, outcome)| !outcome.met).count();
        format!("{} cases, {unmet} not as expected", self.0.len())
    }

    pub fn document(&self) -> Value {
        let cases = self.0.iter().map(|(case, outcome)| {
            json!({
                "name": *case.name,
                "operation": *case.operation,
                "expected": word(case.allowed),
                "decision": word(outcome.allowed),
                "policies": outcome.explanation.as_ref().map(|explained| &explained.decision.policies),
                "met": outcome.met,
                "why": outcome.lines(),
            })
        });
        json!({ "version": 1, "cases": cases.collect::<Vec<_>>() })
    }
}

fn word(allowed: bool) -> &'static str {
    if allowed { "allow" } else { "deny" }
}

/// What is proved of one API, and how.
pub struct Proof<'a> {
    api: &'a str,
    isolation: Isolation,
}

const METHOD: &str = "shown from the guard's shape and Cedar's rule that a forbid outweighs every permit, whatever the other \
                      policies say; tried on small worlds besides; no solver was asked";

/// Every API with policies of which something can be proved.
pub fn prove(settings: &Settings) -> Vec<Proof<'_>> {
    let with = settings.apis.iter().filter_map(|api| {
        let isolation = api.authorization.as_ref()?.decider.isolation()?;
        Some(Proof { api: &api.name, isolation })
    });
    with.collect()
}

impl Proof<'_> {
    /// Both kinds of principal are guarded and nothing that was tried crosses.
    pub fn holds(&self) -> bool {
        let guarded = |kind| self.isolation.guards.iter().any(|(guarded, ..)| *guarded == kind);
        guarded(SubjectKind::User)
            && guarded(SubjectKind::Client)
            && self.isolation.unguarded.is_empty()
            && self.isolation.crossing.is_none()
    }

    pub fn text(&self) -> String {
        let mut text = format!(
            "{}: {}\n",
            self.api,
            if self.holds() { "tenants are isolated" } else { "tenants are NOT isolated" }
        );
        for (kind, id, place) in &self.isolation.guards {
            text.push_str(&format!(
                "  {kind:?}: `{id}` ({place}) forbids every operation on objects of other tenants; a forbid outweighs \
                 every permit\n"
            ));
        }
        text.push_str(&format!(
            "  found again in the policies that are asked: {} times, for each operation, kind of principal and type\n",
            self.isolation.guarded
        ));
        for operation in &self.isolation.unguarded {
            text.push_str(&format!("  NOT among those that are asked of {operation}\n"));
        }
        match &self.isolation.crossing {
            Some(crossing) => text.push_str(&format!(
                "  counterexample: {crossing}\n  as a case for `policy test`: {}\n",
                crossing.case()
            )),
            None => text.push_str(&format!(
                "  tried {} questions over two tenants: none crosses\n",
                self.isolation.questions
            )),
        }
        text.push_str(&format!(
            "  {METHOD}\n  `Operator` principals may cross tenants: that is their purpose\n"
        ));
        text
    }

    pub fn document(&self) -> Value {
        let guards = self.isolation.guards.iter().map(
            |(kind, id, place)| json!({ "principal": format!("{kind:?}"), "policy": **id, "place": place }),
        );
        json!({
            "api": self.api,
            "isolated": self.holds(),
            "method": METHOD,
            "guards": guards.collect::<Vec<_>>(),
            "guarded": self.isolation.guarded,
            "unguarded": self.isolation.unguarded.iter().map(|operation| &**operation).collect::<Vec<_>>(),
            "questions": self.isolation.questions,
            "counterexample": self.isolation.crossing.as_ref().map(ToString::to_string),
            "counterexample_case": self.isolation.crossing.as_ref().map(policy::decide::Crossing::case),
        })
    }
}
