//! Whatever a key changes, `diff` tells.

use std::path::Path;

use super::{cases, files_of};

/// Keys that protect nothing by themselves, or say where something is kept; of descriptions, their titles.
const SILENT: &[&str] = &[
    "state_dir",
    "admin.token_file",
    "telemetry.service_name",
    "telemetry.sample",
    "apis.*.overlays",
    "apis.*.spec",
    "cors.max_age",
    "apis.*.cors.max_age",
    // That types are sealed is told.
    "apis.*.authorization.sealing",
    "apis.*.authorization.sealing.keys",
    "apis.*.authorization.sealing.keys.key",
];

#[test]
fn no_key_that_bears_on_security_is_silent_in_a_difference() {
    let mut silent: Vec<&str> = Vec::new();
    let mut compared = 0;
    for (path, old, new) in cases() {
        let (old, new) = (files_of(&old), files_of(&new));
        let (Some(before), Some(after)) = (old.read().0, new.read().0) else { continue };
        compared += 1;
        let mut both = old;
        both.files.insert("new.yaml".into(), new.files[Path::new("gateway.yaml")].clone());
        let secrets = crate::diff::secrets::changes("gateway.yaml".as_ref(), "new.yaml".as_ref(), &both);
        if crate::diff::changes(&before, &after).is_empty() && secrets.is_empty() {
            silent.push(path);
        }
    }
    silent.dedup();
    assert!(compared > 100, "{compared}");
    assert_eq!(silent, SILENT);
}
