//! What is counted of authorization for `status`: how guessable the ids are that pass, and evidence that could not be had.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{AuthorizationTrace, rfc3339_millis};
use policy::grade::Sketch;
use serde::Serialize;

/// Types of all APIs whose ids are graded.
pub const TYPES_MAX: usize = 4_096;
/// Sources of all APIs whose failures are counted apart; further ones are not counted.
pub const SOURCES_MAX: usize = 4_096;

/// Bounded by what is configured, and in number. Ids themselves are never in it.
#[derive(Default)]
pub struct Standing {
    grades: Mutex<BTreeMap<OfType, Sketch>>,
    failures: Mutex<BTreeMap<OfSource, Failures>>,
}

/// API and resource type.
type OfType = (Arc<str>, Arc<str>);
/// API, kind of source, operation that is asked.
type OfSource = (Arc<str>, String, Option<String>);

#[derive(Debug, Clone, Copy, Default)]
struct Failures {
    count: u64,
    last_unix_ms: u64,
}

/// How guessable the ids of a type are, by those that passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdGrade {
    /// `enumerable`, `guessable`, `opaque` or `unknown`.
    pub grade: &'static str,
    /// Ids that it is known by, of late.
    pub seen: u64,
    /// A fragment after "ids".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
    /// What a guess costs whoever knows one id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guess_bits: Option<u64>,
    /// Of ids in one list, how many per cent are followed by the next number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub neighbours_percent: Option<u64>,
    pub bytes_min: usize,
    pub bytes_max: usize,
}

/// A source of evidence that could not say anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedEvidence {
    pub source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Since the start.
    pub count: u64,
    /// When it failed last (RFC 3339).
    pub last: String,
    #[serde(skip)]
    last_unix_ms: u64,
}

impl Standing {
    /// Takes in ids that came together. Where another request is at it, these are passed over: a sample is enough.
    pub(crate) fn observe<I: AsRef<str>>(
        &self,
        api: &Arc<str>,
        kind: &Arc<str>,
        ids: impl FnOnce() -> Vec<I>,
    ) {
        let Ok(mut grades) = self.grades.try_lock() else { return };
        let key = (Arc::clone(api), Arc::clone(kind));
        if grades.len() >= TYPES_MAX && !grades.contains_key(&key) {
            return;
        }
        let ids = ids();
        let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        grades.entry(key).or_default().observe(&ids);
    }

    pub(crate) fn failed(&self, api: &Arc<str>, trace: &AuthorizationTrace, now_unix_ms: u64) {
        for evidence in trace.evidence.iter().filter(|evidence| evidence.outcome == "failed") {
            let mut failures = lock(&self.failures);
            let key = (Arc::clone(api), evidence.source.clone(), evidence.operation.clone());
            if failures.len() < SOURCES_MAX || failures.contains_key(&key) {
                let entry = failures.entry(key).or_default();
                entry.count += 1;
                entry.last_unix_ms = entry.last_unix_ms.max(now_unix_ms);
            }
        }
    }

    pub(crate) fn grade(&self, api: &str, kind: &str) -> Option<IdGrade> {
        let grades = lock(&self.grades);
        let sketch = grades.get(&(Arc::from(api), Arc::from(kind)))?;
        let (bytes_min, bytes_max) = sketch.bytes();
        let grade = sketch.grade();
        Some(IdGrade {
            grade: grade.word(),
            seen: sketch.seen(),
            why: grade.why(),
            guess_bits: sketch.guess_bits(),
            neighbours_percent: sketch.neighbours_percent(),
            bytes_min,
            bytes_max,
        })
    }

    /// Of an API; what failed last comes first.
    pub(crate) fn failures(&self, api: &str) -> Vec<FailedEvidence> {
        let failures = lock(&self.failures);
        let of_api = failures.iter().filter(|((known, ..), _)| **known == *api);
        let told = of_api.map(|((_, source, operation), failures)| FailedEvidence {
            source: source.clone(),
            operation: operation.clone(),
            count: failures.count,
            last: rfc3339_millis(failures.last_unix_ms),
            last_unix_ms: failures.last_unix_ms,
        });
        let mut told: Vec<_> = told.collect();
        told.sort_by_key(|failed| std::cmp::Reverse(failed.last_unix_ms));
        told
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
