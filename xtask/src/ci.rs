//! The gates a change passes: format, tidy, clippy, generated pages, tests, demo.

use crate::{generate, packages, shell, tidy};

/// Everything CI runs, in order of how quickly it fails.
pub fn ci(_: &[String]) -> Result<(), String> {
    shell::run("cargo", &["fmt", "--all", "--check"])?;
    tidy::run(&[])?;
    shell::run("cargo", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    test(&[])?;
    generate::run(&["--check".to_owned()])?;
    demo(&["--exit".to_owned()])
}

/// `cargo x test [--filter NAME]`
pub fn test(arguments: &[String]) -> Result<(), String> {
    packages::ensure(packages::FOR_TESTS)?;
    // The stories start the real binary, so it is built first.
    build()?;
    let mut command = vec!["test", "--workspace", "--locked", "--quiet"];
    if let Some(position) = arguments.iter().position(|argument| argument == "--filter") {
        let name = arguments.get(position + 1).ok_or("--filter takes a name")?;
        command.push(name);
    }
    shell::run("cargo", &command)
}

/// `cargo x demo [--exit]`
pub fn demo(arguments: &[String]) -> Result<(), String> {
    build()?;
    let mut command = vec!["demo"];
    command.extend(arguments.iter().map(String::as_str));
    shell::run(&shell::bartizan("debug"), &command)
}

/// Always the whole workspace: then every verb shares one set of features, and nothing is built twice.
pub fn build() -> Result<(), String> {
    shell::run("cargo", &["build", "--workspace", "--locked"])
}
