//! The request line and its parts.

use super::Variable;
use crate::input::{Input, Sink};

pub(super) fn each<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
    let line = &input.line;
    match sink.variable {
        Variable::RequestLine => sink.scalar(&input.request.line),
        Variable::RequestMethod => sink.scalar(&line.method),
        Variable::RequestProtocol => sink.scalar(&line.protocol),
        Variable::RequestUri => sink.scalar(&line.uri),
        Variable::RequestUriRaw => sink.scalar(&line.target),
        Variable::RequestFilename | Variable::PathInfo => sink.scalar(&line.path),
        Variable::RequestBasename => sink.scalar(line.basename()),
        // Present and empty when there is no query: a negated operator then matches.
        Variable::QueryString => sink.scalar(line.query.as_deref().unwrap_or_default()),
        _ => {}
    }
}
