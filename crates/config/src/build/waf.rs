//! The WAF of the file or of one API: rules read and compiled, what they leave alone, and how much they may take.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use gateway::waf::{BODIES, Bounds, Chosen, Exclude, FILES, OWN, Set, Waf};
use model::{Finding, Place};
use seclang::input::JsonNames;
use seclang::{Engine, Exclusions, RuleSet, Source};

use super::Build;
use crate::values::{Block, Content, Value};
use crate::waf::files;

/// `SecRuleEngine` in a file of rules.
const ENGINE_IGNORED: &str = "B5101";
/// An exclusion that concerns no rule.
const EXCLUDES_NOTHING: &str = "B5102";
/// An exclusion that cannot be read.
const EXCLUSION_UNREADABLE: &str = "B5103";
/// No rules at all.
const NO_RULES: &str = "B5104";
/// Directives of files in whose place the gateway decides.
const DECIDED_HERE: &str = "B5105";

/// The key of the gateway file that says it in the place of a directive; `None`: what is beyond a limit is refused.
const DECIDED: [(&str, Option<&str>); 9] = [
    ("SecArgumentsLimit", Some("arguments_max")),
    ("SecRequestBodyNoFilesLimit", Some("body_bytes_max")),
    ("SecRequestBodyJsonDepthLimit", Some("depth_max")),
    ("SecRequestBodyLimitAction", None),
    ("SecResponseBodyAccess", Some("answers")),
    ("SecResponseBodyLimit", Some("body_bytes_max")),
    ("SecResponseBodyLimitAction", None),
    ("SecResponseBodyMimeType", Some("answers")),
    ("SecResponseBodyMimeTypesClear", Some("answers")),
];

/// An exclusion, and where it stands.
type Placed = (Exclude, Place);

