use clap::{CommandFactory, Parser};

use super::{Cli, Shape, Verb};

#[test]
fn the_command_line_is_well_defined() {
    Cli::command().debug_assert();
}

#[test]
fn every_verb_takes_config_and_json_wherever_they_stand() {
    for line in [
        "init api.yaml",
        "serve",
        "demo",
        "check",
        "explain GET /orders/42",
        "routes",
        "schema",
        "reload",
        "status",
        "tail",
        "diff old.yaml new.yaml",
        "rule B2103",
        "completions bash",
    ] {
        let words = ["bartizan"].into_iter().chain(line.split(' ')).chain(["--config", "x.yaml", "--json"]);
        let cli = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!((cli.common.config.to_str(), cli.common.json), (Some("x.yaml"), true), "{line}");
    }
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    for line in [
        "",
        "fly",
        "explain",
        "explain GET",
        "explain GET /a --curl x",
        "explain GET /a --request-id x",
        "explain --request-id x --as y",
        "diff old.yaml",
        "diff a b --fail-on stronger",
        "check --format xml",
        "completions csh",
        "explain nope",
        "tail --lines 0",
    ] {
        let words = ["bartizan"].into_iter().chain(line.split(' ').filter(|word| !word.is_empty()));
        assert!(Cli::try_parse_from(words).is_err(), "{line}");
    }
}

#[test]
fn formats_of_check_are_read() {
    for (word, shape) in [("text", Shape::Text), ("sarif", Shape::Sarif), ("github", Shape::Github)] {
        let cli = Cli::try_parse_from(["bartizan", "check", "--format", word]);
        let Ok(Cli { verb: Verb::Check(options), .. }) = cli else { panic!("{word}") };
        assert_eq!(options.format, shape);
    }
}

#[test]
fn a_gateway_file_that_is_not_there_is_named() {
    for verb in
        ["--config /nope/a.yaml status", "--config /nope/a.yaml reload", "diff /nope/a.yaml /nope/b.yaml"]
    {
        let cli = Cli::try_parse_from(["bartizan"].into_iter().chain(verb.split(' '))).unwrap();
        let sentence = super::run(&cli).unwrap_err().sentence;
        let mut files = verb.split(' ').filter(|word| word.starts_with("/nope"));
        assert!(files.all(|file| sentence.contains(file)), "{verb}: {sentence}");
    }
}

#[test]
fn pages_are_lists_with_json() {
    use super::schema::{Target, printed};
    for target in [Target::Checks, Target::Codes, Target::WafRules] {
        assert!(printed(target, false).unwrap().starts_with("# "), "{target:?}");
        assert!(printed(target, true).unwrap().starts_with('{'), "{target:?}");
    }
}
