//! Wires the running gateway together: state, listeners, administration, reloads, and the end.

use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use config::{Configuration, Sources};
use gateway::{Gateway, Options, Shared, StartError};
use model::SystemClock;
use net::Shutdown;
use serde_json::json;

use crate::entrances::{Entrances, Role, Told};
use crate::reload::{self, Reloader};
use crate::shutdown::{self, Endings};
use crate::socket::{self, Administration};
use crate::talk::{self, Failure};
use crate::{handover, notify};

/// Between two looks at the files of the configuration.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// What [`serve`] begins with.
pub struct Start {
    pub config: PathBuf,
    pub configuration: Configuration,
    pub sources: Sources,
    /// Tell the addresses on stdout as JSON.
    pub json: bool,
    pub watch: bool,
    /// Take over from the gateway that runs on the same state directory, if there is one.
    pub replace: bool,
}

/// Serves until a signal or a successor ends it; returns when the last record is written.
pub async fn serve(start: Start) -> Result<(), Failure> {
    let signals =
        Signals::heard().map_err(|error| Failure::trouble(format!("no signals: {}", error.kind())))?;
    let Start { config, configuration, sources, json, watch, replace } = start;
    let files_max = net::descriptors::raise();
    make_state_dir(&configuration.state_dir)?;
    let socket_path = configuration.state_dir.join(socket::NAME);
    let (mut taking, inherited) = match replace {
        true => handover::take_over(&configuration.state_dir).await?.unzip(),
        false => (None, None),
    };
    let lines = match &taking {
        Some(_) => None,
        // Bound first: whoever holds it owns the state directory.
        None => Some(bind_lines(&socket_path, &configuration.state_dir).await?),
    };
    let gateway = begin(&configuration, &sources)?;
    crate::blocks::open(&gateway, &configuration.state_dir)?;
    let workers = net::Workers::start(None)
        .map_err(|error| Failure::trouble(format!("no threads for connections: {}", error.kind())))?;
    let entrances = Entrances::new(Arc::clone(&gateway), workers, &configuration.state_dir);
    let inherited = match inherited {
        Some(inherited) => inherited,
        None => crate::activation::inherited(&configuration),
    };
    let change = entrances.prepare(&configuration, inherited)?;
    fit_connections(&gateway, &configuration, files_max);
    gateway.resume().await;
    if let Some(taking) = &taking {
        handover::inherit(&gateway, taking.header());
    }
    entrances.apply(change, Duration::ZERO);
    let lines = match (&mut taking, lines) {
        (Some(taking), _) => take_lines(taking, &gateway, &socket_path).await?,
        (None, Some(lines)) => lines,
        (None, None) => return Err(Failure::trouble("there is no administration socket")),
    };
    if let Some(taking) = taking {
        talk::say(&format!("took over from process {}", taking.pid()));
        taking.finish().await;
    }
    entrances.own_certificates();
    reload::keep(&config, &configuration, &configuration, &sources);
    crate::watched::note(&gateway, &configuration.state_dir);
    announce(&configuration, &entrances.told(), &socket_path, json)?;
    notify::ready();
    let serving = Serving { gateway, entrances, config, configuration, sources, watch };
    serving.until_the_end(lines, signals).await;
    Ok(())
}

/// What the process is told from outside while it serves.
struct Signals {
    endings: Endings,
    hangups: tokio::signal::unix::Signal,
    replacements: tokio::signal::unix::Signal,
}

impl Signals {
    /// From now on, so that none is lost while the gateway starts.
    fn heard() -> std::io::Result<Self> {
        Ok(Self {
            endings: Endings::new()?,
            hangups: shutdown::hangups()?,
            replacements: shutdown::replacements()?,
        })
    }
}

/// A gateway that has started.
struct Serving {
    gateway: Arc<Gateway>,
    entrances: Arc<Entrances>,
    config: PathBuf,
    configuration: Configuration,
    sources: Sources,
    watch: bool,
}

