//! The files that a configuration is made of, and the world that they are read from.

mod blot;
mod noting;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use aws_lc_rs::digest;
use bytes::Bytes;
use model::Place;

/// When a file was changed last and how long it is: enough to notice a change. `None` where there is none.
pub type Look = Option<(SystemTime, u64)>;

/// What reading a configuration may ask of the machine; a test supplies its own.
pub trait Environment {
    fn variable(&self, name: &str) -> Option<OsString>;
    /// What the file or directory looks like now.
    fn look(&self, path: &Path) -> Look;
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// What a directory holds, in any order; an error where it is none.
    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>>;
    /// The path without symbolic links, `.` and `..`.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;
    /// `false`: secrets are not read, and stand-ins take their place. For looking at a configuration, never for serving.
    fn has_secrets(&self) -> bool {
        true
    }
    /// Seconds since 1970, which certificates are held against.
    fn unix_s(&self) -> i64 {
        use model::Clock as _;
        i64::try_from(model::SystemClock::default().unix_ms() / 1000).unwrap_or(i64::MAX)
    }
}

/// Why a file could not be read, in an operator's words.
pub fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        kind => kind.to_string(),
    }
}

/// The process's own environment and file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Environment for Machine {
    fn variable(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn look(&self, path: &Path) -> Look {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        std::fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect()
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(path)
    }
}

/// Another environment, less its secrets: what `explain` and `diff` need on a machine that has none.
#[derive(Debug, Clone, Copy)]
pub struct WithoutSecrets<E>(pub E);

impl<E: Environment> Environment for WithoutSecrets<E> {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.0.variable(name)
    }

    fn look(&self, path: &Path) -> Look {
        self.0.look(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.read(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        self.0.list(directory)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.canonical(path)
    }

    fn has_secrets(&self) -> bool {
        false
    }
}

pub(crate) use blot::{is_secret, without_userinfo};
pub(crate) use noting::Noting;
pub(crate) use policy::bindings::Locator;

/// Every file that was read: its text for pictures, its look for watching, its content for the hash.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    texts: BTreeMap<Arc<str>, Bytes>,
    looks: BTreeMap<PathBuf, Look>,
    /// Where a literal secret stands; no picture shows it.
    masked: Vec<Place>,
    /// A file that could not be parsed, so that its secrets have no places.
    unparsed: Option<Arc<str>>,
}

impl Sources {
    /// The text of a file by the name that places use.
    pub fn text(&self, name: &str) -> Option<&Bytes> {
        self.texts.get(name)
    }

    /// What every path looked like just before it was read, secrets and certificates included: one that looks otherwise
    /// makes a reload worth while.
    pub fn looks(&self) -> &BTreeMap<PathBuf, Look> {
        &self.looks
    }

    /// Names and contents of everything but secrets.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        self.texts.iter().map(|(name, text)| (&**name, text))
    }

    /// First 12 hexadecimal digits of the SHA-256 over every file but secrets, names included.
    pub fn hash(&self) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        for (name, text) in &self.texts {
            for part in [name.as_bytes(), text.as_ref()] {
                context.update(&(part.len() as u64).to_be_bytes());
                context.update(part);
            }
        }
        let sum = context.finish();
        sum.as_ref().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// One line of a file as a picture may show it: literal secrets are blotted out, users and
    /// passwords of URLs and control characters too.
    pub fn line(&self, name: &str, number: u32) -> Option<String> {
        let text = self.texts.get(name)?;
        let line = text.split(|byte| *byte == b'\n').nth(usize::try_from(number).ok()?.checked_sub(1)?)?;
        let line = String::from_utf8_lossy(line);
        let masks: Vec<_> =
            self.masked.iter().filter(|place| &*place.file == name && place.line == number).collect();
        let unparsed = self.unparsed.as_deref() == Some(name);
        let hidden_from =
            unparsed.then(|| blot::from_column(&String::from_utf8_lossy(text), number)).flatten();
        let shown = line.trim_end().chars().zip(1_u32..).map(|(c, column)| {
            let masked =
                masks.iter().any(|place| column >= place.column && column - place.column < place.length);
            if masked || hidden_from.is_some_and(|from| column >= from) {
                '*'
            } else if model::is_hidden(c) {
                ' '
            } else {
                c
            }
        });
        let shown: String = shown.collect();
        Some(blot::without_userinfo(&shown).into_owned())
    }

    /// From here on no picture of this file shows what may be a secret.
    pub(crate) fn could_not_parse(&mut self, name: &str) {
        self.unparsed = Some(Arc::from(name));
    }

    pub(crate) fn mask(&mut self, place: Place) {
        self.masked.push(place);
    }

    pub(crate) fn insert(&mut self, name: impl Into<Arc<str>>, text: Bytes) {
        self.texts.insert(name.into(), text);
    }

    pub(crate) fn looked(&mut self, looks: BTreeMap<PathBuf, Look>) {
        self.looks = looks;
    }
}
