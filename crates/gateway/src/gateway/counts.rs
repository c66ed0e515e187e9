//! What was counted against caps of a day and rates that recover late, kept in the state directory over a restart.

use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::Gateway;

/// What was counted in the last so many seconds may be lost with the process.
const KEPT_EVERY: Duration = Duration::from_secs(5);
/// A wall clock that was set by more than this makes what was written untrue.
const CLOCK_STEP_MS: u64 = 60_000;
const FILE: &str = "limits";
/// Far more than the counters ever hold.
const BYTES_MAX: u64 = 1 << 30;

impl Gateway {
    /// Goes on where the process before ended. Without a usable file everything is counted from zero.
    pub(super) async fn take_over_counts(self: &Arc<Self>) {
        let Some(directory) = self.state_dir.clone() else { return };
        let shared = Arc::clone(&self.shared);
        let read = move || {
            let file = directory.join(FILE);
            if std::fs::metadata(&file)?.len() > BYTES_MAX {
                return Err(io::Error::from(io::ErrorKind::FileTooLarge));
            }
            let bytes = std::fs::read(file)?;
            let clock = &shared.clock;
            shared.counters.restore(&bytes, clock.unix_ms(), clock.monotonic_ns());
            Ok(())
        };
        let _ = tokio::task::spawn_blocking(read).await;
    }

    /// Writes when something was counted that a restart must not forget, or the wall clock was set.
    pub(super) async fn keep_counts_regularly(self: &Arc<Self>) {
        let mut written = None;
        loop {
            tokio::time::sleep(KEPT_EVERY).await;
            let clock = &self.shared.clock;
            let began_unix_ms = clock.unix_ms().saturating_sub(clock.monotonic_ns() / 1_000_000);
            let picture = (self.shared.counters.changes(), began_unix_ms / CLOCK_STEP_MS);
            if written != Some(picture) && self.keep_counts().await {
                written = Some(picture);
            }
        }
    }

    /// Writes what must not be forgotten now, when there is any. `false` when it could not be written.
    pub(super) async fn keep_counts(self: &Arc<Self>) -> bool {
        if self.has_left.load(std::sync::atomic::Ordering::Relaxed) {
            return true;
        }
        let Some(directory) = self.state_dir.clone() else { return true };
        let shared = Arc::clone(&self.shared);
        let written = tokio::task::spawn_blocking(move || {
            let clock = &shared.clock;
            match shared.counters.kept(clock.unix_ms(), clock.monotonic_ns()) {
                Some(bytes) => replace(&directory, &bytes),
                None => Ok(()),
            }
        });
        let is_kept = matches!(written.await, Ok(Ok(())));
        if !is_kept {
            self.observer.metrics.count_unkept();
        }
        is_kept
    }
}

/// The file is the old one or the new one, never half of one, even when the power fails. Its owner alone may read it: it holds the seed.
fn replace(directory: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = directory.join(format!("{FILE}.{}", std::process::id()));
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    drop(file);
    if let Err(error) = written.and_then(|()| std::fs::rename(&new, directory.join(FILE))) {
        let _ = std::fs::remove_file(&new);
        return Err(error);
    }
    std::fs::File::open(directory)?.sync_all()
}
