//! For what outlives a request (a tunnel, a stream): tells when a block has come to hit it.

use std::net::IpAddr;
use std::sync::Arc;

use model::Caller;
use tokio::sync::watch;

use super::target::Facts;
use super::{Blocks, Hit};
use crate::shared::Shared;

/// Who and what is under way, and the set that may come to hit it.
pub struct Watching {
    shared: Arc<Shared>,
    changes: watch::Receiver<u64>,
    address: IpAddr,
    api: Arc<str>,
    operation: Arc<str>,
    caller: Option<Caller>,
}

impl Watching {
    pub fn new(
        shared: Arc<Shared>,
        address: IpAddr,
        api: Arc<str>,
        operation: Arc<str>,
        caller: Option<Caller>,
    ) -> Self {
        let changes = shared.blocks.subscribe();
        Self { shared, changes, address, api, operation, caller }
    }

    /// Resolves when a block in force hits, be it one that was there before. Costs nothing while no block comes.
    pub async fn blocked(&mut self) -> Hit {
        loop {
            if let Some(hit) = self.look() {
                return hit;
            }
            if self.changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    fn look(&mut self) -> Option<Hit> {
        self.changes.borrow_and_update();
        let facts = Facts {
            address: self.address,
            api: &self.api,
            operation: &self.operation,
            caller: self.caller.as_ref(),
        };
        Blocks::find(&self.shared.blocks, &facts)
    }
}
