//! `bench waf`: what inspecting a request with the Core Rule Set costs, beside nginx with libmodsecurity in the same run.
//!
//! Ours is measured in this process, which `bench waf` builds again in the release profile with the feature `waf`.
//! Rounds are interleaved; medians; ratios count more than microseconds.

#[cfg(feature = "waf")]
mod measure;

use super::arguments::Arguments;

pub fn run(arguments: &Arguments) -> Result<(), String> {
    #[cfg(feature = "waf")]
    return measure::run(arguments);
    #[cfg(not(feature = "waf"))]
    super::again("waf", arguments)
}
