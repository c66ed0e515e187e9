//! Debian packages that tests and benchmarks use: installed when missing, when run as root, and said so.

use crate::shell;

/// A program of others, the package that has it, and what it is for.
pub struct Package {
    pub program: &'static str,
    pub package: &'static str,
    pub why: &'static str,
}

/// What the tests use.
pub const FOR_TESTS: &[Package] = &[
    Package { program: "curl", package: "curl", why: "a client of others, HTTP/1.1 and HTTP/2" },
    Package { program: "nginx", package: "nginx-light", why: "an upstream of others" },
    Package { program: "haproxy", package: "haproxy", why: "an upstream of others" },
    Package { program: "openssl", package: "openssl", why: "makes a certificate" },
    Package { program: "faketime", package: "faketime", why: "a clock that jumps" },
    Package { program: "python3", package: "python3", why: "the sample service of the guide's pages" },
];

const NGINX: Package = Package { program: "nginx", package: "nginx-light", why: "the upstream, and a peer" };
const WRK: Package = Package { program: "wrk", package: "wrk", why: "the load" };
const H2LOAD: Package =
    Package { program: "h2load", package: "nghttp2-client", why: "load over HTTP/2, and at a given rate" };
const OPENSSL: Package = Package { program: "openssl", package: "openssl", why: "makes a certificate" };
const TASKSET: Package =
    Package { program: "taskset", package: "util-linux", why: "pins each process to a core" };
const HAPROXY: Package = Package { program: "haproxy", package: "haproxy", why: "a peer" };

/// What puts a program to work.
pub const FOR_TRAINING: &[Package] = &[NGINX, WRK, H2LOAD, OPENSSL, TASKSET];

/// What the benchmarks use.
pub const FOR_BENCH: &[Package] = &[NGINX, WRK, HAPROXY, H2LOAD, OPENSSL, TASKSET];

/// Installs what is missing. Without root, names it; the tests that need it then say that they are skipped.
pub fn ensure(packages: &[Package]) -> Result<(), String> {
    let missing: Vec<&Package> = packages.iter().filter(|package| !shell::has(package.program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for package in &missing {
        eprintln!("missing: {} (Debian package {}): {}", package.program, package.package, package.why);
    }
    install(&missing.iter().map(|package| package.package).collect::<Vec<_>>())
}

/// Installs what is missing. Errors: something is missing still.
pub fn demand(packages: &[Package]) -> Result<(), String> {
    ensure(packages)?;
    match packages.iter().find(|package| !shell::has(package.program)) {
        Some(package) => Err(format!("`{}` is missing: {}", package.program, package.why)),
        None => Ok(()),
    }
}

/// Without root, says so.
pub fn install(packages: &[&str]) -> Result<(), String> {
    let root = shell::output("id", &["-u"])?.trim() == "0";
    if !root || !shell::has("apt-get") {
        eprintln!("not root on a Debian system: what needs these is skipped, and says so");
        return Ok(());
    }
    shell::run("apt-get", &["update", "-qq"])?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    shell::run("env", &[&["DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments.as_slice()].concat())
}
