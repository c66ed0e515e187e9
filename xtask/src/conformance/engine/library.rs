//! Debian's libmodsecurity behind a program of ours, and values for it.
//!
//! The library has no interface for a transformation or an operator alone. So a small program loads a file of rules, runs
//! them over values and says which matched and what they logged; it is compiled here against the library's headers.

pub mod corpus;

use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{packages, shell};

const SOURCE: &str = include_str!("library/peer.cc");
const HEADER: &str = "/usr/include/modsecurity/modsecurity.h";
const PACKAGES: &[&str] = &["g++", "libmodsecurity-dev"];

/// The built program; its folder goes with it.
pub struct Library {
    folder: PathBuf,
    program: PathBuf,
}

/// The rules that matched one value, in order, with their data.
pub type Matches = Vec<(usize, Vec<u8>)>;

impl Library {
    /// `None`, said aloud, where the library is not to be had.
    pub fn build() -> Result<Option<Self>, String> {
        let is_there = || Path::new(HEADER).is_file() && shell::has("g++");
        if !is_there() {
            packages::install(PACKAGES)?;
        }
        if !is_there() {
            eprintln!("skipped: what is compared with libmodsecurity ({} are missing)", PACKAGES.join(", "));
            return Ok(None);
        }
        let folder = std::env::temp_dir().join(format!("bartizan-library-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let library = Self { program: folder.join("peer"), folder };
        let source = library.folder.join("peer.cc");
        std::fs::write(&source, SOURCE).map_err(|error| format!("{}: {error}", source.display()))?;
        let (source, output) = (source.to_string_lossy(), library.program.to_string_lossy());
        shell::run("g++", &["-std=c++17", "-O1", "-o", &output, &source, "-lmodsecurity"])?;
        Ok(Some(library))
    }

    /// Runs rules on the request header `x` over each value of it.
    pub fn run(&self, rules: &str, values: &[Vec<u8>]) -> Result<Vec<Matches>, String> {
        let file = self.folder.join("rules.conf");
        std::fs::write(&file, rules).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut child = Command::new(&self.program)
            .arg(&file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", self.program.display()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the program has no pipes".to_owned());
        };
        let all = std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut input = BufWriter::new(input);
                // Who ended early is found out by who reads.
                let _ = values.iter().try_for_each(|value| {
                    input.write_all(&u32::try_from(value.len()).unwrap_or_default().to_le_bytes())?;
                    input.write_all(value)
                });
            });
            let mut output = BufReader::new(output);
            values.iter().map(|_| matches(&mut output)).collect::<Result<Vec<_>, _>>()
        });
        let status = child.wait().map_err(|error| error.to_string())?;
        if status.success() { all } else { Err(format!("the library's program ended with {status}")) }
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn matches(output: &mut impl Read) -> Result<Matches, String> {
    let count = number(output)?;
    (0..count)
        .map(|_| {
            let id = number(output)?;
            let mut data = vec![0; number(output)?];
            output.read_exact(&mut data).map_err(|error| error.to_string())?;
            Ok((id, data))
        })
        .collect()
}

fn number(output: &mut impl Read) -> Result<usize, String> {
    let mut bytes = [0; 4];
    output.read_exact(&mut bytes).map_err(|error| format!("the library's program broke off: {error}"))?;
    usize::try_from(u32::from_le_bytes(bytes)).map_err(|error| error.to_string())
}

/// Of the package, as installed.
pub fn version() -> String {
    let asked = ["-W", "-f", "${Package} ${Version}", "libmodsecurity3"];
    shell::output("dpkg-query", &asked).unwrap_or_default()
}

/// How one transformation or operator went beside the library.
#[derive(Debug, Default)]
pub struct Judged {
    pub values: usize,
    /// How many of these ours changed, or matched.
    pub touched: usize,
    /// By reason.
    pub known: std::collections::BTreeMap<&'static str, usize>,
    /// Value, ours, theirs.
    pub different: Vec<[String; 3]>,
}

impl Judged {
    /// Counts a value of which ours and theirs differ; `reason`: why they may.
    pub fn differs(&mut self, value: &[u8], ours: &[u8], theirs: &[u8], reason: Option<&'static str>) {
        match reason {
            Some(reason) => *self.known.entry(reason).or_default() += 1,
            None => self.different.push([value, ours, theirs].map(|bytes| bytes.escape_ascii().to_string())),
        }
    }
}

/// How many differences of one are shown.
const SHOWN_MAX: usize = 8;

/// Prints how all went. Errors: nothing was compared, or something differs that is not known to.
pub fn report(judged: &[(String, Judged)], as_json: bool) -> Result<(), String> {
    if as_json {
        let all: Vec<_> = judged
            .iter()
            .map(|(name, judged)| {
                serde_json::json!({
                    "name": name,
                    "values": judged.values,
                    "touched": judged.touched,
                    "known": judged.known,
                    "different": judged.different.len(),
                })
            })
            .collect();
        println!("{}", serde_json::json!({ "peer": version(), "compared": all }));
    } else {
        println!("beside {}:", version());
        judged.iter().for_each(|(name, judged)| print(name, judged));
    }
    if judged.is_empty() || judged.iter().any(|(_, judged)| !judged.different.is_empty()) {
        return Err("not everything is what the library makes of it".to_owned());
    }
    Ok(())
}

fn print(name: &str, judged: &Judged) {
    println!(
        "{name:<40} {} values, {} changed or matched, {} different",
        judged.values,
        judged.touched,
        judged.different.len()
    );
    for (reason, count) in &judged.known {
        println!("    {count} different as known: {reason}");
    }
    for [value, ours, theirs] in judged.different.iter().take(SHOWN_MAX) {
        println!("    `{value}`: ours `{ours}`, theirs `{theirs}`");
    }
}
