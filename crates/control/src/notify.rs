//! What the service manager is told (sd_notify(3)); nothing where there is none.

use crate::talk;

/// The gateway serves.
pub(crate) fn ready() {
    tell(&format!("READY=1\nMAINPID={}", std::process::id()));
}

/// A successor serves: from now on it is the service.
pub(crate) fn successor(pid: u64) {
    tell(&format!("MAINPID={pid}"));
}

pub(crate) fn stopping() {
    tell("STOPPING=1");
}

fn tell(state: &str) {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET").filter(|path| !path.is_empty()) else { return };
    if let Err(error) = net::unix::notify(&path, state) {
        talk::say(&format!("the service manager cannot be told: {}", error.kind()));
    }
}
