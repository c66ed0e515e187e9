//! For tests: settings that say nothing in particular. A new field gets its default here, and in no test.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Api, BackendIdentity, FailedAuthentications, Limit, Per, Settings, Sizes, Strictness, Timeouts, Upstream,
};

impl Upstream {
    /// Cleartext HTTP/1.1 to a port of this machine.
    pub(crate) fn plain(port: u16) -> Self {
        Self {
            scheme: "http".to_owned(),
            host: "127.0.0.1".to_owned(),
            port,
            base_path: None,
            http2: false,
            tls: net::ClientTls::default(),
        }
    }
}

impl Api {
    /// Served at every host, with every check in its default mode.
    pub(crate) fn plain(name: &str, description: Arc<openapi::Description>, port: u16) -> Self {
        Self {
            name: name.into(),
            description,
            hosts: Vec::new(),
            base_path: String::new(),
            upstream: Upstream::plain(port),
            observe_undeclared: false,
            authenticators: BTreeMap::new(),
            limits: Vec::new(),
            modes: BTreeMap::new(),
            operation_modes: BTreeMap::new(),
            strictness: Strictness::default(),
            identity: BackendIdentity::default(),
            cors: None,
        }
    }
}

impl Settings {
    pub(crate) fn plain(apis: Vec<Api>) -> Self {
        Self {
            hash: "000000000001".to_owned(),
            listeners: Vec::new(),
            apis,
            limits: Vec::new(),
            failed_authentications: FailedAuthentications::default(),
            sizes: Sizes::default(),
            timeouts: Timeouts::default(),
            cors: None,
            egress_allow: Vec::new(),
            telemetry: None,
        }
    }
}

impl Limit {
    /// `count` a minute and at once, of every operation.
    pub(crate) fn plain(name: &str, per: Per, count: u64) -> Self {
        let window = Duration::from_secs(60);
        Self { name: name.to_owned(), per, count, window, burst: count, operations: Vec::new() }
    }
}
