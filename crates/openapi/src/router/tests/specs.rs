//! The descriptions of others: every operation is reached at its own path.

use std::path::{Path, PathBuf};

use crate::load::tests::Memory;
use crate::{Match, NormalPath, load};

fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("BARTIZAN_DATA").map_or_else(beside, PathBuf::from).join("specs");
    folder.is_dir().then_some(folder)
}

/// The template with a value in each place.
fn filled(template: &str) -> String {
    let mut path = String::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap();
        path.push_str(literal);
        path.push_str(&format!("v%20{}", name.len()));
        rest = after;
    }
    path + rest
}

#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn every_operation_of_the_descriptions_of_others_is_reached_and_its_parameters_compile() {
    let Some(folder) = folder() else {
        eprintln!("skipped: shared/data/specs not found");
        return;
    };
    for (name, at_least) in
        [("vampi.yml", 10), ("crapi.json", 30), ("twilio.json", 150), ("github.json", 800)]
    {
        let text = String::from_utf8(std::fs::read(folder.join(name)).unwrap()).unwrap();
        let (description, _) = load(name, &[], &Memory::new(&[(name, &text)]));
        let description = description.unwrap();
        let mut reached = 0;
        for operation in &description.operations {
            let raw = filled(&operation.template);
            let path = NormalPath::new(&raw).unwrap_or_else(|fault| panic!("{name} {raw}: {fault}"));
            match description.router().find(&operation.method, &path) {
                Match::Operation { operation: found, values } => {
                    assert_eq!(found.id, operation.id, "{name} {raw}");
                    assert!(
                        values.iter().all(|(_, value)| value.starts_with("v ") || value.starts_with("v%20"))
                    );
                    reached += 1;
                }
                other => panic!("{name} {} {raw}: {other:?}", operation.method),
            }
            let errors: Vec<_> =
                operation.prepare_head().into_iter().filter(model::Finding::is_error).collect();
            assert!(errors.is_empty(), "{name} {}: {errors:?}", operation.id);
        }
        assert!(reached >= at_least, "{name}: {reached}");
    }
}
