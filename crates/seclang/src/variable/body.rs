//! The request's body as a whole, and how reading it went.

use super::{Name, Selector, Variable};
use crate::input::{Input, Sink};

pub(super) fn each<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
    let (body, texts) = (&input.body, &input.texts);
    match sink.variable {
        Variable::RequestBody if body.visible => sink.scalar(&body.raw),
        Variable::RequestBodyLength => sink.scalar(texts.request_body_length.as_bytes()),
        Variable::ReqbodyError | Variable::ReqbodyProcessorError => sink.flag(body.fault.is_some()),
        Variable::ReqbodyErrorMsg | Variable::ReqbodyProcessorErrorMsg => {
            sink.scalar(body.fault.unwrap_or_default().as_bytes());
        }
        Variable::InboundDataError => sink.flag(body.too_long),
        Variable::UrlencodedError => sink.flag(input.query_invalid || body.invalid_escape),
        Variable::FullRequest => sink.scalar(&texts.full_request),
        Variable::FullRequestLength => sink.scalar(texts.full_request_length.as_bytes()),
        Variable::Xml => xml(input, sink),
        _ => {}
    }
}

fn xml<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
    let (Some(document), Selector::Path(path)) = (&input.body.xml, sink.selector) else { return };
    let Sink { variable, take, .. } = sink;
    document.each(path, &mut |key, value| take(Name { variable: *variable, key: Some(key) }, value));
}
