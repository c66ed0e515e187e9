//! What of a look concerns a text, told by what can change it.
//!
//! Most texts are touched by few transformations, and mostly by the same as others. Which stops a text passes as it is
//! follows from that alone, and is found out once for all texts alike.

use super::classes::Look;
use super::scan::Bits;
use super::steps::Steps;

/// Plans that are kept for one look: a power of two.
const PLANS: usize = 16;

/// How a look goes about texts that the same transformations can change.
#[derive(Clone)]
struct Plan {
    touching: Steps,
    takers: Bits,
    looking: Bits,
    stops: Vec<u16>,
}

/// The plans of all looks, as they were needed. Another in the same place takes over.
#[derive(Default)]
pub struct Plans {
    looks: Vec<Vec<Option<Plan>>>,
    /// Bytes of memory that they keep, at most.
    bytes: usize,
}

/// Where a plan is kept, and the rules that look at the text as it is.
#[derive(Clone, Copy)]
pub struct Planned {
    look: usize,
    place: usize,
    pub looking: Bits,
    /// Fuel for a plan that was not known: one value after the other can be made to need a new one.
    pub steps: u64,
}

impl Plans {
    /// That of texts with `touching`, for the rules in `takers`.
    pub fn of(&mut self, look: &Look, touching: Steps, takers: Bits) -> Planned {
        let touching = look.touching(touching);
        if self.looks.len() <= look.number {
            self.looks.resize(look.number + 1, Vec::new());
        }
        let place = touching.mixed(takers.mixed()) % PLANS;
        let mut planned = Planned { look: look.number, place, looking: Bits::default(), steps: 0 };
        let Some(plans) = self.looks.get_mut(look.number) else { return planned };
        if plans.is_empty() {
            plans.resize(PLANS, None);
            self.bytes += PLANS * (size_of::<Plan>() + look.stops.len() * size_of::<u16>());
        }
        let Some(plan) = plans.get_mut(place) else { return planned };
        let known = plan.as_ref().filter(|plan| plan.touching == touching && plan.takers == takers);
        planned.looking = match known {
            Some(plan) => plan.looking,
            None => {
                planned.steps = look.stops.len() as u64;
                plan.insert(Plan::new(look, touching, takers)).looking
            }
        };
        planned
    }

    /// The places of the stops of which the step may change the text, one after the other.
    pub fn stop(&self, planned: Planned, number: usize) -> Option<usize> {
        let plan = self.looks.get(planned.look)?.get(planned.place)?.as_ref()?;
        plan.stops.get(number).map(|place| usize::from(*place))
    }

    /// Bytes of memory that it keeps.
    pub fn room_bytes(&self) -> usize {
        self.bytes
    }
}

impl Plan {
    fn new(look: &Look, touching: Steps, takers: Bits) -> Self {
        let (mut looking, mut stops) = (Bits::default(), Vec::new());
        let mut place = 0;
        while let Some(stop) = look.stops.get(place) {
            place = if !stop.looking_below.meets(&takers) {
                stop.end
            } else if let (true, Ok(own)) = (stop.step.meets(touching), u16::try_from(place)) {
                stops.push(own);
                stop.end
            } else if stop.steps_below.meets(touching) {
                looking.or(&stop.looking);
                place + 1
            } else {
                looking.or(&stop.looking_below);
                stop.end
            };
        }
        Self { touching, takers, looking: looking.and(&takers), stops }
    }
}
