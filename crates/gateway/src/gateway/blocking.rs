//! What a running gateway says of blocks: what speaks against one, what it would have hit, and the drill.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderMap, Method};
use model::{Caller, Code};
use serde::Serialize;

use super::Gateway;
use super::rehearse::{Rehearsal, exchange};
use crate::blocks::{BlockFault, By, Cidr, End, Impact, Judged, Target, Wanted, judge};
use crate::check::Step;
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::records::latest;
use crate::route;
use crate::snapshot::{OperationPlan, Snapshot};

/// The checks that ask the block list.
const CHECKS: [&str; 2] = ["blocked_requests", "blocked_callers"];
/// The block of a drill that nobody lifts ends soon.
const DRILL_FOR_MS: u64 = 60_000;
/// Documentation addresses (RFC 3849), which no caller has.
const DRILL_PREFIX: u128 = 0x2001_0db8_0000_0000_0000_0000_0000_0000;

/// What a drill saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drilled {
    pub passed: bool,
    pub steps: Vec<DrillStep>,
    /// From the beginning of the writing to the first refusal that was seen.
    pub refused_after_us: Option<u64>,
    /// Whether the blocks were in the journal; `false` in a gateway that keeps none.
    pub durable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DrillStep {
    pub what: &'static str,
    pub good: bool,
    pub took_us: u64,
    /// What went wrong, or what was seen.
    pub said: String,
}

/// Two requests that nobody sends: one from the drill's address, one from the drill's client.
struct Synthetic {
    address: IpAddr,
    client: Arc<str>,
}

impl Gateway {
    /// What speaks against a block under the configuration in force.
    pub fn judge_block(&self, target: &Target) -> Judged {
        let snapshot = self.snapshot.load();
        judge(target, &snapshot.settings)
    }

    /// How many of the latest records these blocks would have hit. Blocks on the disk.
    pub fn impact(&self, targets: &[Target]) -> io::Result<Impact> {
        let mut impact = Impact::begin(targets);
        if let Some(directory) = self.observer.records.flushed() {
            latest::latest(directory, |line| impact.take(line, targets))?;
        }
        Ok(impact)
    }

