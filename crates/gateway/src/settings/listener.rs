//! Where requests are accepted.

use std::net::{IpAddr, SocketAddr};

use super::{Cleartext, Network, ServerTls};

#[derive(Debug, Clone)]
pub struct Listener {
    pub address: SocketAddr,
    pub tls: Option<ServerTls>,
    /// Without `tls`: what is done with requests.
    pub cleartext: Cleartext,
    pub proxies: Proxies,
}

/// Who stands before a listener, and how it is told whom they speak for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// Networks of the proxies whose word counts; without any no field of a request and no PROXY header does.
    pub trusted: Vec<Network>,
    /// The only field that is read.
    pub forwarded: ForwardedField,
    /// Every connection begins with a PROXY header, version 1 or 2.
    pub protocol: bool,
    /// `X-Forwarded-Proto` says whether the caller used HTTPS.
    pub scheme: bool,
}

/// Where proxies write whom they speak for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ForwardedField {
    #[default]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

impl Proxies {
    pub fn are_trusted(&self) -> bool {
        !self.trusted.is_empty()
    }

    /// Whether this address is a proxy whose word counts.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| net::is_within(address, network.address, network.prefix))
    }
}

impl ForwardedField {
    /// As it is written in the gateway file.
    pub fn word(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}
