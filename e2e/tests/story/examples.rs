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
fn the_example_of_a_blog_is_accepted_with_nothing_left_open() {
    let folder = e2e::folder("example-conduit");
    for file in ["bartizan.yaml", "bindings.yaml", "conduit.openapi.yaml"] {
        std::fs::copy(e2e::root().join("examples/conduit").join(file), folder.join(file)).unwrap();
    }
    let file = folder.join("bartizan.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(folder.join("secret"), "-".repeat(40)).unwrap();
    std::fs::write(&file, text.replace("${env:CONDUIT_SECRET}", "${file:secret}")).unwrap();
    let output = verb_in(&folder, &["check"]);
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    let gaps = said.matches("[B42").count();
    assert_eq!((gaps, said.matches("[B4207]").count()), (1, 1), "that ids can be guessed is all: {said}");
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
