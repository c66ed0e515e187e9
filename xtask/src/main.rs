//! The project's own chores: `cargo x VERB`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks")]

mod bench;
mod ci;
mod conformance;
mod generate;
mod packages;
mod release;
mod shell;
mod tidy;

use std::process::ExitCode;

/// A verb: its name, what it does, and the function that does it with the remaining arguments.
struct Verb {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), String>,
}

const VERBS: &[Verb] = &[
    Verb { name: "demo", about: "build and run the demo (--exit ends after the table)", run: ci::demo },
    Verb { name: "test", about: "run every test, installing what it needs (--filter NAME)", run: ci::test },
    Verb {
        name: "ci",
        about: "format, tidy, clippy, test, demo: what must pass before a change lands",
        run: ci::ci,
    },
    Verb { name: "tidy", about: "licences, sources, arrows between rooms, file sizes, text", run: tidy::run },
    Verb {
        name: "generate",
        about: "write docs/reference from the code (--check: fail when stale)",
        run: generate::run,
    },
    Verb {
        name: "release",
        about: "build target/guided/bartizan: built, put to work, built again by what was counted",
        run: release::run,
    },
    Verb {
        name: "bench",
        about: "bench proxy|checks|soak|authz|waf [--json]: cost a request beside peers, cost of each check, a long run",
        run: bench::run,
    },
    Verb {
        name: "conformance",
        about: "conformance crs|transformations|operators|waf-samples [--json] [--filter TEXT]: the rules engine on the \
                suites of others, beside libmodsecurity, and our own rules on samples",
        run: conformance::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        return usage();
    };
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        return usage();
    };
    match (verb.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: cargo x VERB\n");
    for verb in VERBS {
        eprintln!("  {:<10} {}", verb.name, verb.about);
    }
    ExitCode::from(2)
}
