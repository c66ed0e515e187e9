//! `cargo x bench proxy | checks | soak | authz | waf`: what a request costs beside its peers, in the same run.
//!
//! The proxy under test is pinned to one core, load and upstream to the other. Cost is the proxy's own CPU time
//! (user and system, from `/proc/PID/stat`) divided by the requests answered. Rounds are interleaved, so that a
//! change of the machine's speed meets every contender alike; the median of the rounds counts, and ratios count more
//! than microseconds.

mod arguments;
mod authz;
mod cases;
mod checks;
pub mod contender;
pub mod files;
pub mod lab;
mod latency;
pub mod load;
mod memory;
pub mod peers;
mod proxy;
mod soak;
mod statistics;
mod waf;

use crate::packages;
use crate::release::{self, Release};
#[cfg(not(all(feature = "authz", feature = "waf")))]
use crate::shell;

const USAGE: &str = "usage: cargo x bench proxy [--json] [--rounds N] [--only TEXT]\n       \
                     cargo x bench checks [--json]\n       cargo x bench soak [--json] [--minutes N]\n       \
                     cargo x bench authz [--json] [--rounds N]\n       \
                     cargo x bench waf [--json] [--rounds N]";

pub fn run(arguments: &[String]) -> Result<(), String> {
    let Some((bench, rest)) = arguments.split_first() else { return Err(USAGE.to_owned()) };
    let arguments = arguments::Arguments::read(rest)?;
    match bench.as_str() {
        "proxy" => proxy::run(&arguments),
        "checks" => checks::run(&arguments),
        "soak" => soak::run(&arguments),
        "authz" => authz::run(&arguments),
        "waf" => waf::run(&arguments),
        _ => Err(USAGE.to_owned()),
    }
}

/// Installs what is missing and builds what is measured.
fn prepare() -> Result<Release, String> {
    packages::demand(packages::FOR_BENCH)?;
    release::build()
}

/// Runs `bench NAME` in this program built anew, in the release profile with the feature of that name.
#[cfg(not(all(feature = "authz", feature = "waf")))]
fn again(name: &str, arguments: &arguments::Arguments) -> Result<(), String> {
    let rounds = arguments.rounds.to_string();
    let mut given = vec!["bench", name, "--rounds", &rounds];
    if arguments.json {
        given.push("--json");
    }
    shell::again(&["--release", "--features", name], &given)
}
