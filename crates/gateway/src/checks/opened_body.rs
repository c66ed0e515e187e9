//! Puts the service's own ids in the place of sealed ones in bodies, and refuses every other.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use model::{Code, Mode, Owasp, Phase, Refusal};
use openapi::{ContentType, MediaKind};
use policy::Step as PathStep;
use policy::bindings::IdPlace;
use policy::decide::Subject;
use policy::sealing::{Opening, Stands, Unreadable, opened, opened_in_patch};

use super::media_type;
use super::object_access::ids::{self, Fault};
use crate::check::{About, BodyNeed, Build, Check, Edit, Opened, Preparation, Step};
use crate::exchange::{Body, Exchange, OpenedId};
use crate::pairs::with_pair;
use crate::question::Answers;
use crate::seals::{OPENED_MAX, Seals, unsealed};

/// What was opened in one body, each id once.
struct Gathered {
    ids: HashSet<OpenedId>,
    /// How many more there may be.
    left: usize,
}

impl Gathered {
    fn after(exchange: &Exchange) -> Self {
        Self { ids: HashSet::new(), left: OPENED_MAX.saturating_sub(exchange.opened.len()) }
    }

    /// `None` where there are too many.
    fn add(&mut self, opened: OpenedId) -> Option<()> {
        if !self.ids.contains(&opened) {
            self.left = self.left.checked_sub(1)?;
            self.ids.insert(opened);
        }
        Some(())
    }
}

pub struct OpenedBody {
    seals: Seals,
    opens: Vec<Opening>,
}

impl Build for OpenedBody {
    const ABOUT: About = About {
        name: "opened_body",
        phase: Phase::Validate,
        owasp: &[Owasp::Api1],
        summary: "Refuses ids in bodies that were not sealed for the caller, as if there were no such object.",
        default_mode: Mode::Enforce,
        may_watch: false,
        body: BodyNeed::Whole,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(seals) = Seals::enforced(preparation)? else { return Ok(None) };
        let opens = seals.opens(true);
        Ok((!opens.is_empty()).then_some(Self { seals, opens }))
    }
}

impl Check for OpenedBody {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(body) = exchange.body.as_ref().filter(|body| !body.bytes.is_empty()) else {
            return Step::pass();
        };
        let Some(subject) = &exchange.subject else {
            return Step::Fail("nobody to open them for".to_owned());
        };
        let content_type = media_type::content_type(&exchange.head.headers).ok().flatten();
        let sent = content_type.and_then(ContentType::parse);
        let is_patch = sent.as_ref().is_some_and(|sent| sent.essence == "application/json-patch+json");
        let kind = sent.filter(|_| !media_type::is_encoded(&exchange.head.headers)).map(|sent| sent.kind());
        let mut ids = Gathered::after(exchange);
        let spans = match kind {
            Some(MediaKind::Json) => {
                let Ok(tape) = body.json() else { return Step::refuse(Code::BodyMalformed) };
                let mut open = |opening: &Opening, text: &str| self.open(opening, text, subject, &mut ids);
                let read = if is_patch { opened_in_patch } else { opened };
                match read(tape.root(), &self.opens, &mut open) {
                    Ok(spans) => spans,
                    Err(Unreadable::Misshapen) => return Step::refuse(Code::BodyInvalid),
                    Err(fault) => return unsealed(&fault.to_string()),
                }
            }
            Some(MediaKind::Form) => match self.form(body, subject, &mut ids) {
                Ok(form) => vec![(0..body.bytes.len(), form)],
                Err(why) => return unsealed(why),
            },
            _ => {
                let detail = "ids are opened in JSON and forms only";
                return Step::refuse(Refusal::new(Code::MediaTypeUnsupported).detail(detail));
            }
        };
        if ids.ids.is_empty() {
            return Step::pass();
        }
        let opened = Opened { ids: ids.ids.into_iter().collect(), ..Opened::default() };
        Step::Continue(vec![Edit::SpliceBody(spans), Edit::Opened(Box::new(opened))])
    }
}

impl OpenedBody {
    fn open(&self, opening: &Opening, text: &str, subject: &Subject, ids: &mut Gathered) -> Option<String> {
        let id = self.seals.open(&opening.kind, text, subject)?;
        let opened =
            OpenedId { kind: Arc::clone(&opening.kind), id: id.as_str().into(), sealed: text.into() };
        ids.add(opened)?;
        Some(id)
    }

    /// A form has names, and nothing below them.
    fn form(&self, body: &Body, subject: &Subject, ids: &mut Gathered) -> Result<Bytes, &'static str> {
        let mut pairs = std::str::from_utf8(&body.bytes).map_err(|_| "the form is not UTF-8")?.to_owned();
        for opening in &self.opens {
            let (at, inner) = match &opening.stands {
                Stands::At(IdPlace::Body(path)) => (&[][..], path.steps()),
                Stands::Within { at, inner } => (at.steps(), inner.steps()),
                Stands::At(_) => continue,
            };
            let Some(PathStep::Member(name)) = at.iter().chain(inner).next() else { continue };
            // `of[id]=` and the like are other names for it to some.
            let sealed = match ids::pair(&pairs, name) {
                Ok(sealed) if at.len() + inner.len() == 1 => sealed,
                Ok(_) => return Err("an id stands below a name in a form"),
                Err(Fault::Missing) => continue,
                Err(fault) => return Err(fault.words()),
            };
            let id =
                self.open(opening, &sealed, subject, ids).ok_or("an id was not sealed for this caller")?;
            pairs = with_pair(&pairs, name, &id);
        }
        Ok(Bytes::from(pairs))
    }
}
