//! The compiler that is in use, and the flags it is given.

use std::path::PathBuf;

use crate::shell;

#[derive(Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// The target triple of this machine.
    pub host: String,
    /// The major version of LLVM in the compiler, which writes the counts.
    pub llvm: u32,
    pub sysroot: PathBuf,
}

impl Toolchain {
    /// Errors: there is no `rustc`, or it was built without LLVM.
    pub fn read() -> Result<Self, String> {
        let sysroot = shell::output("rustc", &["--print", "sysroot"])?;
        let told = shell::output("rustc", &["-vV"])?;
        Self::of(&told, PathBuf::from(sysroot.trim()))
            .ok_or_else(|| format!("`rustc -vV` names no host or no version of LLVM: {told}"))
    }

    fn of(told: &str, sysroot: PathBuf) -> Option<Self> {
        let value = |name: &str| told.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let llvm = value("LLVM version:")?.split('.').next()?.parse().ok()?;
        Some(Self { host: value("host:")?.to_owned(), llvm, sysroot })
    }
}

/// What `CARGO_ENCODED_RUSTFLAGS` takes: the caller's own flags, which it hides otherwise, and one more.
pub fn flags(more: &str) -> String {
    let given = std::env::var("CARGO_ENCODED_RUSTFLAGS").ok().or_else(|| {
        let spaced = std::env::var("RUSTFLAGS").ok()?;
        Some(spaced.split_whitespace().collect::<Vec<_>>().join("\x1f"))
    });
    match given {
        Some(given) if !given.is_empty() => format!("{given}\x1f{more}"),
        _ => more.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::Toolchain;

    #[test]
    fn the_compiler_says_for_what_and_with_what_it_compiles() {
        let told = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n\
                    LLVM version: 22.1.2\n";
        let read = Toolchain::of(told, "/rust".into());
        let host = "x86_64-unknown-linux-gnu".to_owned();
        assert_eq!(read, Some(Toolchain { host, llvm: 22, sysroot: "/rust".into() }));
        assert_eq!(Toolchain::of("rustc 1.95.0\nhost: a\n", "/rust".into()), None);
        assert!(Toolchain::read().is_ok_and(|toolchain| toolchain.sysroot.is_dir()));
    }
}
