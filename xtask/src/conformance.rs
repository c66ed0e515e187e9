//! `cargo x conformance crs [--json] [--filter TEXT] [--wire]`: our rules engine on the suites of others.
//! `cargo x conformance transformations|operators [--json] [--filter NAME] [--values N]`: ours beside those of Debian's
//! libmodsecurity.
//! `cargo x conformance waf-samples [--json] [--filter TEXT] [--honest FILE] [--misses FILE] [--false-alarms FILE]
//! [--by-rule FILE] [--requests FILE]`: how right our own rules are.
//!
//! It runs in this process, which it builds again with the feature `waf`, so that the other chores need none of what is
//! looked at.

#[cfg(feature = "waf")]
pub mod engine;
#[cfg(any(test, feature = "waf"))]
mod samples;

const USAGE: &str = "usage: cargo x conformance crs [--json] [--filter TEXT] [--wire]\n       \
                     cargo x conformance transformations|operators [--json] [--filter NAME] [--values N]\n       \
                     cargo x conformance waf-samples [--json] [--filter TEXT] [--honest FILE] [--misses FILE]\n       \
                     [--false-alarms FILE] [--by-rule FILE] [--requests FILE]";

pub fn run(arguments: &[String]) -> Result<(), String> {
    let Some((suite, rest)) = arguments.split_first() else { return Err(USAGE.to_owned()) };
    let read = Arguments::read(rest)?;
    if !["crs", "operators", "transformations", "waf-samples"].contains(&suite.as_str()) {
        return Err(USAGE.to_owned());
    }
    #[cfg(feature = "waf")]
    return engine::run(suite, &read);
    #[cfg(not(feature = "waf"))]
    again(arguments, &read)
}

/// The values of the transformations are many, and nothing else takes long in the profile for development.
#[cfg(not(feature = "waf"))]
fn again(arguments: &[String], _: &Arguments) -> Result<(), String> {
    let mut given = vec!["conformance"];
    given.extend(arguments.iter().map(String::as_str));
    crate::shell::again(&["--features", "waf"], &given)
}

/// What was asked for.
#[derive(Debug, Default)]
pub struct Arguments {
    json: bool,
    /// Only tests whose id begins with this text, or whose file's name contains it; only such classes of samples; only
    /// this transformation.
    filter: Option<String>,
    /// Through the real gateway too.
    wire: bool,
    /// How many values are transformed.
    values: Option<usize>,
    /// Where to list what our own rules get wrong.
    misses: Option<String>,
    false_alarms: Option<String>,
    by_rule: Option<String>,
    /// Honest values of one's own.
    honest: Option<String>,
    /// Whole requests of one's own.
    requests: Option<String>,
}

impl Arguments {
    fn read(given: &[String]) -> Result<Self, String> {
        let mut read = Self::default();
        let mut given = given.iter();
        while let Some(name) = given.next() {
            let mut value =
                |what: &str| given.next().cloned().ok_or_else(|| format!("{name} takes a {what}"));
            match name.as_str() {
                "--json" => read.json = true,
                "--wire" => read.wire = true,
                "--filter" => read.filter = Some(value("text")?),
                "--values" => {
                    let count = value("number")?;
                    read.values =
                        Some(count.parse().map_err(|_| format!("--values: `{count}` is no number"))?);
                }
                "--honest" => read.honest = Some(value("file")?),
                "--requests" => read.requests = Some(value("file")?),
                "--by-rule" => read.by_rule = Some(value("file")?),
                "--misses" => read.misses = Some(value("file")?),
                "--false-alarms" => read.false_alarms = Some(value("file")?),
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;

    #[test]
    fn every_flag_is_read_into_a_place_of_its_own() {
        let flags = [
            "--json",
            "--wire",
            "--filter x",
            "--values 7",
            "--honest x",
            "--requests x",
            "--by-rule x",
            "--misses x",
            "--false-alarms x",
        ];
        let read = |flag: &str| {
            Arguments::read(&flag.split(' ').map(str::to_owned).collect::<Vec<_>>())
                .map(|read| format!("{read:?}"))
        };
        let all: std::collections::BTreeSet<_> = flags.iter().map(|flag| read(flag).unwrap()).collect();
        assert_eq!(all.len(), flags.len());
        assert!(!all.contains(&format!("{:?}", Arguments::default())));
        for flag in flags {
            let name = flag.split(' ').next().unwrap();
            assert!(super::USAGE.contains(name), "{name}");
            assert_eq!(read(name).is_err(), flag != name, "{name}");
        }
    }
}