impl Serving {
    async fn until_the_end(self, lines: net::unix::LineListener, signals: Signals) {
        let Self { gateway, entrances, config, configuration, sources, watch } = self;
        let (stop, heard) = Shutdown::channel();
        let end = Arc::new(End { stop, entrances: Arc::clone(&entrances) });
        let transfer = Arc::<handover::Transfer>::default();
        let state_dir = configuration.state_dir.clone();
        let reloader = Reloader::new(
            Arc::clone(&gateway),
            config,
            configuration,
            sources.looks().clone(),
            Arc::clone(&entrances),
            Arc::clone(&transfer),
        );
        let administration = Arc::new(Administration {
            gateway: Arc::clone(&gateway),
            reloader: Arc::clone(&reloader),
            transfer,
            end: Arc::clone(&end),
            heard: heard.clone(),
            state_dir,
        });
        let answering = tokio::spawn(net::unix::serve(lines, administration, heard.clone()));
        let mut beside = vec![
            tokio::spawn(on_hangup(signals.hangups, Arc::clone(&reloader))),
            tokio::spawn(shutdown::on_replacement(signals.replacements)),
            tokio::spawn(crate::lost::tell(Arc::clone(&gateway))),
        ];
        if watch {
            beside.push(tokio::spawn(on_change(Arc::clone(&reloader))));
        }
        let served = async {
            gateway.live(heard).await;
            entrances.ended().await;
            // The answer to a successor is the last one.
            let _ = answering.await;
            gateway.finish().await;
        };
        tokio::select! {
            () = served => {}
            // The gateway's own drop cuts what is in flight and writes the last records.
            () = signals.endings.conduct(&end, &reloader) => {}
        }
        beside.iter().for_each(tokio::task::JoinHandle::abort);
        talk::say("stopped");
    }
}

/// The administration socket, from the process before, and what it has counted until now.
async fn take_lines(
    taking: &mut handover::Taking,
    gateway: &Gateway,
    socket_path: &Path,
) -> Result<net::unix::LineListener, Failure> {
    let left = taking.ready().await?;
    handover::inherit(gateway, &left);
    net::unix::LineListener::replace(socket_path).map_err(|error| {
        Failure::trouble(format!("{} cannot be bound: {}", socket_path.display(), error.kind()))
    })
}

/// What ends the process, and how.
pub(crate) struct End {
    stop: net::Stop,
    pub(crate) entrances: Arc<Entrances>,
}

impl End {
    /// Stops accepting; what is in flight has until `drain` is over.
    pub(crate) fn begin(&self, drain: Duration) {
        self.entrances.begin(drain);
        self.entrances.let_go();
        self.stop.begin(drain);
    }

    /// Stops accepting, because a successor does.
    pub(crate) fn leave(&self, drain: Duration) {
        self.entrances.leave(drain);
        self.stop.leave(drain);
    }
}

/// To be called when everything but connections is open.
fn fit_connections(gateway: &Gateway, configuration: &Configuration, files_max: Option<u64>) {
    gateway.fit_connections(net::descriptors::connections_max(files_max));
    let (fitting, wanted) = (gateway.connections_max(), configuration.settings.sizes.connections_max);
    if fitting < wanted {
        let files = files_max.unwrap_or(u64::MAX);
        talk::say(&format!(
            "at most {fitting} connections at a time and not {wanted}: {files} files may be open"
        ));
    }
}

async fn bind_lines(path: &Path, state_dir: &Path) -> Result<net::unix::LineListener, Failure> {
    net::unix::LineListener::bind(path).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            let held = state_dir.display();
            Failure::trouble(format!(
                "another gateway is running on {held}; `serve --replace` takes over from it"
            ))
        }
        kind => Failure::trouble(format!("{} cannot be bound: {kind}", path.display())),
    })
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

/// Says where the gateway listens: to people on stderr, with `--json` to programs on stdout in one line.
fn announce(
    configuration: &Configuration,
    entrances: &[Told],
    socket: &Path,
    json: bool,
) -> Result<(), Failure> {
    let settings = &configuration.settings;
    let mut told = Vec::new();
    let mut admin = None;
    for Told { role, address, is_tls, .. } in entrances {
        if *role != Role::Public {
            talk::say(&format!("metrics and health on http://{address}"));
            admin = Some(*address);
            continue;
        }
        let scheme = if *is_tls { "https" } else { "http" };
        talk::say(&format!("listening on {scheme}://{address}"));
        told.push(json!({ "address": address.to_string(), "scheme": scheme }));
    }
    for api in &settings.apis {
        let operations = api.description.operations.len();
        talk::say(&format!("{}: {operations} operations -> {}", api.name, api.upstream.label()));
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
        if reloader.is_being_replaced() {
            talk::say("not reloaded: the successor reads the files as they are now");
            continue;
        }
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
