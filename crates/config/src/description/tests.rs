#![allow(clippy::unwrap_used)]

use super::name;
use crate::tests::world::{GOOD, ORDERS, World};

#[test]
fn a_description_reads_below_its_own_folder_and_the_gateway_files() {
    let path_item =
        "get:\n  operationId: extra\n  security: []\n  responses: { \"200\": { description: ok } }\n";
    for (spec, reference, at, good) in [
        ("orders.yaml", "more.yaml", "more.yaml", true),
        ("orders.yaml", "parts/more.yaml", "parts/more.yaml", true),
        ("specs/orders.yaml", "../more.yaml", "more.yaml", true),
        ("../specs/orders.yaml", "more.yaml", "../specs/more.yaml", true),
        ("orders.yaml", "../more.yaml", "../more.yaml", false),
        ("../specs/orders.yaml", "../more.yaml", "../more.yaml", false),
    ] {
        let mut world = World::new(&GOOD.replace("spec: orders.yaml", &format!("spec: {spec}")));
        world.files.remove(std::path::Path::new("orders.yaml"));
        let text = ORDERS.replace("  /health:", &format!("  /more: {{ $ref: '{reference}' }}\n  /health:"));
        world.file(spec, &text);
        world.file(at, path_item);
        let (configuration, findings, _) = world.read();
        assert_eq!(configuration.is_some(), good, "{spec} {reference}: {findings:?}");
        if !good {
            assert!(
                findings.iter().any(|finding| finding.sentence.contains("outside the folder")),
                "{findings:?}"
            );
        }
    }
}

#[test]
fn a_file_has_one_name() {
    for (path, expected) in
        [("./a.yaml", "a.yaml"), ("b/../a.yaml", "a.yaml"), ("../a.yaml", "../a.yaml"), ("/x/./a", "/x/a")]
    {
        assert_eq!(name(path.as_ref()), expected);
    }
}
