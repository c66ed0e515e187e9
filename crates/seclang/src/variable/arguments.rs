//! ARGS and what is counted of them: the pairs of the query and of the body.

use super::Variable;
use crate::input::{Input, Sink};

pub(super) fn each<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
    let query = input.query.given(sink.inspected);
    let posted = input.body.arguments.given(sink.inspected);
    let posted_names = input.body.arguments.given(sink.inspected).chain(input.body.bare_names.iter());
    match sink.variable {
        Variable::Args => sink.members(query.chain(posted)),
        Variable::ArgsNames => sink.names(query.chain(posted_names)),
        Variable::ArgsGet => sink.members(query),
        Variable::ArgsGetNames => sink.names(query),
        Variable::ArgsPost => sink.members(posted),
        Variable::ArgsPostNames => sink.names(posted_names),
        Variable::ArgsCombinedSize => sink.scalar(input.texts.args_combined_size.as_bytes()),
        _ => {}
    }
}
