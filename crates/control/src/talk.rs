//! Data to stdout, talk to stderr; colours on a terminal only, and never with `NO_COLOR`.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use config::render::{Format, Style};
use model::Finding;

/// How a command ends (the exit status of the process).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Good = 0,
    /// There are findings, or two things differ.
    Findings = 1,
    /// Usage, configuration or internal trouble.
    Trouble = 2,
    /// What should be asked does not answer.
    Unreachable = 3,
}

impl Exit {
    pub fn good_if(good: bool) -> Self {
        if good { Self::Good } else { Self::Findings }
    }
}

/// Why a command could not do what was asked.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub sentence: String,
}

impl Failure {
    pub fn trouble(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Trouble, sentence: sentence.into() }
    }

    pub fn unreachable(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Unreachable, sentence: sentence.into() }
    }

    /// Where nothing answers and the gateway file is not there, the file is the likelier reason: it says where to ask.
    pub fn or_no_file(self, config: &Path) -> Self {
        match std::fs::metadata(config) {
            Err(error) if self.exit == Exit::Unreachable => {
                let (file, why) = (config.display(), config::why(&error));
                Self::unreachable(format!("{}; `{file}` cannot be read: {why}", self.sentence))
            }
            _ => self,
        }
    }
}

/// Writes data. A reader that went away (`| head`) ends the program quietly.
pub fn data(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(Failure::trouble(format!("the output cannot be written: {}", error.kind()))),
    }
}

pub fn line(text: &str) -> Result<(), Failure> {
    data(&format!("{text}\n"))
}

pub fn json(document: &serde_json::Value) -> Result<(), Failure> {
    line(&config::render::json(document))
}

/// The document with `--json`, its words without.
pub fn answer(json: bool, document: &serde_json::Value, words: &str) -> Result<(), Failure> {
    if json { self::json(document) } else { data(words) }
}

/// Says something to the person at the terminal, unless there is nothing to say.
pub fn say(text: &str) {
    if !text.is_empty() {
        // Nobody is left to tell when stderr is closed.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// Findings as pictures on stderr.
pub fn show(findings: &[Finding], sources: &config::Sources) {
    let text = config::render::findings(findings, sources, Format::Text(style(&io::stderr())));
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

pub fn style(stream: &impl IsTerminal) -> Style {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if stream.is_terminal() && !refused { Style::Colour } else { Style::Plain }
}
