//! The gates a change passes: format, tidy, clippy, generated pages, tests, demo.

use std::path::PathBuf;

use crate::{generate, packages, shell, tidy};

/// Everything CI runs, in order of how quickly it fails.
pub fn ci(_: &[String]) -> Result<(), String> {
    shell::run("cargo", &["fmt", "--all", "--check"])?;
    tidy::run(&[])?;
    clippy(&[])?;
    // What `bench` and `conformance` build again; the workspace comes from the run before.
    clippy(&["--features", "xtask/authz,xtask/waf"])?;
    test(&[])?;
    generate::run(&["--check".to_owned()])?;
    demo(&["--exit".to_owned()])
}

fn clippy(features: &[&str]) -> Result<(), String> {
    let whole = ["clippy", "--workspace", "--all-targets", "--locked"];
    shell::run("cargo", &[&whole, features, &["--", "-D", "warnings"]].concat())
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
    shell::run("cargo", &command)?;
    say_what_was_skipped();
    Ok(())
}

/// What needs something that is not here: the tests of it pass without having looked at anything, so it is said.
fn say_what_was_skipped() {
    let data =
        std::env::var_os("BARTIZAN_DATA").map_or_else(|| shell::root().join("../shared/data"), PathBuf::from);
    let folders = [
        ("wycheproof", "the verifier on Wycheproof's vectors"),
        ("jose-cookbook", "the verifier on the examples of RFC 7520"),
        ("crs-4.28.0", "the rules engine on the texts of the Core Rule Set"),
        ("waf-samples", "the judges of SQL and HTML beside the C library"),
        ("specs", "loading, routing and validating five real descriptions"),
    ];
    for (folder, what) in folders.iter().filter(|(folder, _)| !data.join(folder).is_dir()) {
        eprintln!(
            "skipped: {what} ({} is not there; BARTIZAN_DATA names another place)",
            data.join(folder).display()
        );
    }
    if std::env::var_os("SECRULES_LANGUAGE_TESTS").is_none() {
        eprintln!(
            "skipped: operators and transformations on the vectors of secrules-language-tests (the variable SECRULES_LANGUAGE_TESTS names their folder)"
        );
    }
    if std::env::var_os("VAMPI_URL").is_none() {
        eprintln!("skipped: the stories of VAmPI (VAMPI_URL names no running instance)");
    }
    let installed = std::env::temp_dir().join("bartizan-tools");
    for (program, what) in [("pebble", "certificates of an ACME server"), ("h2spec", "the suite of HTTP/2")] {
        let named = std::env::var_os(program.to_uppercase()).is_some();
        if !named && !shell::has(program) && !installed.join(program).is_file() {
            eprintln!("skipped: {what} (there is no `{program}`, and Go did not install it)");
        }
    }
    for package in packages::FOR_TESTS.iter().filter(|package| !shell::has(package.program)) {
        eprintln!("skipped: what needs `{}` ({})", package.program, package.why);
    }
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
