//! What was counted, merged into one profile by LLVM's own tool.

use std::fs;
use std::path::{Path, PathBuf};

use super::toolchain::Toolchain;
use crate::{packages, shell};

/// `llvm-profdata` of the compiler's version of LLVM: the form of the counts changes between versions.
pub struct Merger(PathBuf);

impl Merger {
    /// Looked for in the compiler's own folder (rustup's component `llvm-tools`), then among Debian's packages, which are
    /// installed where they may be. Errors: it is nowhere.
    pub fn find(toolchain: &Toolchain) -> Result<Self, String> {
        let (host, llvm) = (&toolchain.host, toolchain.llvm);
        let places = [
            toolchain.sysroot.join(format!("lib/rustlib/{host}/bin/llvm-profdata")),
            PathBuf::from(format!("/usr/lib/llvm-{llvm}/bin/llvm-profdata")),
        ];
        let found = || places.iter().find(|place| place.is_file()).cloned();
        if found().is_none() {
            let package = format!("llvm-{llvm}");
            eprintln!("missing: llvm-profdata (Debian package {package}): merges what a program counted");
            // Debian may not have this version; then it is said below what to do.
            let _ = packages::install(&[&package]);
        }
        found().map(Self).ok_or_else(|| {
            format!(
                "there is no `llvm-profdata` of LLVM {llvm}: `rustup component add llvm-tools` brings it, or Debian's \
                 package llvm-{llvm}; `cargo build --release` does without"
            )
        })
    }

    /// Errors: nothing was counted, or the tool's.
    pub fn merge(&self, counted: &Path, profile: &Path) -> Result<(), String> {
        let trouble = |error: std::io::Error| format!("{}: {error}", counted.display());
        let entries = fs::read_dir(counted).map_err(trouble)?;
        let files = entries.flatten().map(|entry| entry.path().to_string_lossy().into_owned());
        let files: Vec<String> = files.filter(|path| path.ends_with(".profraw")).collect();
        // Written beside it first: half a profile would be taken for one the next time.
        let fresh = profile.with_extension("new").to_string_lossy().into_owned();
        let mut arguments = vec!["merge", "--sparse", "-o", &fresh];
        arguments.extend(files.iter().map(String::as_str));
        shell::run(&self.0.to_string_lossy(), &arguments)?;
        fs::rename(&fresh, profile).map_err(trouble)
    }
}
