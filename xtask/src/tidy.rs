//! Rules about the text and shape of the project that the compiler does not know.

mod arrows;
mod dependencies;
mod text;

/// Runs every rule and reports every fault at once.
pub fn run(_: &[String]) -> Result<(), String> {
    let mut faults = Vec::new();
    let metadata = dependencies::metadata()?;
    faults.extend(dependencies::faults(&metadata));
    faults.extend(arrows::faults(&metadata));
    faults.extend(text::faults()?);
    if faults.is_empty() {
        eprintln!("tidy: licences, sources, bans, arrows, sizes and text are in order");
        eprintln!("tidy: advisories were not checked here (the advisory database is not part of this run)");
        return Ok(());
    }
    for fault in &faults {
        eprintln!("tidy: {fault}");
    }
    Err(format!("tidy found {} faults", faults.len()))
}
