//! Keeps what answers say beside their content to what is declared: header fields, and the bodies of errors, which are
//! where frameworks print what was filtered elsewhere.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use http::header::HeaderName;
use model::{Mode, Owasp, Phase};
use openapi::Operation;
use policy::shown::{Cuts, answered_names, answers_text};
use tape::{Kind, Node};

use super::answer;
use crate::check::{About, Authorized, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::exchange::{Exchange, Response};
use crate::question::Answers;

/// Header fields that say nothing of the content, or say what a client needs to read it (RFC 9110 section 8 and 15, RFC
/// 9111, RFC 8288, RFC 8594, RFC 9745). Names ending in `-` are prefixes. Our own come after this.
const HEADERS: &[&str] = &[
    "accept-",
    "access-control-",
    "age",
    "allow",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-security-policy",
    "content-type",
    "cross-origin-",
    "date",
    "deprecation",
    "etag",
    "expires",
    "last-modified",
    "link",
    "location",
    "pragma",
    "ratelimit",
    "ratelimit-",
    "referrer-policy",
    "retry-after",
    "set-cookie",
    "strict-transport-security",
    "sunset",
    "traceparent",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
    "x-ratelimit-",
];

/// Members of errors as standards and frameworks name them: RFC 9457 section 3.1, RFC 6749 section 5.2, and the usual,
/// those among them that say where in a request something is wrong.
const MEMBERS: &[&str] = &[
    "code",
    "detail",
    "error",
    "error_code",
    "error_description",
    "errors",
    "field",
    "instance",
    "loc",
    "message",
    "msg",
    "parameter",
    "pointer",
    "reason",
    "request_id",
    "source",
    "status",
    "success",
    "timestamp",
    "title",
    "trace_id",
    "type",
];

/// Fields that count what a filtered list has lost, or lead to where the count and the lost items show, declared or not.
const COUNTS: &[&str] = &["content-range", "link", "x-count", "x-total", "x-total-count", "x-total-pages"];

/// Bytes of a sentence; what is longer is a trace, or a row.
const SENTENCE_BYTES_MAX: usize = 512;
/// Objects within objects of an error.
const DEPTH_MAX: usize = 4;

pub struct ShownErrors {
    operation: Arc<Operation>,
    filters: bool,
}

impl Build for ShownErrors {
    const ABOUT: About = About {
        name: "shown_errors",
        phase: Phase::Authorize,
        owasp: &[Owasp::Api3, Owasp::Api8],
        summary: "Takes undeclared header fields and undeclared members of errors out of answers.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    /// For operations that show objects, or are about some.
    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(Authorized { operation, plan, .. }) = preparation.authorized() else { return Ok(None) };
        let concerns = !plan.objects.is_empty() || !plan.shows.is_empty() || plan.list.is_some();
        let filters = plan.list.as_ref().is_some_and(|list| list.filter);
        Ok(concerns.then(|| Self { operation: Arc::clone(operation), filters }))
    }
}

impl Check for ShownErrors {
    fn step(&self, _exchange: &Exchange, _answers: &Answers) -> Step {
        Step::pass()
    }

    fn reads_response_head(&self) -> bool {
        true
    }

    fn response_body(&self) -> BodyNeed {
        BodyNeed::Whole
    }

    fn on_response_head(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(response) = &exchange.response else { return Step::pass() };
        let hidden = response.headers.keys().filter(|name| !self.shows(name, response));
        Step::Continue(hidden.cloned().map(Edit::RemoveResponseHeader).collect())
    }

    fn on_response_body(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(response) = exchange.response.as_ref().filter(|response| !response.status.is_success())
        else {
            return Step::pass();
        };
        let Some(body) = response.body.as_ref().filter(|body| !body.bytes.is_empty()) else {
            return Step::pass();
        };
        let tape =
            Some(body).filter(|_| answer::is_json(&response.headers)).and_then(|body| body.json().ok());
        let status = response.status.as_u16();
        let root = tape.map(tape::Tape::root);
        // A sentence alone, where the description has one.
        let is_sentence = |text: &str| text.len() <= SENTENCE_BYTES_MAX;
        if root.and_then(Node::as_str).is_some_and(is_sentence) && answers_text(&self.operation, status) {
            return Step::pass();
        }
        let Some(root) = root.filter(|root| root.kind() == Kind::Object) else {
            return answer::status_alone(response, body.bytes.len());
        };
        let declared: BTreeSet<Arc<str>> = answered_names(&self.operation, status);
        let mut cuts = Cuts::default();
        told(&mut cuts, root, &declared, DEPTH_MAX);
        if cuts.is_empty() {
            return Step::pass();
        }
        let report = Edit::Report(format!("members of an error taken out: {}", cuts.taken));
        Step::Continue(vec![Edit::SpliceResponse(cuts.into_ranges()), report])
    }
}

/// Takes out of an error whatever is no sentence, number or word under a name that errors have, wherever it stands.
fn told(cuts: &mut Cuts, node: Node<'_>, declared: &BTreeSet<Arc<str>>, depth: usize) {
    let may_stay = |value: Node<'_>| match value.kind() {
        Kind::String => value.as_str().is_some_and(|text| text.len() <= SENTENCE_BYTES_MAX),
        Kind::Object | Kind::Array => depth > 1,
        Kind::Number | Kind::Bool | Kind::Null => true,
    };
    let below = |cuts: &mut Cuts, value| {
        if depth > 1 {
            told(cuts, value, declared, depth - 1);
        }
    };
    match node.kind() {
        Kind::Object => {
            let is_known = |name: &str| MEMBERS.contains(&name) || declared.contains(name);
            cuts.members(node, |name, value| is_known(name) && may_stay(value));
            node.members().filter(|member| is_known(member.key)).for_each(|member| below(cuts, member.value));
        }
        Kind::Array => {
            cuts.items(node, |_, value| may_stay(value));
            node.items().for_each(|item| below(cuts, item));
        }
        _ => {}
    }
}

impl ShownErrors {
    fn shows(&self, name: &HeaderName, response: &Response) -> bool {
        let name = name.as_str();
        if self.filters && COUNTS.contains(&name) {
            return false;
        }
        let is_usual = HEADERS.iter().any(|known| match known.strip_suffix('-') {
            Some(_) => name.starts_with(known),
            None => name == *known,
        });
        let declared = self.operation.responses.find(response.status.as_u16());
        let mut declared = declared.into_iter().flat_map(|declared| &declared.headers);
        is_usual || declared.any(|header| header.name.eq_ignore_ascii_case(name))
    }
}