impl Build<'_> {
    /// `None` where something is wrong, which is reported. Without a block: Bartizan's own rules.
    pub(super) fn waf(&mut self, block: Option<&Block>) -> Option<Arc<Waf>> {
        let mut sets = Vec::new();
        if block.is_none_or(|block| block.flag("own_rules")) {
            sets.push(Set { name: OWN, rules: self.compiled(gateway::waf::own_rules())? });
        }
        let Some(block) = block else { return Some(Arc::new(waf(sets, Bounds::default()))) };
        if !block.list("rules").is_empty() {
            sets.push(Set { name: FILES, rules: self.rule_files(block)? });
        }
        if sets.is_empty() {
            let finding = Finding::warning(NO_RULES, "the WAF has no rules")
                .at(block.place.clone(), "neither its own nor others")
                .advice("`checks: { waf: off }` says the same without a doubt");
            self.findings.push(finding.owasp(model::Owasp::Api8));
        }
        let mut built = waf(sets, bounds(block));
        built.skip_proven = block.flag("skip_proven");
        built.answers = block.flag("answers");
        built.exclude = self.exclusions(block, &built.sets)?;
        Some(Arc::new(built))
    }

    /// The WAF of one API: its own, or the file's, with what its operations exclude.
    pub(super) fn waf_of_api(
        &mut self,
        block: &Block,
        shared: Option<&Arc<Waf>>,
        description: &openapi::Description,
    ) -> Option<Arc<Waf>> {
        let own = block.section("waf").map(|block| self.waf(Some(block)));
        let mut waf = own.unwrap_or_else(|| shared.cloned())?;
        let mut operations: BTreeMap<String, Vec<Exclude>> = BTreeMap::new();
        for entry in block.entries("operations") {
            let Some(here) = entry.value.block().and_then(|block| block.section("waf")) else { continue };
            let excluded = self.exclusions(here, &waf.sets)?;
            operations.insert(entry.name.to_string(), excluded);
        }
        for operation in &description.operations {
            self.described(operation, &waf.sets);
        }
        if !operations.is_empty() {
            Arc::make_mut(&mut waf).operations = operations;
        }
        Some(waf)
    }

    /// What `x-bartizan` excludes is read with the check; here it is held against the rules.
    fn described(&mut self, operation: &openapi::Operation, sets: &[Set]) {
        let Some(said) = operation.extension.get("waf") else { return };
        let place = operation.extension_place.as_ref().unwrap_or(&operation.place);
        // What cannot be read is told of where `x-bartizan` is judged.
        for exclude in Exclude::read_all(said).unwrap_or_default() {
            self.concerns(&exclude, place, sets);
        }
    }

    fn exclusions(&mut self, block: &Block, sets: &[Set]) -> Option<Vec<Exclude>> {
        let mut placed: Vec<Placed> = Vec::new();
        for block in block.blocks("exclude") {
            let text = |key: &str| block.text(key).map(|text| text.to_string());
            match Chosen::of(block.count("rule").copied(), text("tag")) {
                Ok(chosen) => {
                    let exclude = Exclude { chosen, target: text("target"), because: text("because") };
                    placed.push((exclude, block.place.clone()));
                }
                Err(sentence) => {
                    self.error(EXCLUSION_UNREADABLE, sentence, block.place.clone(), "this exclusion");
                    return None;
                }
            }
        }
        let all =
            placed.iter().fold(true, |all, (exclude, place)| self.concerns(exclude, place, sets) && all);
        all.then(|| placed.into_iter().map(|(exclude, _)| exclude).collect())
    }

    /// `false` where the exclusion cannot be read. One that concerns no rule is told of.
    fn concerns(&mut self, exclude: &Exclude, place: &Place, sets: &[Set]) -> bool {
        let mut concerned = 0;
        for set in sets {
            match exclude.add_to(&mut Exclusions::default(), &set.rules) {
                Ok(count) => concerned += count,
                Err(sentence) => {
                    self.error(EXCLUSION_UNREADABLE, sentence, place.clone(), "this exclusion");
                    return false;
                }
            }
        }
        if concerned == 0 {
            let sentence = format!("`{}` concerns no rule", exclude.text());
            let finding = Finding::warning(EXCLUDES_NOTHING, sentence).at(place.clone(), "excludes nothing");
            self.findings.push(finding.advice("`bartizan waf rules` lists every rule with its tags"));
        }
        true
    }

    /// The rules of the block's files, as one set.
    fn rule_files(&mut self, block: &Block) -> Option<Arc<RuleSet>> {
        let mut texts = Vec::new();
        for value in block.list("rules") {
            texts.extend(self.texts_of(value)?);
        }
        let files = texts.iter().map(|(name, text)| Source { name, text });
        let sources: Vec<_> = std::iter::once(BODIES).chain(files).collect();
        let beside = files::Beside::new(self.environment);
        let compiled = seclang::compile(&sources, &beside).map(Arc::new);
        for (_, text) in &texts {
            self.rule_files.rules(text);
        }
        for (path, bytes) in beside.into_read() {
            self.rule_files.data(&bytes);
            self.sources.insert(path.to_string_lossy().into_owned(), bytes);
        }
        let rules = self.compiled(compiled)?;
        self.findings.extend(rules.notes().iter().cloned());
        if rules.settings().engine != Engine::On {
            let finding = Finding::warning(ENGINE_IGNORED, "`SecRuleEngine` has no effect here")
                .at(block.key_place("rules"), "in these rules")
                .advice("the mode of the check `waf` decides: `checks: { waf: enforce }`, `watch` or `off`");
            self.findings.push(finding);
        }
        // What stands in front of the files writes one of them too.
        let of_files = |directive: &str| {
            let files = rules.settings().written.get(directive).into_iter().flatten();
            files.into_iter().any(|file| **file != *BODIES.name)
        };
        for (directive, key) in DECIDED.iter().filter(|(directive, _)| of_files(directive)) {
            let finding = Finding::warning(DECIDED_HERE, format!("`{directive}` has no effect here"))
                .at(block.key_place("rules"), "in these rules");
            let advice = key.map_or("what is beyond a limit is refused".to_owned(), |key| {
                format!("`waf: {{ {key}: ... }}` of the gateway file says it for all rules")
            });
            self.findings.push(finding.advice(advice));
        }
        Some(rules)
    }

    fn compiled(&mut self, compiled: Result<Arc<RuleSet>, Vec<Finding>>) -> Option<Arc<RuleSet>> {
        compiled.map_err(|findings| self.findings.extend(findings)).ok()
    }

    /// Text and name of every file that a path means.
    fn texts_of(&mut self, value: &Value) -> Option<Vec<(String, String)>> {
        let Content::Path(path) = &value.content else { return None };
        let found = files::of_path(self.environment, path);
        if found.is_empty() {
            let sentence = format!("`{}` holds no `*.conf`", path.display());
            self.error("B2007", sentence, value.place.clone(), "named here");
            return None;
        }
        let mut texts = Vec::with_capacity(found.len());
        for path in found {
            let name = path.to_string_lossy().into_owned();
            match files::text(self.environment, &path) {
                Ok(text) => {
                    self.sources.insert(name.clone(), Bytes::from(text.clone()));
                    texts.push((name, text));
                }
                Err(sentence) => {
                    self.error("B2007", sentence, value.place.clone(), "named here");
                    return None;
                }
            }
        }
        Some(texts)
    }
}

fn waf(sets: Vec<Set>, bounds: Bounds) -> Waf {
    Waf { sets, exclude: Vec::new(), operations: BTreeMap::new(), skip_proven: true, answers: false, bounds }
}

fn bounds(block: &Block) -> Bounds {
    let usual = Bounds::default();
    let number = |key: &str| block.count(key).copied();
    let size = |key: &str, usual| number(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(usual);
    let plain = block.text("json_names").is_some_and(|text| &**text == "plain");
    Bounds {
        json_names: if plain { JsonNames::Plain } else { JsonNames::Marked },
        body_bytes_max: size("body_bytes_max", usual.body_bytes_max),
        arguments_max: size("arguments_max", usual.arguments_max),
        depth_max: number("depth_max").and_then(|n| u32::try_from(n).ok()).unwrap_or(usual.depth_max),
        work_max: number("work_max").unwrap_or(usual.work_max),
    }
}
