//! Refuses a bearer token in a form body (RFC 6750 section 2.2): the second place, besides the query, where clients put
//! it, seen only once the body is there.

#[cfg(test)]
mod tests;

use model::{Code, Mode, Owasp, Phase, Refusal};
use openapi::{Media, SchemaRef};

use super::misplaced_credentials::query_names;
use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

const FORM: &str = "application/x-www-form-urlencoded";
/// The one name that RFC 6750 gives to a token in a form.
const NAME: &str = "access_token";
/// How many schemas are looked into, along references and `allOf`, to find out whether the name is declared.
const SCHEMAS_MAX: usize = 100;

pub struct FormCredentials;

impl Build for FormCredentials {
    const ABOUT: About = About {
        name: "form_credentials",
        phase: Phase::Validate,
        owasp: &[Owasp::Api2],
        summary: "Refuses a bearer token in a form body.",
        default_mode: Mode::Enforce,
        may_watch: false,
        body: BodyNeed::Whole,
    };

    /// Only for operations that take forms and do not themselves declare `access_token` as one of the form's fields.
    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let body = preparation.operation.and_then(|operation| operation.body.as_ref());
        let content = body.map(|body| body.content.as_slice()).unwrap_or_default();
        let takes = |media: &&Media| {
            let range = media.range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            range == FORM || range == "*/*" || range == "application/*"
        };
        let mut forms = content.iter().filter(takes).peekable();
        let takes_forms = forms.peek().is_some();
        let declared = forms.any(|media| media.schema.as_ref().is_some_and(|schema| declares(schema, NAME)));
        Ok((takes_forms && !declared).then_some(Self))
    }
}

impl Check for FormCredentials {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        // Any of several lines may be the one that the service reads.
        let mut types = exchange.head.headers.get_all(http::header::CONTENT_TYPE).into_iter();
        let is_form = types.any(|value| {
            let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
            essence.trim_ascii().eq_ignore_ascii_case(FORM.as_bytes())
        });
        let Some(body) = exchange.body.as_ref().filter(|_| is_form) else { return Step::pass() };
        // Some services split at semicolons too.
        let form = String::from_utf8_lossy(&body.bytes).replace(';', "&");
        if query_names(&form).any(|name| name == NAME) {
            let refusal = Refusal::new(Code::CredentialMisplaced);
            return Step::refuse(refusal.detail(format!("in the form, as `{NAME}`")));
        }
        Step::pass()
    }
}

/// Whether a schema names a property, itself or by what it is put together from.
pub(super) fn declares(schema: &SchemaRef, name: &str) -> bool {
    let root = schema.documents.root();
    let mut open = vec![schema.node()];
    for _ in 0..SCHEMAS_MAX {
        let Some(node) = open.pop() else { return false };
        if node.get("properties").is_some_and(|properties| properties.get(name).is_some()) {
            return true;
        }
        let target =
            node.get("$ref").and_then(|reference| reference.as_str()).and_then(|to| to.strip_prefix('#'));
        open.extend(target.and_then(|pointer| root.pointer(pointer)));
        open.extend(node.get("allOf").into_iter().flat_map(|all| all.items()));
    }
    false
}
