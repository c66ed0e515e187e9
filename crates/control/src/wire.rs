//! Wires the running gateway together: state, listeners, administration, reloads, and the end.

use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use config::{Configuration, Sources};
use gateway::settings::Settings;
use gateway::{Admin, Gateway, Options, Shared, StartError};
use model::{Secret, SystemClock};
use net::{Limits, Listener, Shutdown, TlsServer};
use serde_json::json;

use crate::reload::{self, Reloader};
use crate::shutdown::{self, Endings};
use crate::socket::{self, Administration};
use crate::talk::{self, Failure};

/// Between two looks at the files of the configuration.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// Connections of the administration port.
const ADMIN_CONNECTIONS_MAX: usize = 64;

/// What [`serve`] begins with.
pub struct Start {
    pub config: PathBuf,
    pub configuration: Configuration,
    pub sources: Sources,
    /// Tell the addresses on stdout as JSON.
    pub json: bool,
    pub watch: bool,
}

/// Serves until a signal ends it; returns when the last record is written.
pub async fn serve(start: Start) -> Result<(), Failure> {
    let endings =
        Endings::new().map_err(|error| Failure::trouble(format!("no signals: {}", error.kind())))?;
    let hangups =
        shutdown::hangups().map_err(|error| Failure::trouble(format!("no signals: {}", error.kind())))?;
    let Start { config, configuration, sources, json, watch } = start;
    let settings = &configuration.settings;
    make_state_dir(&configuration.state_dir)?;
    let socket_path = configuration.state_dir.join(socket::NAME);
    // Bound first: whoever holds it owns the state directory.
    let lines = net::unix::LineListener::bind(&socket_path).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            Failure::trouble(format!("another gateway is running on {}", configuration.state_dir.display()))
        }
        kind => Failure::trouble(format!("{} cannot be bound: {kind}", socket_path.display())),
    })?;
    let listeners = bind(settings)?;
    let gateway = begin(&configuration, &sources)?;
    reload::keep(&config, &configuration, &configuration, &sources);
    let (stop, heard) = Shutdown::channel();
    let admin = administration_port(&configuration, &gateway)?;
    announce(&configuration, &listeners, admin.as_ref().map(|(listener, _)| listener), &socket_path, json)?;
    let drain = settings.timeouts.drain;
    let reloader = Reloader::new(Arc::clone(&gateway), config, configuration, sources.watched());
    let administration =
        Arc::new(Administration { gateway: Arc::clone(&gateway), reloader: Arc::clone(&reloader) });
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(net::unix::serve(lines, administration, heard.clone()));
    if let Some((listener, admin)) = admin {
        let heard = heard.clone();
        tasks.spawn(async move {
            if net::serve(listener, admin, heard).await.is_err() {
                talk::say("the administration port cannot be served");
            }
        });
    }
    let signals = tokio::spawn(on_hangup(hangups, Arc::clone(&reloader)));
    let watching = watch.then(|| tokio::spawn(on_change(Arc::clone(&reloader))));
    let served = tokio::select! {
        served = gateway.serve(listeners, heard) => Some(served),
        // The gateway's own drop cuts what is in flight and writes the last records.
        () = endings.conduct(&stop, drain) => None,
    };
    signals.abort();
    if let Some(watching) = watching {
        watching.abort();
    }
    if let Some(served) = served {
        while tasks.join_next().await.is_some() {}
        served.map_err(|error| Failure::trouble(format!("a listener cannot be served: {}", error.kind())))?;
    }
    talk::say("stopped");
    Ok(())
}

fn begin(configuration: &Configuration, sources: &Sources) -> Result<Arc<Gateway>, Failure> {
    let settings = configuration.settings.clone();
    let shared = Shared::new(Arc::new(SystemClock::default()), &settings.sizes);
    let options = Options {
        state_dir: configuration.state_dir.clone(),
        records_bytes_max: configuration.records_bytes_max,
    };
    Gateway::new(settings, shared, &options).map_err(|error| {
        if let StartError::Snapshot(findings) = &error {
            talk::show(findings, sources);
        }
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        Failure::trouble(format!("{error}{cause}"))
    })
}

/// Made with mode 0700. One that others can look into is refused: records and the socket lie there.
fn make_state_dir(path: &Path) -> Result<(), Failure> {
    let trouble = |error: std::io::Error| {
        Failure::trouble(format!("the state directory {} cannot be used: {}", path.display(), error.kind()))
    };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(trouble)?;
    let mode = std::fs::metadata(path).map_err(trouble)?.permissions().mode();
    if mode & 0o077 != 0 {
        let sentence = format!("the state directory {} is open to others; `chmod 700` it", path.display());
        return Err(Failure::trouble(sentence));
    }
    Ok(())
}

