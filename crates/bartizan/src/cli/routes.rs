//! `routes`: every operation that is served, who may call it, and where it goes.

use super::Common;
use control::talk::{self, Exit, Failure};

pub(crate) fn run(common: &Common) -> Result<Exit, Failure> {
    let (configuration, _) = super::looked_at(common)?;
    let settings = &configuration.settings;
    if common.json {
        talk::json(&config::explain::routes::document(settings))?;
        return Ok(Exit::Good);
    }
    talk::data(&config::explain::routes::text(settings))?;
    for api in settings.apis.iter().filter(|api| api.observe_undeclared) {
        talk::say(&format!(
            "{}: what is not listed is forwarded and recorded (undeclared: observe)",
            api.name
        ));
    }
    Ok(Exit::Good)
}
