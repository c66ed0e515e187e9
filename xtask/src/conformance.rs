//! `cargo x conformance crs [--json] [--filter TEXT] [--levels]`: our rules engine on the suites of others.
//!
//! It runs in this process, which it builds again in the release profile with the feature `waf`, so that the other chores
//! need none of what is measured.

#[cfg(feature = "waf")]
mod decisions;
#[cfg(feature = "waf")]
mod front;
#[cfg(feature = "waf")]
mod overrides;
#[cfg(feature = "waf")]
mod regression;
#[cfg(feature = "waf")]
mod report;
#[cfg(feature = "waf")]
mod rules;
#[cfg(feature = "waf")]
mod suite;

const USAGE: &str = "usage: cargo x conformance crs [--json] [--filter TEXT] [--levels]";

pub fn run(arguments: &[String]) -> Result<(), String> {
    let Some((suite, rest)) = arguments.split_first() else { return Err(USAGE.to_owned()) };
    let arguments = Arguments::read(rest)?;
    match suite.as_str() {
        "crs" => crs(&arguments),
        _ => Err(USAGE.to_owned()),
    }
}

/// What was asked for.
#[derive(Debug, Default)]
struct Arguments {
    json: bool,
    /// Only tests whose id begins with this text, or whose file's name contains it.
    filter: Option<String>,
    /// The blocking decisions too.
    levels: bool,
}

impl Arguments {
    fn read(given: &[String]) -> Result<Self, String> {
        let mut read = Self::default();
        let mut given = given.iter();
        while let Some(name) = given.next() {
            match name.as_str() {
                "--json" => read.json = true,
                "--levels" => read.levels = true,
                "--filter" => read.filter = Some(given.next().ok_or("--filter takes a text")?.clone()),
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(read)
    }
}

#[cfg(feature = "waf")]
fn crs(arguments: &Arguments) -> Result<(), String> {
    let Some(data) = rules::data() else { return Ok(()) };
    let suite = suite::read(&data, arguments.filter.as_deref())?;
    let regression = regression::run(&data, &suite)?;
    let levels = if arguments.levels { Some(decisions::run(&data, &suite)?) } else { None };
    report::print(&regression, levels.as_deref(), arguments.json);
    let agreed = levels.iter().flatten().all(|level| level.wrong.is_empty());
    if regression.failed.is_empty() && regression.stale.is_empty() && agreed {
        Ok(())
    } else {
        Err("not everything is as it should be".to_owned())
    }
}

#[cfg(not(feature = "waf"))]
fn crs(arguments: &Arguments) -> Result<(), String> {
    let mut again =
        vec!["run", "--quiet", "--release", "--locked", "--package", "xtask", "--features", "waf", "--"];
    again.extend(["conformance", "crs"]);
    if arguments.json {
        again.push("--json");
    }
    if arguments.levels {
        again.push("--levels");
    }
    if let Some(filter) = &arguments.filter {
        again.extend(["--filter", filter]);
    }
    crate::shell::run("cargo", &again)
}
