//! What was counted against caps of a day, kept in the state directory over a restart.

use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::Gateway;

/// What was counted in the last so many seconds may be lost with the process.
const KEPT_EVERY: Duration = Duration::from_secs(5);
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

    pub(super) async fn keep_counts_regularly(self: &Arc<Self>) {
        loop {
            tokio::time::sleep(KEPT_EVERY).await;
            self.keep_counts().await;
        }
    }

    /// Writes what is counted in windows now, when there is any.
    pub(super) async fn keep_counts(self: &Arc<Self>) {
        if self.has_left.load(std::sync::atomic::Ordering::Relaxed) {
            return;
        }
        let Some(directory) = self.state_dir.clone() else { return };
        let shared = Arc::clone(&self.shared);
        let written = tokio::task::spawn_blocking(move || {
            let clock = &shared.clock;
            match shared.counters.windows(clock.unix_ms(), clock.monotonic_ns()) {
                Some(bytes) => replace(&directory, &bytes),
                None => Ok(()),
            }
        });
        if !matches!(written.await, Ok(Ok(()))) {
            self.observer.metrics.count_unkept();
        }
    }
}

/// The file is the old one or the new one, never half of one. Its owner alone may read it: it holds the seed.
fn replace(directory: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = directory.join(format!("{FILE}.{}", std::process::id()));
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    drop(file);
    std::fs::rename(&new, directory.join(FILE))
}
