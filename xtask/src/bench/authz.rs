//! `bench authz`: what authorization costs: decisions, lists, answers, memory of learned objects.
//!
//! It measures in this process, which `bench authz` builds again in the release profile with the feature `authz`, so that
//! the other chores need none of what is measured. Interleaved rounds; medians; ratios count more than microseconds.

#[cfg(feature = "authz")]
mod measure;
#[cfg(feature = "authz")]
mod whole;
#[cfg(feature = "authz")]
mod world;

use super::arguments::Arguments;

#[cfg(feature = "authz")]
pub fn run(arguments: &Arguments) -> Result<(), String> {
    measure::run(arguments)
}

#[cfg(not(feature = "authz"))]
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let rounds = arguments.rounds.to_string();
    let mut again =
        vec!["run", "--quiet", "--release", "--locked", "--package", "xtask", "--features", "authz", "--"];
    again.extend(["bench", "authz", "--rounds", &rounds]);
    if arguments.json {
        again.push("--json");
    }
    crate::shell::run("cargo", &again)
}
