//! Rule sets, settings and exchanges to compare under.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use mutate::Random;

use super::{Exchange, Setting};
use crate::trial::{crs, crs_folder, told};
use crate::{Engine, Exclusions, RuleChoice, RuleSet, Source, compile, ftw};

/// Before the rules: what makes all of them run, and exclusions that take effect while they run, one for each value of
/// `tx.case`.
const BEFORE: &str = r#"
SecResponseBodyMimeType text/plain text/html text/xml application/json
SecAction "id:900100,phase:1,pass,nolog,setvar:tx.crs_validate_utf8_encoding=1,setvar:tx.arg_length=400,\
  setvar:tx.arg_name_length=100,setvar:tx.max_num_args=255,setvar:tx.total_arg_length=64000"
SecRule TX:case "@streq 1" "id:900101,phase:1,pass,nolog,ctl:ruleRemoveById=942100-942199,ctl:ruleRemoveById=920350"
SecRule TX:case "@streq 2" "id:900102,phase:1,pass,nolog,ctl:ruleRemoveByTag=attack-xss,ctl:ruleRemoveByTag=attack-rce"
SecRule TX:case "@streq 3" "id:900103,phase:1,pass,nolog,ctl:ruleRemoveTargetById=932160-942999;ARGS"
SecRule TX:case "@streq 4" "id:900104,phase:1,pass,nolog,ctl:ruleRemoveTargetByTag=OWASP_CRS;ARGS:/^[a-m]/,\
  ctl:ruleRemoveTargetByTag=attack-protocol;REQUEST_HEADERS:User-Agent"
SecRule TX:case "@streq 5" "id:900105,phase:1,pass,nolog,ctl:forceRequestBodyVariable=On"
SecRule TX:case "@streq 6" "id:900106,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRule TX:case "@streq 7" "id:900107,phase:1,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule TX:case "@streq 8" "id:900108,phase:1,pass,nolog,ctl:requestBodyAccess=Off,ctl:responseBodyAccess=Off"
SecRule TX:case "@streq 9" "id:900109,phase:2,pass,nolog,ctl:ruleEngine=On"
SecRule TX:case "@streq 10" "id:900110,phase:3,pass,nolog,ctl:ruleRemoveByTag=attack-disclosure"
SecRule TX:case "@streq 11" "id:900111,phase:1,pass,nolog,setvar:tx.early_blocking=1,setvar:tx.inbound_anomaly_score_threshold=10"
SecRule TX:case "@streq 12" "id:900112,phase:1,allow:request,nolog"
"#;

const CASES: usize = 13;

/// After the rules: what is taken out of them when they are compiled.
pub const EXCLUDED: &str = r#"
SecRuleUpdateTargetById 942100 "!ARGS:q"
SecRuleUpdateTargetById 941100-941399 "!REQUEST_COOKIES:/^_/"
SecRuleUpdateTargetByTag "attack-lfi" "!ARGS:/^(?:file|path)$/"
SecRuleRemoveById 920280 "932200-932239"
SecRuleRemoveByTag "attack-fixation"
SecRuleRemoveByMsg "Node.js Injection Attack 1/2"
"#;

/// The Core Rule Set with `after` behind it.
pub fn core(after: &str) -> Option<Arc<RuleSet>> {
    with_core(vec![("after.conf".to_owned(), after.to_owned())])
}

pub fn core_and_own() -> Option<Arc<RuleSet>> {
    with_core(own_texts())
}

fn with_core(after: Vec<(String, String)>) -> Option<Arc<RuleSet>> {
    let (folder, mut texts) = crs(BEFORE)?;
    texts.extend(after);
    Some(compiled(&texts, &folder))
}

/// The rules that come with the gateway.
pub fn own() -> Arc<RuleSet> {
    compiled(&own_texts(), &crate::trial::Folder(own_folder()))
}

fn own_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/rules")
}

fn own_texts() -> Vec<(String, String)> {
    let listed = std::fs::read_dir(own_folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> =
        listed.filter(|path| path.extension().is_some_and(|extension| extension == "conf")).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths.iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap())).collect()
}

fn compiled(texts: &[(String, String)], files: &dyn crate::Files) -> Arc<RuleSet> {
    let sources: Vec<_> = texts.iter().map(|(name, text)| Source { name, text }).collect();
    Arc::new(compile(&sources, files).unwrap_or_else(|findings| panic!("{}", told(&findings).join("\n"))))
}

/// Levels, what the rules exclude while they run, what the user of the set excludes, detection and refusal.
pub fn settings(rules: &RuleSet) -> Vec<Setting> {
    let mut exclusions = Exclusions::default();
    let choices = [
        (RuleChoice::Ids(vec![(942_000, 942_999)]), Some("ARGS:/^[n-z]/")),
        (RuleChoice::Tag("attack-xss".to_owned()), Some("REQUEST_HEADERS:Referer")),
        (RuleChoice::Tag("attack-ldap".to_owned()), None),
    ];
    for (choice, target) in choices {
        rules.exclude(&mut exclusions, &choice, target).unwrap();
    }
    let mut settings = Vec::new();
    for case in 0..CASES {
        for level in [1, 4] {
            let mut setting = Setting::of_level(level);
            setting.tx.push(("case", case.to_string()));
            setting.engine = if (case + level) % 3 == 0 { Engine::On } else { Engine::DetectionOnly };
            settings.push(setting);
        }
    }
    for level in 1..=4 {
        let plain = Setting::of_level(level);
        settings.push(Setting { engine: Engine::On, ..plain.clone() });
        settings.push(Setting { exclusions: exclusions.clone(), removed: Some(920_420), ..plain });
    }
    settings
}

/// The requests of the Core Rule Set's tests with the answers that they ask for, and mutations of both.
pub fn exchanges(count: usize, random: &mut Random) -> Vec<Exchange> {
    let mut requests = Vec::new();
    collect(&crs_folder().join("tests/regression/tests"), &mut requests);
    if requests.is_empty() {
        requests.push(b"GET /?q=1'%20or%201=1-- HTTP/1.1\r\nHost: api.test\r\n\r\n".to_vec());
    }
    let mut all = Vec::new();
    // Every so many, so that a sample has some of each file.
    let step = (requests.len() / count.max(1)).max(1);
    let mut known = requests.iter().step_by(step).cycle();
    while all.len() < count {
        let Some(mut request) = known.next().cloned() else { break };
        if all.len() % 3 == 2 || all.len() >= requests.len() {
            (0..=random.below(5)).for_each(|_| random.mutate(&mut request));
        }
        let Some((read, body)) = crate::wire::read(&Bytes::copy_from_slice(&request)) else { continue };
        all.push(Exchange { answer: ftw::reflect(&read, &body), request });
    }
    all
}

fn collect(folder: &Path, requests: &mut Vec<Vec<u8>>) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, requests);
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            let tests = ftw::read(Bytes::from(std::fs::read(&path).unwrap())).unwrap();
            requests.extend(tests.into_iter().flat_map(|test| test.stages).map(|stage| stage.request));
        }
    }
}
