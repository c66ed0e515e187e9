//! What is kept on disk: accounts, and each certificate with its key in one file. Written aside with mode 0600, then
//! renamed, so that nobody ever reads half of it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use net::tls::{CertificateFacts, ServerCertificate};

use crate::order::{certificate, judge};
use crate::{Fault, Terms};

/// `acme/` in the state directory.
#[derive(Debug, Clone)]
pub struct Store {
    directory: PathBuf,
}

impl Store {
    pub fn new(state_dir: &Path) -> Self {
        Self { directory: state_dir.join("acme") }
    }

    /// The certificate that was last given under these terms, if it is usable.
    pub fn certificate(&self, terms: &Terms) -> Option<(ServerCertificate, CertificateFacts)> {
        let pem = fs::read(self.certificate_path(terms)).ok()?;
        let facts = judge(std::str::from_utf8(&pem).ok()?, terms).ok()?;
        Some((certificate(&pem), facts))
    }

    pub(crate) fn keep_certificate(&self, terms: &Terms, pem: &[u8]) -> Result<(), Fault> {
        self.put(&self.certificate_path(terms), pem)
            .map_err(|error| Fault::Disk { what: "the certificate", kind: error.kind() })
    }

    pub(crate) fn account(&self, terms: &Terms) -> Result<Option<Vec<u8>>, Fault> {
        match fs::read(self.account_path(terms)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::Disk { what: "the account", kind: error.kind() }),
        }
    }

    pub(crate) fn keep_account(&self, terms: &Terms, bytes: &[u8]) -> Result<(), Fault> {
        self.put(&self.account_path(terms), bytes)
            .map_err(|error| Fault::Disk { what: "the account", kind: error.kind() })
    }

    /// One account for each authority and set of contacts.
    fn account_path(&self, terms: &Terms) -> PathBuf {
        let of = tag([&terms.directory].into_iter().chain(&terms.contact));
        self.directory.join(format!("account-{of}.json"))
    }

    /// Another authority or other names are another certificate.
    fn certificate_path(&self, terms: &Terms) -> PathBuf {
        let first = terms.names.first().map_or("", String::as_str);
        let of = tag([&terms.directory].into_iter().chain(&terms.names));
        self.directory.join(format!("{first}-{of}.pem"))
    }

    fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        let aside = path.with_extension("new");
        // One that was left behind by a crash may have any mode.
        match fs::remove_file(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&aside, path)?;
        fs::File::open(&self.directory)?.sync_all()
    }
}

/// 16 hexadecimal digits.
fn tag<'a>(parts: impl Iterator<Item = &'a String>) -> String {
    let text: Vec<&str> = parts.map(String::as_str).collect();
    let sum = digest(&SHA256, text.join("\n").as_bytes());
    sum.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
