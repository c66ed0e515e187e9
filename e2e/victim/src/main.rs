//! The application on a port of its own, for somebody who wants to try the gateway before it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that talks to a person")]

use std::path::Path;
use std::process::ExitCode;

use victim::{Person, Stage};

/// `victim FOLDER` serves both twins and the issuer, writes the gateway's files into the folder, and prints tokens.
fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!(
            "victim FOLDER   serves the application, writes the gateway's files into FOLDER, prints tokens"
        );
        return ExitCode::from(2);
    };
    match run(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path) -> Result<(), String> {
    let stage = Stage::set(folder, 0)?;
    let file = stage.write_files()?;
    println!("weak      http://{}", stage.weak.address);
    println!("hardened  http://{}", stage.hardened.address);
    println!("issuer    {}", stage.issuer.url);
    let people: [Person; 6] =
        [victim::ana(), victim::ben(), victim::sam(), victim::ada(), victim::sue(), victim::oto()];
    for person in &people {
        println!("{} {} {}", person.id, person.name, stage.issuer.token(person)?);
    }
    println!("\nbartizan serve --config {}", file.display());
    loop {
        std::thread::park();
    }
}
