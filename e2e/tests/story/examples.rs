//! Every configuration under `examples` is accepted as it stands.

use e2e::verb_in;

#[test]
fn the_examples_are_accepted() {
    let folder = e2e::root().join("examples/orders");
    let output = verb_in(&folder, &["check"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let output = verb_in(&folder, &["routes", "--json"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("getOrder") && said.contains("orders.read"), "{said}");
}

#[test]
fn the_file_in_the_readme_is_the_example() {
    let readme = std::fs::read_to_string(e2e::root().join("README.md")).unwrap();
    let example = std::fs::read_to_string(e2e::root().join("examples/orders/bartizan.yaml")).unwrap();
    let block = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let bare = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.split('#').next().unwrap().trim_end().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    };
    assert_eq!(bare(block), bare(&example));
}
