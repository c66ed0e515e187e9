//! `policy check`, `policy test` and `policy prove`: who may do what, judged, tried on expected decisions, and proved to
//! keep tenants apart.

use std::path::{Path, PathBuf};

use config::policies;
use control::talk::{self, Exit, Failure};
use model::Finding;
use serde_json::json;

use crate::cli::{Common, Shape, looked_at};

const ENVIRONMENT: config::WithoutSecrets<config::Machine> = config::WithoutSecrets(config::Machine);

pub(super) fn check(
    common: &Common,
    files: &[PathBuf],
    api: Option<&str>,
    format: Shape,
) -> Result<Exit, Failure> {
    let (findings, sources) = if files.is_empty() {
        let (configuration, findings, sources) = config::read(&common.config, &ENVIRONMENT);
        if configuration.is_none() && !findings.iter().any(policies::concerns) {
            talk::show(&findings, &sources);
            return Err(Failure::trouble(""));
        }
        (findings.into_iter().filter(policies::concerns).collect(), sources)
    } else {
        let (configuration, mut sources) = looked_at(common)?;
        let api = policies::api(&configuration.settings, api).map_err(Failure::trouble)?;
        let findings = policies::judge(api, files, &ENVIRONMENT, &mut sources).map_err(Failure::trouble)?;
        (findings, sources)
    };
    talk::data(&config::render::findings(&findings, &sources, format.format(common.json)))?;
    let tally = config::render::tally(&findings);
    talk::say(if tally.is_empty() { "good" } else { &tally });
    Ok(if findings.iter().any(Finding::is_error) { Exit::Findings } else { Exit::Good })
}

pub(super) fn test(
    common: &Common,
    table: &Path,
    api: Option<&str>,
    files: &[PathBuf],
) -> Result<Exit, Failure> {
    let (configuration, mut sources) = looked_at(common)?;
    let (table, findings) = policies::table(table, &ENVIRONMENT, &mut sources).map_err(Failure::trouble)?;
    let Some(table) = table else {
        talk::show(&findings, &sources);
        return Err(Failure::trouble(""));
    };
    let named = api.or(table.api.as_deref());
    let api = policies::api(&configuration.settings, named).map_err(Failure::trouble)?;
    let tested = if files.is_empty() {
        policies::test(api, &table)
    } else {
        let tested = policies::test_by(api, &table, files, &ENVIRONMENT, &mut sources);
        match tested.map_err(Failure::trouble)? {
            Ok(tested) => tested,
            Err(findings) => {
                talk::show(&findings, &sources);
                return Err(Failure::trouble(""));
            }
        }
    };
    let unmet = tested.findings();
    if common.json {
        talk::json(&tested.document())?;
    } else {
        talk::data(&config::render::findings(&unmet, &sources, Shape::Text.format(false)))?;
    }
    talk::say(&tested.tally());
    Ok(Exit::good_if(unmet.is_empty()))
}

pub(super) fn prove(common: &Common) -> Result<Exit, Failure> {
    let (configuration, findings, sources) = config::read(&common.config, &ENVIRONMENT);
    let Some(configuration) = configuration else {
        let errors: Vec<Finding> = findings.into_iter().filter(Finding::is_error).collect();
        let unguarded = errors.iter().any(|finding| finding.code == "B4103");
        if common.json && unguarded {
            talk::json(&json!({ "version": 1, "isolated": false, "apis": [], "findings": errors }))?;
        } else {
            talk::show(&errors, &sources);
        }
        return if unguarded { Ok(Exit::Findings) } else { Err(Failure::trouble("")) };
    };
    let proofs = policies::prove(&configuration.settings);
    if proofs.is_empty() {
        return Err(Failure::trouble("no API has `authorization`"));
    }
    if common.json {
        let apis: Vec<_> = proofs.iter().map(policies::Proof::document).collect();
        let isolated = proofs.iter().all(policies::Proof::holds);
        talk::json(&json!({ "version": 1, "isolated": isolated, "apis": apis }))?;
    } else {
        talk::data(&proofs.iter().map(policies::Proof::text).collect::<String>())?;
    }
    Ok(Exit::good_if(proofs.iter().all(policies::Proof::holds)))
}
