//! From the listeners that are open to those that a configuration asks for: everything that can fail is done first.

use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use config::Configuration;
use gateway::Admin;
use gateway::settings::{ServerTls, Settings};
use model::Secret;
use net::tls::{Prepared, TlsServer};
use net::{Listener, Shutdown, Socket};

use super::{Entrances, Handler, Role, limits};
use crate::talk::Failure;

/// A socket that the process before, or the service manager, has opened.
#[derive(Debug)]
pub(crate) struct Inherited {
    pub(crate) role: &'static str,
    pub(crate) configured: SocketAddr,
    pub(crate) socket: Socket,
}

/// What will be opened, changed and closed; nothing of it has an effect before [`Entrances::apply`].
pub(crate) struct Change {
    opened: Vec<Opened>,
    kept: Vec<Kept>,
    /// The order in which the file names them.
    order: Vec<(Role, SocketAddr)>,
    settings: Settings,
}

struct Opened {
    role: Role,
    configured: SocketAddr,
    listener: Listener,
    handler: Handler,
}

struct Kept {
    /// Its place among those that were open.
    index: usize,
    tls: Option<(TlsServer, Prepared)>,
}

/// A listener as the configuration asks for it.
struct Wanted<'c> {
    role: Role,
    configured: SocketAddr,
    tls: Option<&'c ServerTls>,
}

impl Entrances {
    /// Binds what is new and reads every certificate. Sockets of `inherited` that nobody asks for are closed.
    pub(crate) fn prepare(
        &self,
        configuration: &Configuration,
        mut inherited: Vec<Inherited>,
    ) -> Result<Change, Failure> {
        let settings = &configuration.settings;
        let wanted = wanted(configuration);
        let order = wanted.iter().map(|one| (one.role.clone(), one.configured)).collect();
        let settings_kept = settings.clone();
        let mut change = Change { opened: Vec::new(), kept: Vec::new(), order, settings: settings_kept };
        for one in wanted {
            let Wanted { role, configured, tls } = one;
            let found = self.find(&role, configured, tls.is_some(), &change.kept);
            if let Some((index, server)) = found {
                let tls = server.zip(tls).map(|(server, wanted)| {
                    self.certificates.judge(configured, wanted)?;
                    let prepared = server.prepare(&self.certificates.terms(wanted));
                    prepared
                        .map(|prepared| (server, prepared))
                        .map_err(|error| Failure::trouble(error.to_string()))
                });
                change.kept.push(Kept { index, tls: tls.transpose()? });
                continue;
            }
            let socket = match take(&mut inherited, role.word(), configured) {
                Some(socket) => socket,
                // The same address with another purpose, or with TLS instead of without: nobody is turned away.
                None => match self.socket_at(&role, configured) {
                    Some(socket) => socket,
                    None => Socket::bind(configured).map_err(|error| {
                        Failure::trouble(format!("{configured} cannot be listened on: {}", error.kind()))
                    })?,
                },
            };
            let certificates = &self.certificates;
            let answering = |tls| TlsServer::answering(&certificates.terms(tls), certificates.challenges());
            let tls = tls.map(answering).transpose();
            let tls = tls.map_err(|error| Failure::trouble(error.to_string()))?;
            let handler = match &role {
                Role::Public => Handler::Gateway,
                Role::Admin(admin) => {
                    let token = admin_token(&admin.token_file)?;
                    Handler::Admin(Admin::new(Arc::clone(&self.gateway), token, admin.hosts.clone()))
                }
            };
            let listener = Listener::on(socket, tls, limits(&role, settings));
            change.opened.push(Opened { role, configured, listener, handler });
        }
        Ok(change)
    }

    /// Opens, changes and closes. Listeners that end keep their connections for at most `drain`.
    pub(crate) fn apply(&self, change: Change, drain: Duration) {
        let mut closed = Vec::new();
        {
            let mut open = self.open();
            let old = std::mem::take(&mut *open);
            for (index, entrance) in old.into_iter().enumerate() {
                if change.kept.iter().any(|kept| kept.index == index) {
                    open.push(entrance);
                } else {
                    closed.push(entrance);
                }
            }
        }
        for kept in change.kept {
            if let Some((server, prepared)) = kept.tls {
                server.put(prepared);
            }
        }
        for Opened { role, configured, listener, handler } in change.opened {
            self.start(role, configured, listener, handler, Shutdown::channel());
        }
        for entrance in closed {
            entrance.stop.leave(drain);
        }
        let place = |role: &Role, configured: SocketAddr| {
            change.order.iter().position(|(other, address)| other == role && *address == configured)
        };
        self.open().sort_by_key(|entrance| place(&entrance.role, entrance.configured));
        self.settle_certificates(&change.settings);
    }

