//! `cargo x release`: the program as it is meant to be run, compiled with a profile of its own work.
//!
//! Built once so that it counts what it does, put to work ([`training`]), built again by what was counted: what is used
//! together lies together, and what is used often is inlined (profile-guided optimization,
//! <https://doc.rust-lang.org/rustc/profile-guided-optimization.html>). Nothing else differs from
//! `cargo build --release`.

mod counts;
mod toolchain;
mod training;

use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};

use crate::{packages, shell};
use toolchain::Toolchain;

/// A release build of the program.
pub struct Release {
    pub program: String,
    /// Compiled with a profile.
    pub guided: bool,
}

/// `cargo x release`
pub fn run(_: &[String]) -> Result<(), String> {
    println!("{}", guided(&Means::find()?)?);
    Ok(())
}

/// With a profile where one can be made here; else without, and says why.
pub fn build() -> Result<Release, String> {
    match Means::find() {
        Ok(means) => Ok(Release { program: guided(&means)?, guided: true }),
        Err(missing) => {
            eprintln!("built WITHOUT a profile, which costs more CPU time a request: {missing}");
            shell::run("cargo", &BUILD)?;
            Ok(Release { program: shell::bartizan("release"), guided: false })
        }
    }
}

const BUILD: [&str; 5] = ["build", "--release", "--locked", "--package", "bartizan"];

/// What a profile is made with, looked for before the long work.
struct Means {
    toolchain: Toolchain,
    merger: counts::Merger,
}

impl Means {
    /// Errors: what is missing, and where it comes from.
    fn find() -> Result<Self, String> {
        let toolchain = Toolchain::read()?;
        let merger = counts::Merger::find(&toolchain)?;
        packages::demand(packages::FOR_TRAINING)?;
        Ok(Self { toolchain, merger })
    }
}

fn guided(Means { toolchain, merger }: &Means) -> Result<String, String> {
    let folder = shell::target().join("guided");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;

    let counted = folder.join("counts");
    let counting = compile(toolchain, &folder, "counting", "-Cprofile-generate=", &counted)?;
    // Named after what is trained and how: the same is not done twice, and another profile is another build.
    let profile = folder.join(format!("{:016x}.profdata", digest(&counting)?));
    if !profile.is_file() {
        let _ = fs::remove_dir_all(&counted);
        forget_profiles(&folder)?;
        training::run(&text(&counting))?;
        merger.merge(&counted, &profile)?;
    }
    compile(toolchain, &folder, "bartizan", "-Cprofile-use=", &profile).map(|program| text(&program))
}

/// Compiles with the option, and keeps the program under the name.
fn compile(
    toolchain: &Toolchain,
    folder: &Path,
    name: &str,
    option: &str,
    value: &Path,
) -> Result<PathBuf, String> {
    let flags = toolchain::flags(&format!("{option}{}", value.display()));
    // With a target given, programs that only build (scripts, macros) are compiled as always.
    let arguments = [BUILD.as_slice(), &["--target", &toolchain.host]].concat();
    shell::run_with(&[("CARGO_ENCODED_RUSTFLAGS", &flags)], "cargo", &arguments)?;
    let built = shell::target().join(&toolchain.host).join("release/bartizan");
    let kept = folder.join(name);
    // Beside it first: the program may be running.
    let fresh = folder.join(format!("{name}.new"));
    fs::copy(&built, &fresh)
        .and_then(|_| fs::rename(&fresh, &kept))
        .map_err(|error| format!("{}: {error}", kept.display()))?;
    Ok(kept)
}

fn forget_profiles(folder: &Path) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|extension| extension == "profdata") {
            fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(())
}

fn digest(path: &Path) -> Result<u64, String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(&bytes);
    training::describe(&mut hasher);
    Ok(hasher.finish())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
