//! The last configuration that came into force, kept in `state_dir` without its secrets.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::{Environment, Look, Machine, Sources};
use serde::{Deserialize, Serialize};

const FOLDER: &str = "last-good";

/// Every file of a configuration but its secrets, by the path that leads to it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    version: u32,
    /// The gateway file among them.
    pub config: PathBuf,
    /// RFC 3339, when it came into force.
    pub since: String,
    pub hash: String,
    files: BTreeMap<String, String>,
}

impl Kept {
    pub fn new(config: &Path, since: String, hash: &str, sources: &Sources) -> Self {
        let text = |bytes: &bytes::Bytes| String::from_utf8_lossy(bytes).into_owned();
        let files = sources.files().map(|(name, bytes)| (name.to_owned(), text(bytes))).collect();
        Self { version: 1, config: config.to_owned(), since, hash: hash.to_owned(), files }
    }

    /// Replaces what was kept, whole or not at all.
    pub fn write(&self, state_dir: &Path) -> io::Result<()> {
        let path = state_dir.join(FOLDER).with_extension("json");
        let fresh = path.with_extension("new");
        let text = serde_json::to_vec(self).map_err(io::Error::other)?;
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&text)?;
        file.sync_all()?;
        std::fs::rename(&fresh, &path)
    }

    pub fn read(state_dir: &Path) -> io::Result<Self> {
        let path = state_dir.join(FOLDER).with_extension("json");
        serde_json::from_slice(&std::fs::read(path)?).map_err(io::Error::other)
    }
}

/// Files as they were kept; secrets as they are now.
impl Environment for Kept {
    fn variable(&self, name: &str) -> Option<OsString> {
        Machine.variable(name)
    }

    fn look(&self, path: &Path) -> Look {
        Machine.look(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.files.get(&*path.to_string_lossy()) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => Machine.read(path),
        }
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let names = self.files.keys().map(PathBuf::from);
        let kept: Vec<_> = names.filter(|path| path.parent() == Some(directory)).collect();
        if kept.is_empty() { Machine.list(directory) } else { Ok(kept) }
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        // The files may be gone; what was kept had been confined when it was read.
        std::path::absolute(path)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Kept;

    #[test]
    fn what_was_kept_reads_the_same_when_the_files_are_gone() {
        let folder = std::env::temp_dir().join(format!("bartizan-kept-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let gateway = folder.join("gateway.yaml");
        let description = "openapi: 3.1.0\ninfo: { title: a, version: '1' }\npaths:\n  /a:\n    get: { operationId: a, \
                           security: [], responses: { '200': { description: ok } } }\n";
        std::fs::write(folder.join("a.yaml"), description).unwrap();
        let text = "version: 1\napis: { a: { spec: a.yaml, upstream: http://127.0.0.1:1 } }\n";
        std::fs::write(&gateway, text).unwrap();
        let (configuration, _, sources) = crate::read(&gateway, &crate::Machine);
        let hash = configuration.unwrap().settings.hash;
        Kept::new(&gateway, "now".to_owned(), &hash, &sources).write(&folder).unwrap();
        std::fs::write(&gateway, "version: broken").unwrap();
        std::fs::remove_file(folder.join("a.yaml")).unwrap();
        let kept = Kept::read(&folder).unwrap();
        let (configuration, findings, _) = crate::read(Path::new(&kept.config), &kept);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            configuration.map(|configuration| configuration.settings.hash),
            Some(hash),
            "{findings:?}"
        );
    }
}
