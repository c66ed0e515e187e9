//! Files of rules, and the data files that they name.

use std::cell::RefCell;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;

use crate::sources::{Environment, why};

/// The file itself, or the `*.conf` of the directory in the order of their names.
pub(crate) fn of_path(environment: &dyn Environment, path: &Path) -> Vec<PathBuf> {
    let Ok(mut found) = environment.list(path) else { return vec![path.to_owned()] };
    found.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
    found.sort();
    found
}

/// Its text. The error is a sentence.
pub(crate) fn text(environment: &dyn Environment, path: &Path) -> Result<String, String> {
    let unreadable = |why: String| format!("`{}` cannot be read: {why}", path.display());
    let bytes = environment.read(path).map_err(|error| unreadable(why(&error)))?;
    String::from_utf8(bytes).map_err(|_| unreadable("it is not text in UTF-8".to_owned()))
}

/// Data files of rules: only those beside the rules that name them, or below.
pub(crate) struct Beside<'a> {
    environment: &'a dyn Environment,
    read: RefCell<Vec<(PathBuf, Bytes)>>,
}

impl<'a> Beside<'a> {
    pub(crate) fn new(environment: &'a dyn Environment) -> Self {
        Self { environment, read: RefCell::default() }
    }

    /// What was read.
    pub(crate) fn into_read(self) -> Vec<(PathBuf, Bytes)> {
        self.read.into_inner()
    }
}

impl seclang::Files for Beside<'_> {
    fn read(&self, from: &str, name: &str) -> Result<Vec<u8>, String> {
        let is_below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if !Path::new(name).components().all(is_below) {
            return Err("it does not stand beside the rules or below them".to_owned());
        }
        let path = Path::new(from).parent().unwrap_or(Path::new("")).join(name);
        let bytes = self.environment.read(&path).map_err(|error| why(&error))?;
        self.read.borrow_mut().push((path, Bytes::from(bytes.clone())));
        Ok(bytes)
    }
}
