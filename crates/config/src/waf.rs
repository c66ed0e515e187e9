//! What `bartizan waf` says: the rules, what they make of requests in files, why they matched, what could be excluded.

mod explain;
pub(crate) mod files;
mod rules;
mod test;
mod tune;
mod written;

pub use explain::explain;
pub use rules::{Chosen, of_files, rules};
pub use test::Tested;
pub use tune::Tuning;
pub(crate) use written::Written;

use gateway::settings::{Api, Settings};

/// The API of this name, or the only one. The error is a sentence.
pub fn api<'a>(settings: &'a Settings, name: Option<&str>) -> Result<&'a Api, String> {
    match (name, settings.apis.as_slice()) {
        (Some(name), apis) => {
            apis.iter().find(|api| &*api.name == name).ok_or_else(|| format!("there is no API `{name}`"))
        }
        (None, [api]) => Ok(api),
        (None, _) => Err("there are several APIs: name one with --api".to_owned()),
    }
}
