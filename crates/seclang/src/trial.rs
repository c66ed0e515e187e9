//! What tests of rules begin with: a rule set from text, a request from its bytes, and the run.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use crate::input::Input;
use crate::{Files, Limits, Outcome, Phase, RuleSet, Source, Transaction, compile};

/// A folder of rules and their data.
pub struct Folder(pub PathBuf);

impl Files for Folder {
    fn read(&self, _: &str, name: &str) -> Result<Vec<u8>, String> {
        std::fs::read(self.0.join(name)).map_err(|error| error.to_string())
    }
}

pub fn try_rules(text: &str) -> Result<RuleSet, Vec<model::Finding>> {
    compile(&[Source { name: "rules.conf", text }], &Folder(PathBuf::from("/nowhere")))
}

pub fn rules(text: &str) -> Arc<RuleSet> {
    match try_rules(text) {
        Ok(rules) => Arc::new(rules),
        Err(findings) => panic!("{}", told(&findings).join("\n")),
    }
}

/// Code, place, sentence and advice of each finding.
pub fn told(findings: &[model::Finding]) -> Vec<String> {
    let one = |finding: &model::Finding| {
        let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
        let advice = finding.advice.as_ref().map(|advice| format!(" ({advice})")).unwrap_or_default();
        format!("{} {place} {}{advice}", finding.code, finding.sentence)
    };
    findings.iter().map(one).collect()
}

/// The request's phases, and logging, over a request as it stood on the wire.
pub fn run(transaction: &mut Transaction, raw: &[u8]) -> Outcome {
    let (request, body) = crate::wire::read(&Bytes::copy_from_slice(raw)).expect("a request");
    let settings = transaction.rules().settings().body.clone();
    let mut input = Input::new(request, &settings);
    let mut outcome = transaction.run(Phase::RequestHeaders, &input);
    if outcome == Outcome::Continue {
        input.read_body(body, &transaction.body_wanted());
        outcome = transaction.run(Phase::RequestBody, &input);
    }
    let _ = transaction.run(Phase::Logging, &input);
    outcome
}

/// Runs `text` over a GET of `target`.
pub fn get(text: &str, target: &str) -> (Transaction, Outcome) {
    let mut transaction = Transaction::new(rules(text), Limits::default()).show_values();
    let outcome =
        run(&mut transaction, format!("GET {target} HTTP/1.1\r\nHost: shop.test\r\n\r\n").as_bytes());
    (transaction, outcome)
}

pub fn ids(transaction: &Transaction) -> Vec<u64> {
    transaction.matches().iter().map(|found| found.rule_id).collect()
}

/// Where the Core Rule Set is looked for: `CRS_DIR`, else in `BARTIZAN_DATA`, else beside the repository.
pub fn crs_folder() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = || std::env::var_os("BARTIZAN_DATA").map_or_else(beside, PathBuf::from).join("crs-4.28.0");
    std::env::var_os("CRS_DIR").map_or_else(data, PathBuf::from)
}

/// The Core Rule Set, when it is there.
pub fn crs(setup: &str) -> Option<(Folder, Vec<(String, String)>)> {
    let root = crs_folder();
    if !root.is_dir() {
        eprintln!("skipped: {} not found (CRS_DIR names the Core Rule Set)", root.display());
        return None;
    }
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).expect("readable"))
    };
    let mut texts = Vec::new();
    let recommended = root.join("../modsecurity/modsecurity.conf");
    if recommended.exists() {
        texts.push(read(recommended));
    }
    texts.push(read(root.join("crs-setup.conf.example")));
    texts.push(("setup.conf".to_owned(), setup.to_owned()));
    let listed = std::fs::read_dir(root.join("rules")).expect("a folder");
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
    paths.sort();
    texts.extend(paths.into_iter().map(read));
    // The table of code points lies beside the recommended configuration.
    let data = texts.iter_mut().find(|(name, _)| name == "modsecurity.conf");
    if let Some((_, text)) = data {
        *text = text.replace("unicode.mapping 20127", "../../modsecurity/unicode.mapping 20127");
    }
    Some((Folder(root.join("rules")), texts))
}

pub fn crs_rules(setup: &str) -> Option<Arc<RuleSet>> {
    let (folder, texts) = crs(setup)?;
    let sources: Vec<_> = texts.iter().map(|(name, text)| Source { name, text }).collect();
    match compile(&sources, &folder) {
        Ok(rules) => Some(Arc::new(rules)),
        Err(findings) => panic!("{}", told(&findings).join("\n")),
    }
}
