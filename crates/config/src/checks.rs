//! The checks that the gateway knows, for names in the file and their default modes.

use gateway::check::About;

pub(crate) fn known() -> Vec<&'static About> {
    gateway::checks::ALL.iter().map(|kind| kind.about()).collect()
}
