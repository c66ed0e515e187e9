//! Requests of files, run through rules in memory: go-ftw tests, or one raw request a file.

use std::path::Path;

use bytes::Bytes;
use gateway::waf::{Set, Waf};
use seclang::Limits;
use seclang::ftw::{self, Expected, Seen};
use seclang::request::Request;
use serde_json::{Value, json};

use super::Chosen;
use crate::render::printable;
use crate::sources::{Environment, why};

/// The rules in front of those of files that refuse bodies: see `gateway::waf::BODIES`.
const UNREAD: u64 = 9_119_920;
const TWO_WAYS: u64 = 9_119_930;

/// What became of the requests of files.
#[derive(Debug, Default)]
pub struct Tested {
    cases: Vec<Case>,
}

#[derive(Debug)]
struct Case {
    name: String,
    seen: Seen,
    /// `None`: nothing was expected, or all of it came.
    unmet: Option<String>,
    /// Whether something was expected.
    judged: bool,
}

impl Tested {
    /// Runs the requests of a file, or of every file below a directory, in the order of their names.
    ///
    /// # Errors
    /// A sentence: what cannot be read.
    pub fn run_below(
        &mut self,
        chosen: &Chosen,
        path: &Path,
        environment: &dyn Environment,
    ) -> Result<(), String> {
        if let Ok(mut found) = environment.list(path) {
            found.sort();
            return found.iter().try_for_each(|path| self.run_below(chosen, path, environment));
        }
        let bytes = environment.read(path);
        let bytes = bytes.map_err(|error| format!("`{}` cannot be read: {}", path.display(), why(&error)))?;
        self.run(chosen, path, bytes.into())
    }

    /// Runs the requests of one file: YAML in the format of go-ftw, or else the bytes of one request.
    ///
    /// # Errors
    /// A sentence: why the file is neither.
    fn run(&mut self, chosen: &Chosen, path: &Path, bytes: Bytes) -> Result<(), String> {
        let name = path.to_string_lossy().into_owned();
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if !is_yaml {
            let seen = seen(chosen, &bytes).ok_or_else(|| format!("`{name}` is no HTTP request"))?;
            self.cases.push(Case { name, seen, unmet: None, judged: false });
            return Ok(());
        }
        let tests = ftw::read(bytes).map_err(|fault| format!("`{name}`: {fault}"))?;
        for test in tests {
            for stage in &test.stages {
                let seen = seen(chosen, &Bytes::from(stage.request.clone()));
                let is_unread = seen.is_none() && !stage.expected.error;
                let seen = seen.unwrap_or_default();
                // What no rule has seen would else meet every expectation that something does not match.
                let unmet = if is_unread {
                    Some("it is no HTTP request".to_owned())
                } else {
                    stage.expected.unmet(&seen)
                };
                self.cases.push(Case { name: test.id.clone(), seen, unmet, judged: says(&stage.expected) });
            }
        }
        Ok(())
    }

    /// Whether every expectation was met, and no request without one was refused.
    pub fn is_good(&self) -> bool {
        self.cases.iter().all(|case| case.unmet.is_none() && (case.judged || !case.is_refused()))
    }

    pub fn tally(&self) -> String {
        let unmet = || self.cases.iter().filter(|case| case.unmet.is_some());
        let refused = self.cases.iter().filter(|case| case.is_refused()).count();
        let mut tally =
            format!("{} requests, {refused} refused, {} not as expected", self.cases.len(), unmet().count());
        let unread = unmet().filter(|case| case.is_unread()).count();
        if unread > 0 {
            tally += &format!(
                "\n{unread} of them have a body that cannot be read, which is refused before rules of files see it \
                 ({UNREAD}, {TWO_WAYS}); tests of Bartizan's own rules want --own"
            );
        }
        tally
    }

    pub fn document(&self) -> Value {
        let cases = self.cases.iter().map(|case| {
            json!({
                "name": case.name, "status": case.seen.status, "refused": case.is_refused(),
                "rules": case.seen.ids, "met": case.unmet.is_none(), "why": case.unmet,
            })
        });
        json!({ "version": 1, "requests": cases.collect::<Vec<_>>() })
    }

    /// What is not as expected, and everything about requests without an expectation.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for case in &self.cases {
            if let Some(unmet) = &case.unmet {
                out.push_str(&printable(&format!("{}: {unmet}", case.name)));
                out.push('\n');
            } else if !case.judged {
                let verdict = if case.is_refused() { "refused" } else { "passes" };
                out.push_str(&printable(&format!("{}: {verdict}", case.name)));
                out.push('\n');
                for line in &case.seen.lines {
                    out.push_str("  ");
                    out.push_str(&printable(line));
                    out.push('\n');
                }
            }
        }
        out
    }
}

impl Case {
    /// Whether what stands in front of rules of files refused the body.
    fn is_unread(&self) -> bool {
        self.seen.ids.iter().any(|id| [UNREAD, TWO_WAYS].contains(id))
    }

    fn is_refused(&self) -> bool {
        self.seen.status.is_some_and(|status| status != 200)
    }
}

fn says(expected: &Expected) -> bool {
    expected.status.is_some()
        || expected.error
        || !expected.ids.is_empty()
        || !expected.no_ids.is_empty()
        || expected.line.is_some()
        || expected.no_line.is_some()
}

/// What every set makes of one request; the first refusal is its status.
fn seen(chosen: &Chosen, bytes: &Bytes) -> Option<Seen> {
    let (request, body) = seclang::wire::read(bytes)?;
    let mut all = Seen::default();
    for set in &chosen.sets {
        let seen = match &chosen.waf {
            Some(waf) => of_api(waf, set, &request, &body),
            None => ftw::run(&set.rules, Limits::default(), request.clone(), &body, ftw::reflect).0,
        };
        all.ids.extend(seen.ids);
        all.lines.extend(seen.lines);
        all.status = all.status.filter(|status| *status != 200).or(seen.status);
    }
    Some(all)
}

/// Within the bounds of the API, without what is excluded everywhere in it. No operation is known here, so what one
/// operation excludes counts.
fn of_api(waf: &Waf, set: &Set, request: &Request, body: &Bytes) -> Seen {
    // What cannot be excluded was reported when the gateway file was read.
    let exclusions = waf.exclusions(set, []).unwrap_or_default();
    let (transaction, mut input) = waf.bounds.begin(&set.rules, &exclusions, request.clone());
    let mut transaction = transaction.show_values();
    let answer = || ftw::reflect(request, body);
    let mut seen = ftw::run_begun(&set.rules, &mut transaction, &mut input, body, answer);
    if let Some(limit) = input.beyond_limit() {
        seen.lines.push(format!("refused: {limit} is exceeded"));
        seen.status = seen.status.filter(|status| *status != 200).or(Some(ftw::EXHAUSTED_STATUS));
    }
    seen
}
