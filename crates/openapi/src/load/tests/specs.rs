//! Descriptions of real APIs, kept by others.

use std::path::PathBuf;
use std::time::Instant;

use bytes::Bytes;

use crate::{Description, Files, load};

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Bytes, String> {
        std::fs::read(self.0.join(path)).map(Bytes::from).map_err(|error| error.to_string())
    }
}

fn folder() -> Option<Folder> {
    let data = std::env::var_os("BARTIZAN_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let specs = data.join("specs");
    if specs.is_dir() {
        return Some(Folder(specs));
    }
    eprintln!("skipped: {} not found", specs.display());
    None
}

fn loaded(folder: &Folder, name: &str) -> (Description, Vec<model::Finding>) {
    let start = Instant::now();
    let (description, findings) = load(name, &[], folder);
    let description = description.expect(name);
    let mut by_code = std::collections::BTreeMap::<&str, usize>::new();
    for finding in &findings {
        *by_code.entry(&finding.code).or_default() += 1;
    }
    eprintln!("{name}: {} operations, {by_code:?}, {:?}", description.operations.len(), start.elapsed());
    for finding in findings.iter().filter(|finding| finding.code != "B2101").take(5) {
        eprintln!("  {} {} {}", finding.code, finding.place.as_ref().unwrap(), finding.sentence);
    }
    (description, findings)
}

#[test]
fn loads_the_descriptions_of_real_apis_with_every_operation() {
    let Some(folder) = folder() else { return };
    let table = [
        ("github.json", 1223),
        ("twilio.json", 197),
        ("adyen-management.json", 134),
        ("crapi.json", 44),
        ("vampi.yml", 14),
    ];
    for (name, operations) in table {
        let (description, findings) = loaded(&folder, name);
        assert_eq!(description.operations.len(), operations, "{name}");
        assert!(!findings.iter().any(model::Finding::is_error), "{name}");
    }
}

#[test]
fn json_read_as_yaml_gives_the_same_operations() {
    /// The same text with a comment before it, which only YAML has.
    struct AsYaml<'f>(&'f Folder);

    impl Files for AsYaml<'_> {
        fn read(&self, path: &str) -> Result<Bytes, String> {
            self.0.read(path).map(|text| [b"# YAML\n".as_slice(), &text].concat().into())
        }
    }

    let Some(folder) = folder() else { return };
    for name in ["crapi.json", "adyen-management.json"] {
        let (json, _) = load(name, &[], &folder);
        let (yaml, _) = load(name, &[], &AsYaml(&folder));
        let (json, yaml) = (json.unwrap(), yaml.unwrap());
        let titles =
            |d: &Description| d.operations.iter().map(|o| format!("{o:?} {}", o.place)).collect::<Vec<_>>();
        let shifted = |d: &Description| {
            let down = |o: &std::sync::Arc<crate::Operation>| {
                let place = model::Place { line: o.place.line + 1, ..o.place.clone() };
                format!("{o:?} {place}")
            };
            d.operations.iter().map(down).collect::<Vec<_>>()
        };
        assert_eq!(titles(&yaml), shifted(&json), "{name}");
        assert!(json.documents().root().to_value() == yaml.documents().root().to_value(), "{name}");
    }
}
