//! Operations whose answers are no documents: nothing of them can be read before it is shown.

use openapi::{ContentType, Media, Operation};
use serde_json::Value;

use super::Compiler;
use crate::bindings::{Binding, Evidence, shown};
use crate::codes;
use crate::plan::{Bound, Source};

/// Media types that are read a piece at a time.
const STREAMS: [&str; 5] = [
    "text/event-stream",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/json-seq",
];

impl Compiler<'_> {
    /// Leaves the answer of a stream out of the evidence, and reports what cannot do without it.
    pub(super) fn streams(
        &mut self,
        operation: &Operation,
        binding: &Binding,
        objects: &mut [Bound],
        at: &str,
    ) {
        let Some(what) = stream(operation).filter(|_| !binding.deny) else { return };
        let is_response = |source: &Source| matches!(source, Source::Response);
        let is_named = |evidence: &Option<Vec<Evidence>>| {
            evidence.iter().flatten().any(|evidence| matches!(evidence, Evidence::Response))
        };
        let names_it =
            is_named(&binding.evidence) || binding.objects.iter().any(|object| is_named(&object.evidence));
        let mut needs_it = names_it;
        for bound in objects {
            needs_it |= !bound.sources.is_empty() && bound.sources.iter().all(is_response);
            bound.sources.retain(|source| !is_response(source));
        }
        let wants = if binding.list.is_some() {
            "its list would be filtered"
        } else if !binding.shows.is_empty() {
            "what it shows would be held against rules"
        } else if needs_it {
            "its answer would say whose the object is"
        } else {
            return;
        };
        let sentence = format!("{} {what}, and {wants}", shown(&operation.id));
        self.error(codes::STREAM_UNREADABLE, sentence, at, "an answer that comes in pieces is never whole");
    }
}

/// What an operation answers with in place of a document.
fn stream(operation: &Operation) -> Option<&'static str> {
    let websocket = operation.extension.get("websocket");
    if websocket.is_some_and(|said| *said != Value::Bool(false)) {
        return Some("begins a WebSocket");
    }
    let answers = (200..300).filter_map(|status| operation.responses.find(status));
    let is_stream = |media: &Media| {
        ContentType::parse(&media.range).is_some_and(|sent| STREAMS.contains(&&*sent.essence))
    };
    answers.flat_map(|response| &response.content).any(is_stream).then_some("answers with a stream")
}
