//! How many WebSockets one caller has open. A limit counts requests, of which a WebSocket is one, however long it lasts.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{Caller, Code, LimitKind, Principal, Refusal};
use net::network;

use crate::exchange::Exchange;

/// The limit's name in metrics and records: the setting's.
const NAME: &str = "websockets_per_caller_max";

/// Open WebSockets by caller; holds no caller without one.
#[derive(Debug, Clone, Default)]
pub struct Seats(Arc<Mutex<HashMap<Owner, usize>>>);

/// One WebSocket, from before its handshake is forwarded to its end.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    owner: Owner,
}

/// What of a caller is known, the narrowest first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Owner {
    Principal(Principal),
    /// An API key's: it has no issuer.
    Client(Arc<str>),
    Address(IpAddr),
}

impl Owner {
    fn of(caller: Option<&Caller>, address: IpAddr) -> Self {
        let principal = caller.and_then(|caller| caller.principal.clone()).map(Self::Principal);
        let client = || caller.and_then(|caller| caller.client.clone()).map(Self::Client);
        principal.or_else(client).unwrap_or_else(|| Self::Address(network(address)))
    }
}

impl Seats {
    /// Errors: the caller has as many as it may.
    pub(crate) fn take(&self, exchange: &Exchange, max: usize) -> Result<Seat, Box<Refusal>> {
        let owner = Owner::of(exchange.caller.as_ref(), exchange.peer.address);
        let mut taken = self.lock();
        let count = taken.get(&owner).copied().unwrap_or(0);
        if count >= max {
            return Err(Box::new(Refusal::new(Code::WebsocketsLimited).limited(NAME, LimitKind::Websockets)));
        }
        taken.insert(owner.clone(), count + 1);
        drop(taken);
        Ok(Seat { seats: self.clone(), owner })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Owner, usize>> {
        // Plain numbers: a panic elsewhere leaves nothing half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        match taken.get_mut(&self.owner) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                taken.remove(&self.owner);
            }
        }
    }
}
