//! `bench waf`: what inspecting a request with the Core Rule Set costs, beside nginx with libmodsecurity in the same run.
//!
//! Ours is measured in this process, which `bench waf` builds again in the release profile with the feature `waf`.
//! Rounds are interleaved; medians; ratios count more than microseconds.

#[cfg(feature = "waf")]
mod client;
#[cfg(feature = "waf")]
mod clock;
#[cfg(feature = "waf")]
mod hostile;
#[cfg(feature = "waf")]
mod ours;
#[cfg(feature = "waf")]
mod peer;
#[cfg(feature = "waf")]
mod report;
#[cfg(feature = "waf")]
mod requests;

use super::arguments::Arguments;

/// The program's.
#[cfg(feature = "waf")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(feature = "waf")]
pub fn run(arguments: &Arguments) -> Result<(), String> {
    use crate::conformance::rules;

    let Some(data) = rules::data() else { return Ok(()) };
    peer::prepare()?;
    let requests = requests::all();
    let sets = ours::Sets::load(&data, arguments.rounds)?;
    let mut lab = super::lab::Lab::new()?;
    let peers = peer::start(&mut lab, &data)?;
    let mut costs = report::Costs::default();
    for round in 1..=arguments.rounds {
        for request in &requests {
            let one = report::Cost {
                crs_us: ours::cost_us(&sets.crs, request)?,
                own_us: ours::cost_us(&sets.own, request)?,
                peer_us: peers.cost_us(request)?,
            };
            eprintln!(
                "round {round}/{}  {:<9} ours {:8.1} us  own rules {:8.1} us  ModSecurity {:9.1} us",
                arguments.rounds, request.name, one.crs_us, one.own_us, one.peer_us
            );
            costs.add(request.name, one);
        }
    }
    let hostile = hostile::measure(&data, &sets, arguments.rounds)?;
    report::print(&costs, &hostile, &sets, arguments.json);
    Ok(())
}

#[cfg(not(feature = "waf"))]
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let rounds = arguments.rounds.to_string();
    let mut again =
        vec!["run", "--quiet", "--release", "--locked", "--package", "xtask", "--features", "waf", "--"];
    again.extend(["bench", "waf", "--rounds", &rounds]);
    if arguments.json {
        again.push("--json");
    }
    crate::shell::run("cargo", &again)
}
