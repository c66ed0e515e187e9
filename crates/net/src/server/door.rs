//! What a listener goes by, as it can be changed while it listens: connections keep what they began with.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use crate::Limits;
use crate::network::is_within;

/// A handle of a listener's rules; clones change the same listener.
#[derive(Debug, Clone)]
pub struct Door(Arc<RwLock<Arc<Rules>>>);

/// Read once for each connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    pub limits: Limits,
    /// Networks of the proxies that may say whom they speak for, as address and prefix in bits.
    pub trusted: Vec<(IpAddr, u8)>,
    /// Every connection begins with a PROXY header, and comes from a trusted proxy.
    pub proxy_protocol: bool,
}

impl Rules {
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|(network, prefix)| is_within(address, *network, *prefix))
    }
}

impl Door {
    pub(crate) fn new(limits: Limits) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(Rules { limits, ..Rules::default() }))))
    }

    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// For the connections from now on.
    pub fn set(&self, rules: Rules) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }
}
