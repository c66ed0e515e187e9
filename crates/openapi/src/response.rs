//! Responses: is the status declared, is the media type, does the body match.

use model::Violation;
use tape::Tape;

use crate::Operation;
use crate::body::{BODY, MediaChecks};
use crate::content::StatusKey;
use crate::media::{self, ContentType, MediaKind};
use crate::schema::{Direction, Rules};

impl Operation {
    /// Whether [`Operation::check_response`] can say more when it is given the body.
    pub fn response_needs_body(&self) -> bool {
        self.responses.can_be_checked()
    }

    /// Whether a response with this head has a body that would be checked against a schema.
    pub fn response_body_is_checked(&self, status: u16, content_type: Option<&str>) -> bool {
        let sent = content_type.and_then(ContentType::parse);
        let Some((response, sent)) = self.responses.find(status).zip(sent) else { return false };
        let declared = media::find(&response.content, &sent).and_then(|index| response.content.get(index));
        sent.kind() == MediaKind::Json && declared.is_some_and(|media| media.schema.is_some())
    }

    /// Checks a response's head, and its body when that is JSON and given.
    ///
    /// # Errors
    /// What is not as declared: at place `status`, `header` or `body`; at most 20; never a value.
    pub fn check_response(
        &self,
        status: u16,
        content_type: Option<&str>,
        body: Option<&Tape>,
    ) -> Result<(), Vec<Violation>> {
        let Some(response) = self.responses.find(status) else {
            // RFC 9110 section 15.4.5: the answer to a condition, which no description lists.
            return if status == 304 { Ok(()) } else { Err(vec![self.undeclared_status()]) };
        };
        let Some(content_type) =
            content_type.filter(|_| response.has_content && !response.content.is_empty())
        else {
            return Ok(());
        };
        let sent = ContentType::parse(content_type);
        let found = sent.as_ref().and_then(|sent| media::find(&response.content, sent));
        let Some(media) = found.and_then(|index| response.content.get(index)) else {
            let declared: Vec<&str> = response.content.iter().map(|media| &*media.range).collect();
            let mut violation = BODY.violation("", "content", &format!("one of {}", declared.join(", ")));
            violation.place = "header".to_owned();
            violation.pointer = "content-type".to_owned();
            return Err(vec![violation]);
        };
        let is_json = sent.is_some_and(|sent| sent.kind() == MediaKind::Json);
        let Some((schema, tape)) = media.schema.as_ref().zip(body).filter(|_| is_json) else { return Ok(()) };
        let rules = Rules { direction: Direction::Response, only_declared_properties: false };
        media.prepared.get(MediaChecks::default).schema(schema, rules).check_node(tape.root(), BODY.place, "")
    }

    fn undeclared_status(&self) -> Violation {
        let names: Vec<String> = self.responses.by_status.iter().map(|(key, _)| status_name(*key)).collect();
        let mut violation = BODY.violation("", "responses", &format!("one of {}", names.join(", ")));
        violation.place = "status".to_owned();
        violation
    }
}

fn status_name(key: StatusKey) -> String {
    match key {
        StatusKey::Exact(status) => status.to_string(),
        StatusKey::Class(class) => format!("{class}XX"),
    }
}
