//! The rules engine: hostile rules, and hostile requests through rules that use all there is.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use seclang::body::Processor;
use seclang::transformation::TRANSFORMATIONS;
use seclang::{Files, Limits, RuleSet, Source, ftw, wire};

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str, _: &str) -> Result<Vec<u8>, String> {
        Err("not there".to_owned())
    }
}

fn compile(text: &str) -> Result<RuleSet, Vec<model::Finding>> {
    seclang::compile(&[Source { name: "fuzz.conf", text }], &NoFiles)
}

/// A hostile text of rules gives a rule set, which runs, or says why not.
pub fn rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match compile(text) {
        Ok(rules) => {
            let sent =
                Bytes::from_static(b"POST /a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nd=e&f");
            if let Some((request, body)) = wire::read(&sent) {
                let limits = Limits { fuel_steps_max: 1_000_000, ..Limits::default() };
                let _ = ftw::run(&Arc::new(rules), limits, request, &body, ftw::reflect);
            }
        }
        Err(findings) => assert!(findings.iter().any(model::Finding::is_error)),
    }
}

const LOOKED_AT: &str = "ARGS|ARGS_NAMES|REQUEST_BODY|REQUEST_HEADERS|REQUEST_COOKIES|REQUEST_LINE|REQUEST_FILENAME|\
                         FILES|FILES_NAMES|MULTIPART_PART_HEADERS|XML:/*|XML://@*";

const OPERATORS: &[&str] = &[
    "@rx (?i)(a+)+b|<script",
    "@pm select union ../",
    "@detectSQLi",
    "@detectXSS",
    "@validateUrlEncoding",
    "@validateUtf8Encoding",
    "@validateByteRange 1-255",
    "@contains %{ARGS.a}",
    "@containsWord or",
    "@within %{REQUEST_HEADERS.host}",
    "@strmatch WebZIP",
    "@beginsWith /",
    "@endsWith .php",
    "@eq 0",
    "@gt 7",
    "@streq x",
    "!@ipMatch 127.0.0.1",
];

/// Every transformation and operator, for each way in which a body can be read.
fn sets() -> &'static [Arc<RuleSet>] {
    static SETS: OnceLock<Vec<Arc<RuleSet>>> = OnceLock::new();
    SETS.get_or_init(|| {
        let set = |processor: &str| {
            let mut text = format!("SecAction \"id:1,phase:1,pass,nolog,ctl:requestBodyProcessor={processor}\"\n");
            for (index, transformation) in TRANSFORMATIONS.iter().enumerate() {
                let (id, name) = (1_000 + index, transformation.name);
                text += &format!("SecRule {LOOKED_AT} \"@rx ^.{{3}}\" \"id:{id},phase:2,pass,capture,t:{name},multiMatch\"\n");
            }
            for (index, operator) in OPERATORS.iter().enumerate() {
                let id = 2_000 + index;
                text += &format!("SecRule {LOOKED_AT} \"{operator}\" \"id:{id},phase:2,pass,t:urlDecodeUni,setvar:tx.n=+1\"\n");
            }
            Arc::new(compile(&text).expect("the rules of the target compile"))
        };
        Processor::names().map(set).collect()
    })
}

/// A hostile request comes to a decision, within the limits.
pub fn requests(data: &[u8]) {
    let Some((request, body)) = wire::read(&Bytes::copy_from_slice(data)) else { return };
    for rules in sets() {
        let limits = Limits::default();
        let (seen, transaction) = ftw::run(rules, limits, request.clone(), &body, ftw::reflect);
        assert!(seen.status.is_some());
        assert!(transaction.fuel_used() <= limits.fuel_steps_max);
        assert!(transaction.matches().len() <= limits.matches_max);
    }
}
