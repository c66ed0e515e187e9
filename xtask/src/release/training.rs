//! The work that a profile is made of: what the program does all day, each kind for the same few seconds, and every
//! refusal of the demo once.
//!
//! A function that is not called here is compiled for size. So what a gateway does often belongs here; more seconds for
//! one kind do not make it faster.

use std::hash::Hasher;

use crate::bench::files;
use crate::bench::lab::{Lab, OTHER_CORE};
use crate::bench::load::{self, Load};
use crate::bench::peers::bartizan::{self, Form};
use crate::bench::peers::nginx;
use crate::shell;

const SECONDS: u32 = 3;

/// A path, and the script of its load.
type Kind = (&'static str, Option<&'static str>);

const WORK: &[(Form, &[Kind])] = &[
    (Form::Plain, &[("/orders/1", None)]),
    (Form::Recorded, &[("/orders/1", None)]),
    (Form::Tls, &[("/orders/1", None)]),
    (Form::Held, &[("/notes", Some("held_64k.lua"))]),
    (Form::Guarded, &[("/orders", Some("guarded_1k.lua")), ("/orders", Some("guarded_64k.lua"))]),
    (
        Form::EveryCheck,
        &[("/orders?channel=web", Some("guarded_1k.lua")), ("/orders?channel=web", Some("guarded_64k.lua"))],
    ),
    (Form::Owned, &[("/owned", Some("owned.lua")), ("/owned/1", Some("owned.lua"))]),
];

/// Tells the hasher what the work is, so that other work makes another profile.
pub fn describe(hasher: &mut impl Hasher) {
    hasher.write(format!("{SECONDS} {WORK:?} {:?}", files::all()).as_bytes());
}

/// Puts the program to work; it writes what it counted when it ends. Errors: an answer other than 2xx.
pub fn run(program: &str) -> Result<(), String> {
    let mut lab = Lab::new()?;
    let origin = nginx::origin(&mut lab)?.port;
    for (form, kinds) in WORK {
        let gateway = bartizan::start(&mut lab, program, *form, origin)?;
        for (path, script) in *kinds {
            eprintln!("training  {form:?} {path} {}", script.unwrap_or_default());
            let load = Load { tls: *form == Form::Tls, path, script: script.map(|name| lab.path(name)) };
            load::run(&load, &gateway, SECONDS)?;
            if *form == Form::Tls {
                http2(&load.url(gateway.port))?;
            }
        }
    }
    lab.end();
    eprintln!("training  demo");
    shell::output(program, &["demo", "--exit"]).map(drop)
}

/// The same over HTTP/2, several requests of a connection at a time.
fn http2(url: &str) -> Result<(), String> {
    let seconds = format!("{SECONDS}s");
    let printed =
        shell::output("taskset", &["-c", OTHER_CORE, "h2load", "-c", "4", "-m", "8", "-D", &seconds, url])?;
    let is_http2 = printed.lines().any(|line| line == "Application protocol: h2");
    let is_answered =
        printed.lines().any(|line| line.starts_with("requests:") && !line.contains(" 0 succeeded"));
    let all_2xx = printed
        .lines()
        .any(|line| line.starts_with("status codes:") && line.contains(" 0 3xx, 0 4xx, 0 5xx"));
    if is_http2 && is_answered && all_2xx {
        Ok(())
    } else {
        Err(format!("{url}: h2load had no answers over HTTP/2, or others than 2xx: {printed}"))
    }
}
