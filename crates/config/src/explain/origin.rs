//! Which hop a request counts under, and why, in words.

use std::fmt::Write;
use std::net::IpAddr;

use gateway::settings::Settings;
use http::HeaderMap;
use model::{AddressFrom, AddressSource};
use serde_json::{Value, json};

use super::{Asked, Carried, Explanation};

const UNNAMED: &str = "one that names nobody counts under the proxy, and no field is read";

/// Adds which address each listener would take the request for, on a connection from `socket`.
pub fn add(explained: &mut Explanation, settings: &Settings, asked: &Asked, socket: IpAddr) {
    let none = HeaderMap::new();
    let headers = match &asked.carried {
        Carried::Said { headers, .. } => headers,
        Carried::Unsaid | Carried::Elsewhere(_) => &none,
    };
    let mut told: Vec<Value> = Vec::new();
    let _ = writeln!(explained.text, "\naddress, on a connection from {socket}");
    for listener in &settings.listeners {
        let (address, from) = gateway::choose_address(&listener.proxies, socket, headers);
        let why = match &from {
            None => "the connection itself: the listener trusts no proxy".to_owned(),
            Some(from) if from.source == AddressSource::ProxyProtocol => {
                format!("when the PROXY header names it: {}; {UNNAMED}", from.ended.sentence())
            }
            Some(from) if listener.proxies.protocol => format!("{}; {UNNAMED}", sentence(from)),
            Some(from) => sentence(from),
        };
        let _ = writeln!(explained.text, "  at {}: {address}, {why}", listener.address);
        told.push(json!({ "listener": listener.address, "address": address, "address_from": from }));
    }
    if let Some(document) = explained.document.as_object_mut() {
        document.insert("addresses".to_owned(), told.into());
    }
}

/// `entry 2 from the right of X-Forwarded-For, on the connection of 10.0.0.1: it is not a trusted proxy`.
pub(super) fn sentence(from: &AddressFrom) -> String {
    let why = from.ended.sentence();
    let entry = |field: &str| {
        format!("entry {} from the right of {field}, on the connection of {}: {why}", from.hop, from.socket)
    };
    match from.source {
        AddressSource::Socket => format!("the connection itself: {why}"),
        AddressSource::ProxyProtocol => {
            format!("named by the PROXY header of the connection of {}: {why}", from.socket)
        }
        AddressSource::XForwardedFor => entry("X-Forwarded-For"),
        AddressSource::Forwarded => entry("Forwarded"),
    }
}

#[cfg(test)]
mod tests {
    use model::WalkEnd;

    use super::*;

    #[test]
    fn says_which_hop_was_chosen_and_why() {
        let from = |source, hop, ended| AddressFrom { source, hop, ended, socket: [10, 0, 0, 1].into() };
        assert_eq!(
            sentence(&from(AddressSource::XForwardedFor, 2, WalkEnd::Untrusted)),
            "entry 2 from the right of X-Forwarded-For, on the connection of 10.0.0.1: it is not a trusted proxy"
        );
        assert_eq!(
            sentence(&from(AddressSource::Socket, 0, WalkEnd::Malformed)),
            "the connection itself: it is a trusted proxy whose next entry is not an address"
        );
        assert_eq!(
            sentence(&from(AddressSource::ProxyProtocol, 0, WalkEnd::Untrusted)),
            "named by the PROXY header of the connection of 10.0.0.1: it is not a trusted proxy"
        );
        assert_eq!(
            sentence(&from(AddressSource::Socket, 0, WalkEnd::Unnamed)),
            "the connection itself: its PROXY header names nobody, so no field says for whom it speaks"
        );
    }
}
