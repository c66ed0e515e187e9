//! ARGS and what is counted of them: the pairs of the query and of the body.

use super::Variable;
use crate::input::{Input, Sink};

pub(super) fn each<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
    let (query, posted) = (&input.query, &input.body.arguments);
    let posted_names = posted.iter().chain(input.body.bare_names.iter());
    match sink.variable {
        Variable::Args => sink.members(query.iter().chain(posted.iter())),
        Variable::ArgsNames => sink.names(query.iter().chain(posted_names)),
        Variable::ArgsGet => sink.members(query.iter()),
        Variable::ArgsGetNames => sink.names(query.iter()),
        Variable::ArgsPost => sink.members(posted.iter()),
        Variable::ArgsPostNames => sink.names(posted_names),
        Variable::ArgsCombinedSize => sink.scalar(input.texts.args_combined_size.as_bytes()),
        _ => {}
    }
}
