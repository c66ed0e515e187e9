//! For tests: settings that say nothing in particular. A new field gets its default here, and in no test.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::LimitUnit;

use super::{
    Api, BackendIdentity, Class, FailedAuthentications, Importance, Limit, Per, Settings, Sizes, Strictness,
    Timeouts, Upstream,
};

impl Upstream {
    /// Cleartext HTTP/1.1 to a port of this machine.
    pub(crate) fn plain(port: u16) -> Self {
        Self {
            scheme: "http".to_owned(),
            targets: vec![net::upstream::Target { host: "127.0.0.1".to_owned(), port }],
            base_path: None,
            http2: false,
            tls: net::ClientTls::default(),
            balancing: super::Balancing::default(),
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
            declared: BTreeMap::new(),
            authorization: None,
            authorization_limits: super::AuthorizationLimits::default(),
            waf: None,
            decision_point: None,
            sealing: None,
            concurrency: None,
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
            classes: Vec::new(),
            tenant_claim: None,
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
        let (window, unit) = (Duration::from_secs(60), LimitUnit::Requests);
        let (burst, operations) = (count, Vec::new());
        Self { name: name.to_owned(), per, unit, count, window, burst, daily: None, operations }
    }
}

impl Class {
    /// Of nobody and nothing.
    pub(crate) fn plain(name: &str) -> Self {
        Self {
            name: name.into(),
            importance: Importance::Normal,
            clients: Vec::new(),
            issuers: Vec::new(),
            scopes: Vec::new(),
            operations: Vec::new(),
            apis: Vec::new(),
            limits: Vec::new(),
        }
    }
}