    /// Blocks an address and a client that no caller has, sees that the checks in force refuse them and nobody else,
    /// lifts the blocks, and sees that they are gone: journal and all, without a request.
    pub fn drill(&self, by: &By) -> Result<Drilled, BlockFault> {
        let mut random = [0_u8; 8];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| BlockFault::Random)?;
        let number = u64::from_be_bytes(random);
        let synthetic = Synthetic {
            address: IpAddr::from((DRILL_PREFIX | u128::from(number)).to_be_bytes()),
            client: format!("drill-{number:016x}").into(),
        };
        let snapshot = self.snapshot.load_full();
        let clock = self.observer.clock.as_ref();
        let mut drill = Drilled { passed: true, steps: Vec::new(), refused_after_us: None, durable: false };
        let step = |drill: &mut Drilled, what, begun_ns: u64, result: Result<String, String>| {
            let took_us = clock.monotonic_ns().saturating_sub(begun_ns) / 1_000;
            let good = result.is_ok();
            drill.passed &= good;
            drill.steps.push(DrillStep { what, good, took_us, said: result.unwrap_or_else(|fault| fault) });
        };
        let begun_ns = clock.monotonic_ns();
        step(&mut drill, "passes before", begun_ns, self.expect(&snapshot, &synthetic, None));
        let wanted = |target| Wanted {
            target,
            reason: "drill".to_owned(),
            by: by.clone(),
            end: End::ForMs(DRILL_FOR_MS),
            drill: true,
        };
        let address = Target { network: Some(Cidr::from(synthetic.address)), ..Target::default() };
        let client = Target { client: Some(Arc::clone(&synthetic.client)), ..Target::default() };
        let blocks = &self.shared.blocks;
        let begun_ns = clock.monotonic_ns();
        let added = blocks.add(vec![wanted(address), wanted(client)], false)?;
        let ids: Vec<Arc<str>> = added.blocks.iter().map(|block| Arc::clone(&block.id)).collect();
        drill.durable = added.durable;
        let said =
            format!("journal synced after {} us, in force after {} us", added.journal_us, added.in_force_us);
        step(&mut drill, "blocked", begun_ns, Ok(said));
        let refused = self.expect(&snapshot, &synthetic, Some(Code::Blocked));
        drill.refused_after_us =
            refused.is_ok().then(|| clock.monotonic_ns().saturating_sub(begun_ns) / 1_000);
        step(&mut drill, "refused", begun_ns, refused);
        let other = Synthetic {
            address: IpAddr::from((DRILL_PREFIX | u128::from(!number)).to_be_bytes()),
            client: "drill".into(),
        };
        let begun_ns = clock.monotonic_ns();
        step(&mut drill, "others pass", begun_ns, self.expect(&snapshot, &other, None));
        let begun_ns = clock.monotonic_ns();
        step(&mut drill, "on disk", begun_ns, self.expect_on_disk(&ids, true));
        let begun_ns = clock.monotonic_ns();
        let lifted = blocks.lift(&ids, "drill", by).map_err(|fault| fault.to_string());
        let lifted =
            lifted.and_then(|lifted| lifted.undurable_because.map_or_else(|| Ok(String::new()), Err));
        step(&mut drill, "lifted", begun_ns, lifted);
        let begun_ns = clock.monotonic_ns();
        step(&mut drill, "passes after", begun_ns, self.expect(&snapshot, &synthetic, None));
        let begun_ns = clock.monotonic_ns();
        step(&mut drill, "off the disk", begun_ns, self.expect_on_disk(&ids, false));
        Ok(drill)
    }

    /// Shows the synthetic requests to the prepared checks of every operation.
    fn expect(
        &self,
        snapshot: &Snapshot,
        synthetic: &Synthetic,
        code: Option<Code>,
    ) -> Result<String, String> {
        let plans: Vec<&Arc<OperationPlan>> = snapshot
            .apis
            .iter()
            .flat_map(|api| api.plans().chain([&api.unmatched]))
            .chain([&snapshot.nowhere])
            .collect();
        let of_address = self.synthetic(snapshot, synthetic.address, None);
        let caller = Caller { client: Some(Arc::clone(&synthetic.client)), ..Caller::anonymous() };
        let of_client = self.synthetic(snapshot, IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED), Some(caller));
        for plan in &plans {
            for (name, exchange) in CHECKS.into_iter().zip([&of_address, &of_client]) {
                let found = said(plan, name, exchange)?;
                if found != code {
                    let words = |code: Option<Code>| code.map_or("pass", Code::slug);
                    return Err(format!(
                        "{name} of operation {} says {} and not {}",
                        plan.id,
                        words(found),
                        words(code)
                    ));
                }
            }
        }
        Ok(format!("{} operations", plans.len()))
    }

    fn synthetic(&self, snapshot: &Snapshot, address: IpAddr, caller: Option<Caller>) -> Exchange {
        let request = Rehearsal {
            method: Method::GET,
            host: String::new(),
            target: "/".to_owned(),
            headers: HeaderMap::new(),
            body: None,
        };
        let routed = route::find(snapshot, "", "GET", "/", None);
        let mut exchange = exchange(request, routed.route, snapshot, self.observer.clock.as_ref());
        exchange.peer.address = address;
        exchange.caller = caller;
        exchange
    }

    fn expect_on_disk(&self, ids: &[Arc<str>], expected: bool) -> Result<String, String> {
        let Some(held) = self.shared.blocks.read_back() else { return Err("no journal is kept".to_owned()) };
        let held = held.map_err(|fault| fault.to_string())?;
        let found = ids.iter().filter(|id| held.iter().any(|block| block.id == **id)).count();
        let good = found == if expected { ids.len() } else { 0 };
        if good {
            Ok(String::new())
        } else {
            Err(format!("the journal holds {found} of {} blocks", ids.len()))
        }
    }
}

fn said(plan: &OperationPlan, name: &str, exchange: &Exchange) -> Result<Option<Code>, String> {
    let check = plan.checks.iter().find(|prepared| prepared.about.name == name);
    let check = check.ok_or_else(|| format!("{name} does not run for operation {}", plan.id))?;
    match check.check.step(exchange, &Answers::default()) {
        Step::Continue(_) => Ok(None),
        Step::Refuse(refusal) | Step::RefuseWith(_, refusal) => Ok(Some(refusal.code)),
        Step::Ask(_) | Step::Fail(_) => Err(format!("{name} fails for operation {}", plan.id)),
    }
}
