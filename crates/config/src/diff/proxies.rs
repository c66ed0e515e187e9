//! Whose word on the caller's address counts.

use gateway::settings::Listener;

use super::Changes;

pub(super) fn compare(changes: &mut Changes, old: &Listener, new: &Listener) {
    let address = new.address;
    let (a, b) = (&old.proxies, &new.proxies);
    let networks = |listener: &Listener| -> Vec<String> {
        let trusted = listener.proxies.trusted.iter();
        trusted.map(|network| format!("{}/{}", network.address, network.prefix)).collect()
    };
    changes.accepted(
        &format!("at {address}, the word on addresses of proxies in"),
        &networks(old),
        &networks(new),
    );
    if a.are_trusted() && b.are_trusted() && a.forwarded != b.forwarded {
        changes.unknown(format!("{address} reads the caller's address from `{}` now", b.forwarded.word()));
    }
    changes.danger(
        a.scheme,
        b.scheme,
        &format!("{address} now takes a proxy's word on whether the caller used HTTPS"),
        &format!("{address} no longer takes a proxy's word on whether the caller used HTTPS"),
    );
    match (a.protocol, b.protocol) {
        (false, true) => changes.unknown(format!("{address} now asks for a PROXY header")),
        (true, false) => changes.unknown(format!("{address} no longer asks for a PROXY header")),
        _ => {}
    }
}
