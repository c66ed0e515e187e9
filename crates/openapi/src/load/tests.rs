#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod broken;
mod findings;
mod references;
mod specs;

use std::collections::HashMap;

use bytes::Bytes;
use model::Finding;

use crate::{Description, Files, load};

/// Files in memory.
pub(crate) struct Memory(HashMap<String, Bytes>);

impl Memory {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), Bytes::from((*text).to_owned()));
        Self(files.iter().map(own).collect())
    }
}

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Bytes, String> {
        self.0.get(path).cloned().ok_or_else(|| "there is no such file".to_owned())
    }
}

/// Loads the first file, with its findings.
pub(crate) fn load_all(files: &[(&str, &str)]) -> (Option<Description>, Vec<Finding>) {
    load(files[0].0, &[], &Memory::new(files))
}

pub(crate) fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_str()).collect()
}
