//! What a process that was replaced still serves is held to the blocks of its successor, until it ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use gateway::Gateway;
use gateway::blocks::journal::{self, JOURNAL};

/// Between two looks at the journal.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Follows the journal that the successor keeps. Ends with the process.
pub(crate) fn follow(gateway: &Arc<Gateway>, state_dir: &Path) {
    let (gateway, directory) = (Arc::downgrade(gateway), state_dir.to_owned());
    tokio::spawn(async move {
        let mut seen = None;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(gateway) = gateway.upgrade() else { return };
            let (directory, before) = (directory.clone(), seen);
            let looked = tokio::task::spawn_blocking(move || look(&gateway, directory, before)).await;
            seen = looked.ok().flatten().or(seen);
        }
    });
}

type Look = (SystemTime, u64);

/// Takes over what changed. A journal that cannot be read leaves in force what is.
fn look(gateway: &Gateway, directory: PathBuf, before: Option<Look>) -> Option<Look> {
    let metadata = std::fs::metadata(directory.join(JOURNAL)).ok()?;
    let now = (metadata.modified().ok()?, metadata.len());
    if before == Some(now) {
        return before;
    }
    let held = journal::read(&directory).ok()?;
    gateway.shared().blocks.put_in_force(held.blocks);
    Some(now)
}
