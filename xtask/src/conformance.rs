//! `cargo x conformance crs [--json] [--filter TEXT] [--wire]`: our rules engine on the suites of others.
//! `cargo x conformance waf-samples [--json] [--filter TEXT] [--honest FILE] [--misses FILE] [--false-alarms FILE]
//! [--by-rule FILE]`: how right our own rules are.
//!
//! It runs in this process, which it builds again with the feature `waf`, so that the other chores need none of what is
//! looked at.

#[cfg(feature = "waf")]
mod decisions;
#[cfg(feature = "waf")]
pub mod front;
#[cfg(feature = "waf")]
mod overrides;
#[cfg(feature = "waf")]
mod regression;
#[cfg(feature = "waf")]
mod report;
#[cfg(feature = "waf")]
pub mod rules;
#[cfg(feature = "waf")]
mod suite;
#[cfg(feature = "waf")]
mod waf_samples;
#[cfg(feature = "waf")]
mod wire;

const USAGE: &str = "usage: cargo x conformance crs [--json] [--filter TEXT] [--wire]\n       \
                     cargo x conformance waf-samples [--json] [--filter TEXT] [--honest FILE] [--misses FILE]\n       \
                     [--false-alarms FILE] [--by-rule FILE]";

pub fn run(arguments: &[String]) -> Result<(), String> {
    let Some((suite, rest)) = arguments.split_first() else { return Err(USAGE.to_owned()) };
    let arguments = Arguments::read(rest)?;
    match suite.as_str() {
        "crs" => crs(&arguments),
        "waf-samples" => waf_samples(&arguments),
        _ => Err(USAGE.to_owned()),
    }
}

/// What was asked for.
#[derive(Debug, Default)]
struct Arguments {
    json: bool,
    /// Only tests whose id begins with this text, or whose file's name contains it; only such classes of samples.
    filter: Option<String>,
    /// Through the real gateway too.
    wire: bool,
    /// Where to list what our own rules get wrong.
    misses: Option<String>,
    false_alarms: Option<String>,
    by_rule: Option<String>,
    /// Honest values of one's own.
    honest: Option<String>,
}

impl Arguments {
    fn read(given: &[String]) -> Result<Self, String> {
        let mut read = Self::default();
        let mut given = given.iter();
        while let Some(name) = given.next() {
            match name.as_str() {
                "--json" => read.json = true,
                "--wire" => read.wire = true,
                "--filter" => read.filter = Some(given.next().ok_or("--filter takes a text")?.clone()),
                "--honest" => read.honest = Some(given.next().ok_or("--honest takes a file")?.clone()),
                "--by-rule" => read.by_rule = Some(given.next().ok_or("--by-rule takes a file")?.clone()),
                "--misses" => read.misses = Some(given.next().ok_or("--misses takes a file")?.clone()),
                "--false-alarms" => {
                    read.false_alarms = Some(given.next().ok_or("--false-alarms takes a file")?.clone());
                }
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
    let levels = decisions::run(&data, &suite)?;
    let wire = if arguments.wire { Some(wire::run(&data, &suite)?) } else { None };
    report::print(&regression, &levels, wire.as_ref(), arguments.json);
    let agreed = levels.iter().all(|level| level.wrong.is_empty())
        && wire.iter().all(|wire| wire.failed.is_empty() && wire.stale.is_empty());
    if regression.failed.is_empty() && regression.stale.is_empty() && agreed {
        Ok(())
    } else {
        Err("not everything is as it should be".to_owned())
    }
}

#[cfg(not(feature = "waf"))]
fn crs(arguments: &Arguments) -> Result<(), String> {
    let mut again = vec!["run", "--quiet", "--locked", "--package", "xtask", "--features", "waf", "--"];
    again.extend(["conformance", "crs"]);
    if arguments.json {
        again.push("--json");
    }
    if arguments.wire {
        again.push("--wire");
    }
    if let Some(filter) = &arguments.filter {
        again.extend(["--filter", filter]);
    }
    crate::shell::run("cargo", &again)
}

#[cfg(feature = "waf")]
fn waf_samples(arguments: &Arguments) -> Result<(), String> {
    let Some(data) = rules::data() else { return Ok(()) };
    let lists = waf_samples::Lists {
        misses: arguments.misses.clone(),
        false_alarms: arguments.false_alarms.clone(),
        filter: arguments.filter.clone(),
        by_rule: arguments.by_rule.clone(),
        honest: arguments.honest.clone(),
    };
    waf_samples::run(&data, &lists, arguments.json)
}

#[cfg(not(feature = "waf"))]
fn waf_samples(arguments: &Arguments) -> Result<(), String> {
    let mut again = vec!["run", "--quiet", "--locked", "--package", "xtask", "--features", "waf", "--"];
    again.extend(["conformance", "waf-samples"]);
    if arguments.json {
        again.push("--json");
    }
    let given = [
        ("--filter", &arguments.filter),
        ("--misses", &arguments.misses),
        ("--false-alarms", &arguments.false_alarms),
        ("--by-rule", &arguments.by_rule),
        ("--honest", &arguments.honest),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            again.extend([name, value]);
        }
    }
    crate::shell::run("cargo", &again)
}