fn bind(settings: &Settings) -> Result<Vec<Listener>, Failure> {
    let (sizes, timeouts) = (&settings.sizes, &settings.timeouts);
    let limits = Limits {
        head_bytes_max: sizes.head_bytes_max,
        headers_max: sizes.headers_max,
        target_bytes_max: sizes.target_bytes_max,
        // The bound is for all listeners together.
        connections_max: (sizes.connections_max / settings.listeners.len().max(1)).max(1),
        head: timeouts.head,
        idle: timeouts.idle,
        body: timeouts.body,
    };
    let one = |listener: &gateway::settings::Listener| {
        let tls = listener.tls.as_ref().map(|tls| TlsServer::new(&tls.certificates, tls.key.expose()));
        let tls = tls.transpose().map_err(|error| Failure::trouble(error.to_string()))?;
        Listener::bind(listener.address, tls, limits).map_err(|error| {
            Failure::trouble(format!("{} cannot be listened on: {}", listener.address, error.kind()))
        })
    };
    settings.listeners.iter().map(one).collect()
}

fn administration_port(
    configuration: &Configuration,
    gateway: &Arc<Gateway>,
) -> Result<Option<(Listener, Arc<Admin>)>, Failure> {
    let Some(admin) = &configuration.admin else { return Ok(None) };
    let token = admin_token(&admin.token_file)?;
    let limits = Limits { connections_max: ADMIN_CONNECTIONS_MAX, ..Limits::default() };
    let listener = Listener::bind(admin.address, None, limits).map_err(|error| {
        Failure::trouble(format!("{} cannot be listened on: {}", admin.address, error.kind()))
    })?;
    Ok(Some((listener, Admin::new(Arc::clone(gateway), token, admin.hosts.clone()))))
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

/// Says where the gateway listens: to people on stderr, with `--json` to programs on stdout in one line.
fn announce(
    configuration: &Configuration,
    listeners: &[Listener],
    admin: Option<&Listener>,
    socket: &Path,
    json: bool,
) -> Result<(), Failure> {
    let settings = &configuration.settings;
    let actual = |listener: &Listener, wanted: SocketAddr| listener.local_addr().unwrap_or(wanted);
    let mut told = Vec::new();
    for (listener, wanted) in listeners.iter().zip(&settings.listeners) {
        let scheme = if wanted.tls.is_some() { "https" } else { "http" };
        let address = actual(listener, wanted.address);
        talk::say(&format!("listening on {scheme}://{address}"));
        told.push(json!({ "address": address.to_string(), "scheme": scheme }));
    }
    let admin =
        admin.zip(configuration.admin.as_ref()).map(|(listener, wanted)| actual(listener, wanted.address));
    if let Some(address) = admin {
        talk::say(&format!("metrics and health on http://{address}"));
    }
    for api in &settings.apis {
        let upstream = &api.upstream;
        talk::say(&format!(
            "{}: {} operations -> {}://{}:{}",
            api.name,
            api.description.operations.len(),
            upstream.scheme,
            upstream.host,
            upstream.port
        ));
    }
    if json {
        let line = json!({
            "version": 1,
            "event": "listening",
            "listeners": told,
            "admin": admin.map(|address| address.to_string()),
            "socket": socket.display().to_string(),
            "hash": settings.hash,
            "pid": std::process::id(),
        });
        talk::line(&line.to_string())?;
    }
    Ok(())
}

async fn on_hangup(mut hangups: tokio::signal::unix::Signal, reloader: Arc<Reloader>) {
    while hangups.recv().await.is_some() {
        reload_and_tell(&reloader).await;
    }
}

async fn on_change(reloader: Arc<Reloader>) {
    let mut tick = tokio::time::interval(WATCH_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let looking = Arc::clone(&reloader);
        if tokio::task::spawn_blocking(move || looking.is_stale()).await.unwrap_or(false) {
            // An editor may still be writing.
            tokio::time::sleep(WATCH_EVERY / 4).await;
            reload_and_tell(&reloader).await;
        }
    }
}

async fn reload_and_tell(reloader: &Arc<Reloader>) {
    let reloader = Arc::clone(reloader);
    if let Ok(outcome) = tokio::task::spawn_blocking(move || reloader.reload()).await {
        reload::tell(&outcome);
    }
}
