//! Notes what is read and how it looked before: whatever a configuration was made of is watched, and a change that comes
//! while it is read is seen at the next look.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::{Environment, Look};

/// An environment, and the look of every path that was asked of it, whether it could be read or not.
pub(crate) struct Noting<'e> {
    environment: &'e dyn Environment,
    looks: RefCell<BTreeMap<PathBuf, Look>>,
}

impl<'e> Noting<'e> {
    pub(crate) fn new(environment: &'e dyn Environment) -> Self {
        Self { environment, looks: RefCell::default() }
    }

    pub(crate) fn into_looks(self) -> BTreeMap<PathBuf, Look> {
        self.looks.into_inner()
    }

    /// The first look counts: what was read then may be what is used.
    fn note(&self, path: &Path) {
        let mut looks = self.looks.borrow_mut();
        if !looks.contains_key(path) {
            looks.insert(path.to_owned(), self.environment.look(path));
        }
    }
}

impl Environment for Noting<'_> {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.environment.variable(name)
    }

    fn look(&self, path: &Path) -> Look {
        self.environment.look(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.note(path);
        self.environment.read(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        self.note(directory);
        self.environment.list(directory)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.environment.canonical(path)
    }

    fn has_secrets(&self) -> bool {
        self.environment.has_secrets()
    }

    fn unix_s(&self) -> i64 {
        self.environment.unix_s()
    }
}
