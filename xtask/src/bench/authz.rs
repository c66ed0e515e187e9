//! `bench authz`: what authorization costs: decisions, lists, answers, memory of learned objects.
//!
//! It measures in this process, which `bench authz` builds again in the release profile with the feature `authz`, so that
//! the other chores need none of what is measured. Interleaved rounds; medians; ratios count more than microseconds.

#[cfg(feature = "authz")]
mod measure;

use super::arguments::Arguments;

pub fn run(arguments: &Arguments) -> Result<(), String> {
    #[cfg(feature = "authz")]
    return measure::run(arguments);
    #[cfg(not(feature = "authz"))]
    super::again("authz", arguments)
}