    /// Says which listener shows which certificates, in the order of the file.
    fn settle_certificates(&self, settings: &Settings) {
        let entrances = self.open();
        let with_tls =
            settings.listeners.iter().filter_map(|listener| Some((listener, listener.tls.as_ref()?)));
        let mut left: Vec<_> = with_tls.collect();
        let mut open = Vec::new();
        for entrance in entrances.iter().filter(|entrance| entrance.role == Role::Public) {
            let Some(server) = &entrance.tls else { continue };
            let Some(at) = left.iter().position(|(listener, _)| listener.address == entrance.configured)
            else {
                continue;
            };
            let (_, tls) = left.remove(at);
            open.push(crate::certificates::Open {
                configured: entrance.configured,
                address: entrance.socket.local_addr().unwrap_or(entrance.configured),
                server: server.clone(),
                tls: tls.clone(),
            });
        }
        drop(entrances);
        self.certificates.settle(settings, open);
    }

    /// The open entrance that is what is wanted, and is not taken yet.
    fn find(
        &self,
        role: &Role,
        configured: SocketAddr,
        is_tls: bool,
        taken: &[Kept],
    ) -> Option<(usize, Option<TlsServer>)> {
        let open = self.open();
        let mut all = open.iter().enumerate();
        let found = all.find(|(index, entrance)| {
            entrance.role == *role
                && entrance.configured == configured
                && entrance.tls.is_some() == is_tls
                && !taken.iter().any(|kept| kept.index == *index)
        });
        found.map(|(index, entrance)| (index, entrance.tls.clone()))
    }

    fn socket_at(&self, role: &Role, configured: SocketAddr) -> Option<Socket> {
        let open = self.open();
        let at = open.iter().find(|entrance| {
            entrance.role.word() == role.word() && entrance.configured == configured && configured.port() != 0
        })?;
        at.socket.try_clone().ok()
    }
}

fn wanted(configuration: &Configuration) -> Vec<Wanted<'_>> {
    let Settings { listeners, .. } = &configuration.settings;
    let public = listeners.iter().map(|listener| Wanted {
        role: Role::Public,
        configured: listener.address,
        tls: listener.tls.as_ref(),
    });
    let admin = configuration.admin.iter().map(|admin| Wanted {
        role: Role::Admin(admin.clone()),
        configured: admin.address,
        tls: None,
    });
    public.chain(admin).collect()
}

fn take(inherited: &mut Vec<Inherited>, role: &str, configured: SocketAddr) -> Option<Socket> {
    let at = inherited.iter().position(|one| one.role == role && one.configured == configured)?;
    Some(inherited.swap_remove(at).socket)
}

/// Reads the token, or makes one when the file is not there. A file that others can read is refused.
fn admin_token(path: &Path) -> Result<Secret<Vec<u8>>, Failure> {
    let trouble = |kind: std::io::ErrorKind| {
        Failure::trouble(format!("the token file {} cannot be used: {kind}", path.display()))
    };
    let fresh = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match fresh {
        Ok(mut file) => {
            let mut bytes = [0_u8; 32];
            aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Failure::trouble("no randomness can be had"))?;
            let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let written = std::io::Write::write_all(&mut file, text.as_bytes());
            written.map_err(|error| trouble(error.kind()))?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(trouble(error.kind())),
    }
    let mode = std::fs::metadata(path).map_err(|error| trouble(error.kind()))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Failure::trouble(format!(
            "the token file {} is open to others; `chmod 600` it",
            path.display()
        )));
    }
    let token = std::fs::read(path).map_err(|error| trouble(error.kind()))?;
    let token = token.trim_ascii().to_vec();
    if token.is_empty() {
        return Err(Failure::trouble(format!("the token file {} is empty", path.display())));
    }
    Ok(Secret::new(token))
}
