//! The regression tests of the Core Rule Set, from their files.

use std::path::{Path, PathBuf};

use seclang::ftw::{self, Test};

use super::rules::Data;

/// The files that go-ftw takes by itself.
pub const SUITE: &str = "yaml";
/// Files of the same format beside them, which it is not pointed at.
pub const BESIDE: &str = "yml";

/// Every test in files with this extension whose id begins with `filter` or whose file's name contains it, in order of the
/// files.
pub fn read(data: &Data, filter: Option<&str>, extension: &str) -> Result<Vec<Test>, String> {
    let mut files = Vec::new();
    collect(&data.crs.join("tests/regression/tests"), extension, &mut files)?;
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let named = filter.is_none_or(|filter| file.to_string_lossy().contains(filter));
        let text = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let tests = ftw::read(text.into()).map_err(|error| format!("{}: {error}", file.display()))?;
        all.extend(
            tests
                .into_iter()
                .filter(|test| named || filter.is_some_and(|filter| test.id.starts_with(filter))),
        );
    }
    Ok(all)
}

fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            collect(&path, extension, files)?;
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    Ok(())
}
