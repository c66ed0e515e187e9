//! The listeners of the process: bound at the start or taken over from the process before, changed by a reload, passed
//! on to a successor.

mod change;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gateway::settings::Settings;
use gateway::{Admin, Gateway};
use net::tls::TlsServer;
use net::{Limits, Listener, Shutdown, Socket, Stop, Workers};
use tokio::sync::mpsc;

use crate::certificates::Certificates;
use crate::talk;

pub(crate) use change::{Change, Inherited};

/// Connections of the administration port.
const ADMIN_CONNECTIONS_MAX: usize = 64;

/// What a listener is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Public,
    Admin(config::Admin),
}

impl Role {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Public => "listener",
            Self::Admin(_) => "admin",
        }
    }
}

/// The listeners that are open.
pub(crate) struct Entrances {
    gateway: Arc<Gateway>,
    certificates: Arc<Certificates>,
    /// Drive the connections of the public listeners.
    workers: Workers,
    open: Mutex<Vec<Entrance>>,
    /// Cloned into every listener's task: when the last is gone, all have ended.
    alive: Mutex<Option<mpsc::Sender<()>>>,
    ended: tokio::sync::Mutex<mpsc::Receiver<()>>,
}

struct Entrance {
    role: Role,
    /// As the file says it: the port may be 0.
    configured: SocketAddr,
    /// A second handle of the socket, to be passed on. It keeps the socket open, so it goes when the listener ends.
    socket: Socket,
    tls: Option<TlsServer>,
    stop: Stop,
}

/// Where an entrance is.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) role: Role,
    pub(crate) configured: SocketAddr,
    pub(crate) address: SocketAddr,
    pub(crate) is_tls: bool,
}

impl Entrances {
    pub(crate) fn new(gateway: Arc<Gateway>, workers: Workers, state_dir: &Path) -> Arc<Self> {
        let certificates = Certificates::new(Arc::clone(&gateway), state_dir);
        let (alive, ended) = mpsc::channel(1);
        Arc::new(Self {
            gateway,
            certificates,
            workers,
            open: Mutex::default(),
            alive: Mutex::new(Some(alive)),
            ended: tokio::sync::Mutex::new(ended),
        })
    }

    /// Those of the file in its order, then the administration port.
    pub(crate) fn told(&self) -> Vec<Told> {
        let told = |entrance: &Entrance| Told {
            role: entrance.role.clone(),
            configured: entrance.configured,
            address: entrance.socket.local_addr().unwrap_or(entrance.configured),
            is_tls: entrance.tls.is_some(),
        };
        self.open().iter().map(told).collect()
    }

    /// Second handles of the sockets, in the order of [`Entrances::told`].
    pub(crate) fn sockets(&self) -> std::io::Result<Vec<Socket>> {
        self.open().iter().map(|entrance| entrance.socket.try_clone()).collect()
    }

    /// Stops accepting; see [`Stop::begin`].
    pub(crate) fn begin(&self, drain: Duration) {
        self.end(|stop| stop.begin(drain));
    }

    /// Stops accepting, because a successor accepts on the same sockets; see [`Stop::leave`].
    pub(crate) fn leave(&self, drain: Duration) {
        self.end(|stop| stop.leave(drain));
    }

    fn end(&self, say: impl Fn(&Stop)) {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.certificates.stop();
        for entrance in &mut *self.open() {
            say(&entrance.stop);
        }
    }

    /// This process is the one that orders certificates, from now on until it stops or is replaced.
    pub(crate) fn own_certificates(&self) {
        self.certificates.own();
    }

    /// Lets go of the sockets once the listeners have been stopped; those that drain keep their connections.
    pub(crate) fn let_go(&self) {
        self.open().clear();
    }

    /// Resolves when no listener has a connection left, after [`Entrances::begin`] or [`Entrances::leave`].
    pub(crate) async fn ended(&self) {
        let _ = self.ended.lock().await.recv().await;
    }

    fn start(
        &self,
        role: Role,
        configured: SocketAddr,
        mut listener: Listener,
        handler: Handler,
        stop: (Stop, Shutdown),
    ) {
        let Some(alive) = self.alive.lock().unwrap_or_else(PoisonError::into_inner).clone() else { return };
        let Ok(socket) = listener.try_clone_socket() else {
            talk::say(&format!("{configured} cannot be served: no file descriptor is left"));
            return;
        };
        if matches!(handler, Handler::Gateway) {
            listener.employ(&self.workers);
        }
        let tls = listener.tls();
        let gateway = Arc::clone(&self.gateway);
        let (stop, heard) = stop;
        tokio::spawn(async move {
            let served = match handler {
                Handler::Gateway => gateway.listen(listener, configured, heard).await,
                Handler::Admin(admin) => net::serve(listener, admin, heard).await,
            };
            if served.is_err() {
                talk::say(&format!("{configured} cannot be served"));
            }
            drop(alive);
        });
        self.open().push(Entrance { role, configured, socket, tls, stop });
    }

    fn open(&self) -> MutexGuard<'_, Vec<Entrance>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Handler {
    Gateway,
    Admin(Arc<Admin>),
}

fn limits(role: &Role, settings: &Settings) -> Limits {
    match role {
        Role::Public => settings.sizes.of_connections(&settings.timeouts),
        Role::Admin(_) => Limits { connections_max: ADMIN_CONNECTIONS_MAX, ..Limits::default() },
    }
}
