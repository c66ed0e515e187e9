//! What is said of a panic: its place, never its message, which may quote the very value that caused it (slicing does).

use std::io::Write;
use std::panic::{Location, PanicHookInfo};

#[cfg(test)]
mod tests;

/// Makes every later panic of the process say its place alone, on stderr. To be called once, before anything is read.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let thread = std::thread::current();
        let text = text(info.location(), thread.name());
        // Nobody is left to tell when stderr is closed.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }));
}

fn text(location: Option<&Location<'_>>, thread: Option<&str>) -> String {
    let place = location.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!("panic at {place} in thread `{}`; its message is kept back", thread.unwrap_or("unnamed"))
}
