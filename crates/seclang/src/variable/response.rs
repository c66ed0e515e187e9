//! The response, in the phases that have one.

use super::Variable;
use crate::input::{Input, Sink};

pub(super) fn each<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
    if sink.variable == Variable::OutboundDataError {
        return sink.flag(input.response_body_cut);
    }
    let Some(response) = &input.response else { return };
    let headers = response.headers.iter().map(|header| (&*header.name, &*header.value));
    match sink.variable {
        Variable::ResponseStatus => sink.scalar(input.texts.response_status.as_bytes()),
        Variable::ResponseProtocol => sink.scalar(&response.protocol),
        Variable::StatusLine => sink.scalar(&input.texts.status_line),
        Variable::ResponseHeaders => sink.members(headers),
        Variable::ResponseHeadersNames => sink.names(headers),
        Variable::ResponseContentType => sink.scalar(response.content_type()),
        Variable::ResponseBody => input.response_body.iter().for_each(|body| sink.scalar(body)),
        Variable::ResponseContentLength if input.response_body.is_some() => {
            sink.scalar(input.texts.response_content_length.as_bytes());
        }
        _ => {}
    }
}
