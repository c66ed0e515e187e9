//! Which hop a request counts under, and why, in words.

use model::{AddressFrom, AddressSource};

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
    }
}
