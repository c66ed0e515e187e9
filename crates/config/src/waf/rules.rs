//! Which rules there are.

use std::path::PathBuf;
use std::sync::Arc;

use gateway::settings::Settings;
use gateway::waf::{BODIES, FILES, OWN, Set, Waf};
use model::Finding;
use seclang::Source;
use serde_json::{Value, json};

use super::files;
use crate::render::table;
use crate::sources::{Environment, Sources};

/// The rule sets that a command is about.
pub struct Chosen {
    pub sets: Vec<Set>,
    /// The API's, whose bounds and exclusions hold for its requests; `None` without a gateway file.
    pub waf: Option<Arc<Waf>>,
}

impl Chosen {
    /// Those of an API.
    pub fn of_api(settings: &Settings, name: Option<&str>) -> Result<Self, String> {
        let api = super::api(settings, name)?;
        let sets = api.waf.as_ref().map(|waf| waf.sets.clone()).unwrap_or_default();
        Ok(Self { sets, waf: api.waf.clone() })
    }

    /// Bartizan's own, which need no gateway file.
    pub fn own() -> Result<Self, Vec<Finding>> {
        Ok(Self { sets: vec![Set { name: OWN, rules: gateway::waf::own_rules()? }], waf: None })
    }
}

/// Rules of files and directories, without a gateway file. `Err` holds what is wrong with them.
pub fn of_files(
    paths: &[PathBuf],
    environment: &dyn Environment,
    sources: &mut Sources,
) -> Result<Chosen, Vec<Finding>> {
    let mut texts: Vec<(String, String)> = Vec::new();
    for path in paths.iter().flat_map(|path| files::of_path(environment, path)) {
        let text = files::text(environment, &path);
        let text = text.map_err(|sentence| vec![Finding::error("B2007", sentence)])?;
        let name = path.to_string_lossy().into_owned();
        sources.insert(name.clone(), text.clone().into());
        texts.push((name, text));
    }
    let files = texts.iter().map(|(name, text)| Source { name, text });
    let list: Vec<_> = std::iter::once(BODIES).chain(files).collect();
    let rules = seclang::compile(&list, &files::Beside::new(environment))?;
    Ok(Chosen { sets: vec![Set { name: FILES, rules: Arc::new(rules) }], waf: None })
}

/// Every rule, as a document and as text.
pub fn rules(chosen: &Chosen) -> (Value, String) {
    let all = chosen.sets.iter().flat_map(|set| set.rules.rules().iter().map(move |rule| (set.name, rule)));
    let mut rows = Vec::new();
    let mut list = Vec::new();
    for (set, rule) in all {
        let message = String::from_utf8_lossy(rule.words.message.literal().unwrap_or_default()).into_owned();
        list.push(json!({
            "set": set, "rule": rule.id, "phase": rule.phase.number(), "place": rule.place.to_string(),
            "message": message, "tags": rule.words.tags,
            "severity": rule.words.severity.map(seclang::rule::Severity::name),
        }));
        // Rules without a word steer others.
        if !message.is_empty() {
            let severity = rule.words.severity.map_or("", seclang::rule::Severity::name);
            let phase = rule.phase.number().to_string();
            rows.push(vec![set.to_owned(), rule.id.to_string(), phase, severity.to_owned(), message]);
        }
    }
    (json!({ "version": 1, "rules": list }), table(&["SET", "RULE", "PHASE", "SEVERITY", "MESSAGE"], &rows))
}
