//! The Core Rule Set, its tests, and the configuration that its tests ask for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use seclang::{Files, RuleSet, Source};

use crate::shell;

/// Where the data of others lies.
pub struct Data {
    pub crs: PathBuf,
    pub modsecurity: PathBuf,
}

/// `CRS_DIR` or the shared data; `None`, said aloud, when neither is there.
pub fn data() -> Option<Data> {
    let shared =
        std::env::var_os("BARTIZAN_DATA").map_or_else(|| shell::root().join("../shared/data"), PathBuf::from);
    let crs = std::env::var_os("CRS_DIR").map_or_else(|| shared.join("crs-4.28.0"), PathBuf::from);
    let data = Data { crs, modsecurity: shared.join("modsecurity") };
    let missing = [&data.crs, &data.modsecurity].into_iter().find(|folder| !folder.is_dir());
    if let Some(folder) = missing {
        eprintln!(
            "skipped: {} is not there (CRS_DIR or BARTIZAN_DATA names another place)",
            folder.display()
        );
        return None;
    }
    Some(data)
}

impl Data {
    /// Honest requests and attacks, beside the rules or where `WAF_SAMPLES_DIR` says.
    pub fn samples(&self) -> PathBuf {
        let beside = self.modsecurity.with_file_name("waf-samples");
        std::env::var_os("WAF_SAMPLES_DIR").map_or(beside, PathBuf::from)
    }
}

/// Our own rules, alone, refusing.
pub fn own() -> Result<Arc<RuleSet>, String> {
    let mut texts = vec![("conformance.conf".to_owned(), "SecRuleEngine On\n".to_owned())];
    let folder = shell::root().join("crates/gateway/rules");
    texts.extend(in_folder(&folder)?);
    compiled(&texts, &OnDisk { folders: vec![folder] })
}

/// What the README of the tests asks for in front of the rules.
pub const FOR_THE_TESTS: &str = r#"
SecAction "id:900005,phase:1,nolog,pass,ctl:ruleEngine=DetectionOnly,setvar:tx.blocking_paranoia_level=4,\
  setvar:tx.crs_validate_utf8_encoding=1,setvar:tx.arg_name_length=100,setvar:tx.arg_length=400,\
  setvar:tx.total_arg_length=64000,setvar:tx.max_num_args=255,setvar:tx.max_file_size=64100,\
  setvar:tx.combined_file_sizes=65535"
SecResponseBodyMimeType text/plain text/html text/xml application/json
"#;

/// In detection mode with everything on, as the regression tests want it.
pub fn for_the_tests(data: &Data) -> Result<Arc<RuleSet>, String> {
    compile(data, FOR_THE_TESTS)
}

/// Blocking at a paranoia level, everything else as the rules come.
pub fn blocking(data: &Data, level: u8) -> Result<Arc<RuleSet>, String> {
    let text = format!(
        "SecRuleEngine On\nSecAction \"id:900000,phase:1,nolog,pass,setvar:tx.blocking_paranoia_level={level}\"\n\
         SecResponseBodyMimeType text/plain text/html text/xml application/json\n"
    );
    compile(data, &text)
}

/// The recommended configuration, `between`, and all rules.
pub fn compile(data: &Data, between: &str) -> Result<Arc<RuleSet>, String> {
    let mut texts = vec![
        named(&data.modsecurity.join("modsecurity.conf"))?,
        named(&data.crs.join("crs-setup.conf.example"))?,
        ("conformance.conf".to_owned(), between.to_owned()),
    ];
    let folder = data.crs.join("rules");
    texts.extend(in_folder(&folder)?);
    compiled(&texts, &OnDisk { folders: vec![folder, data.modsecurity.clone()] })
}

/// The rules of a folder, in order of their files.
fn in_folder(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "conf"))
        .collect();
    files.sort();
    files.iter().map(|file| named(file)).collect()
}

fn compiled(texts: &[(String, String)], files: &OnDisk) -> Result<Arc<RuleSet>, String> {
    let sources: Vec<_> = texts.iter().map(|(name, text)| Source { name, text }).collect();
    let compiled = seclang::compile(&sources, files);
    let rules = compiled.map_err(|findings| {
        let shown: Vec<_> = findings.iter().take(20).map(|finding| format!("{finding:?}")).collect();
        format!("{} faults in the rules:\n{}", findings.len(), shown.join("\n"))
    })?;
    Ok(Arc::new(rules))
}

fn named(path: &Path) -> Result<(String, String), String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((path.to_string_lossy().into_owned(), text))
}

/// Data files beside the rules.
struct OnDisk {
    folders: Vec<PathBuf>,
}

impl Files for OnDisk {
    fn read(&self, _: &str, name: &str) -> Result<Vec<u8>, String> {
        let name = Path::new(name).file_name().ok_or("not a name of a file")?;
        let found = self.folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
        std::fs::read(found.ok_or("it is not there")?).map_err(|error| error.to_string())
    }
}
