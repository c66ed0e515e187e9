//! `serve`: runs the gateway until it is told to stop.

use config::{Environment, Machine};

use super::Common;
use config::kept::Kept;
use control::talk::{self, Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Serve the last configuration that came into force, when the gateway file is broken
    #[arg(long)]
    last_good: bool,
    /// Do not watch the files; reload on SIGHUP and on `bartizan reload` only
    #[arg(long)]
    no_watch: bool,
    /// Take over from the gateway that runs on the same state directory, without refusing a connection
    #[arg(long)]
    replace: bool,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    let kept = if options.last_good { Some(last_good(common)?) } else { None };
    let environment: &dyn Environment = kept.as_ref().map_or(&Machine, |kept| kept);
    let (configuration, findings, sources) = super::configuration(common, environment)?;
    let shown = config::render::at_start(&findings, &sources, talk::style(&std::io::stderr()));
    talk::say(shown.trim_end());
    if let Some(kept) = &kept {
        talk::say(&format!("serving the configuration of {}, not the file as it is now", kept.since));
    }
    // Connections have threads of their own; this one accepts them, and one more is for all else.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::trouble(format!("no runtime: {}", error.kind())))?;
    runtime.block_on(control::serve(control::Start {
        config: common.config.clone(),
        configuration,
        sources,
        json: common.json,
        watch: !options.no_watch && kept.is_none(),
        replace: options.replace,
    }))?;
    Ok(Exit::Good)
}

/// What was kept. Where it lies is only known from the file itself, so a file that does not parse means the default.
fn last_good(common: &Common) -> Result<Kept, Failure> {
    let state_dir = config::state_dir(&common.config, &Machine);
    Kept::read(&state_dir).map_err(|error| {
        Failure::trouble(format!(
            "no last good configuration in {}: {}",
            state_dir.display(),
            config::why(&error)
        ))
    })
}
