//! Request headers and cookies.

use super::Variable;
use crate::input::{Input, Sink};

pub(super) fn each<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
    let headers = input.request.headers.iter().map(|header| (&*header.name, &*header.value));
    match sink.variable {
        Variable::RequestHeaders => sink.members(headers),
        Variable::RequestHeadersNames => sink.names(headers),
        Variable::RequestCookies => sink.members(input.cookies.iter()),
        Variable::RequestCookiesNames => sink.names(input.cookies.iter()),
        _ => {}
    }
}
