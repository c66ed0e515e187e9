//! The rounds.

mod client;
mod clock;
mod hostile;
mod ours;
mod peer;
mod report;
mod requests;

use crate::bench::arguments::Arguments;
use crate::bench::lab::Lab;
use crate::conformance::engine::rules;

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub fn run(arguments: &Arguments) -> Result<(), String> {
    let Some(data) = rules::data() else { return Ok(()) };
    peer::prepare()?;
    let requests = requests::all();
    let sets = ours::Sets::load(&data, arguments.rounds)?;
    let mut lab = Lab::new()?;
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
