//! How strictly a multipart body keeps to its form.

use super::Variable;
use crate::input::{Input, Sink};

pub(super) fn each<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
    let Some(flags) = input.body.multipart.as_ref().map(|multipart| &multipart.flags) else {
        // Zero, and not absent, for bodies of other kinds.
        return sink.flag(false);
    };
    sink.flag(match sink.variable {
        Variable::MultipartBoundaryQuoted => flags.boundary_quoted,
        Variable::MultipartBoundaryWhitespace => flags.boundary_whitespace,
        Variable::MultipartCrlfLfLines => flags.crlf_line && flags.lf_line,
        Variable::MultipartDataAfter => flags.data_after,
        Variable::MultipartDataBefore => flags.data_before,
        Variable::MultipartFileLimitExceeded => flags.file_limit_exceeded,
        Variable::MultipartHeaderFolding => flags.header_folding,
        Variable::MultipartInvalidHeaderFolding => flags.invalid_header_folding,
        Variable::MultipartInvalidPart => flags.invalid_part,
        Variable::MultipartInvalidQuoting => flags.invalid_quoting,
        Variable::MultipartLfLine => flags.lf_line,
        Variable::MultipartMissingSemicolon => flags.missing_semicolon,
        Variable::MultipartStrictError => input.body.fault.is_some() || flags.strict(),
        Variable::MultipartUnmatchedBoundary => return sink.scalar(flags.unmatched_boundary.as_bytes()),
        _ => false,
    });
}
