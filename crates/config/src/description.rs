//! Hands the files of a description to the `openapi` room, and lets it see no others.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use model::Finding;

use crate::sources::{Environment, Sources};

/// Reads below the folders that were named, symbolic links followed before they are compared.
struct Confined<'a> {
    environment: &'a dyn Environment,
    roots: Vec<PathBuf>,
    /// What the operator named; anywhere on the machine.
    named: Vec<String>,
    read: RefCell<Vec<(String, Bytes)>>,
}

impl openapi::Files for Confined<'_> {
    fn read(&self, path: &str) -> Result<Bytes, String> {
        let on_disk = Path::new(path);
        if !self.named.iter().any(|named| named == path) {
            let canonical = self.environment.canonical(on_disk).map_err(|error| crate::why(&error))?;
            if !self.roots.iter().any(|root| canonical.starts_with(root)) {
                return Err(
                    "it lies outside the folder of the description and of the gateway file".to_owned()
                );
            }
        }
        let bytes = self.environment.read(on_disk).map(Bytes::from).map_err(|error| crate::why(&error))?;
        self.read.borrow_mut().push((path.to_owned(), bytes.clone()));
        Ok(bytes)
    }
}

/// Loads a description. Its files are named in findings by their path as the gateway file's own path leads to them.
pub(crate) fn load(
    spec: &Path,
    overlays: &[PathBuf],
    directory: &Path,
    environment: &dyn Environment,
    sources: &mut Sources,
) -> (Option<openapi::Description>, Vec<Finding>) {
    let entry = name(spec);
    let overlays: Vec<_> = overlays.iter().map(|path| name(path)).collect();
    let folder = spec.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let roots = [folder, directory].into_iter().filter_map(|root| environment.canonical(root).ok()).collect();
    let mut named = overlays.clone();
    named.push(entry.clone());
    let files = Confined { environment, roots, named, read: RefCell::default() };
    let (description, findings) = openapi::load(&entry, &overlays, &files);
    for (name, bytes) in files.read.into_inner() {
        sources.insert(name, bytes);
    }
    (description, findings)
}

/// A description by itself, for tools that need no gateway file.
pub fn described(
    spec: &Path,
    overlays: &[PathBuf],
    environment: &dyn Environment,
) -> (Option<openapi::Description>, Vec<Finding>, Sources) {
    let mut sources = Sources::default();
    let folder = spec.parent().unwrap_or(Path::new("."));
    let (description, findings) = load(spec, overlays, folder, environment, &mut sources);
    (description, findings, sources)
}

/// A path with `./` and `a/../` taken out, so that a file has one name.
fn name(path: &Path) -> String {
    use std::path::Component;
    let mut parts = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(parts.components().next_back(), Some(Component::Normal(_))) => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
