//! Puts the service's own ids in the place of sealed ones in paths, queries and header fields, and refuses every other.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use model::{Mode, Owasp, Phase};
use openapi::NormalPath;
use policy::bindings::IdPlace;
use policy::decide::Subject;
use policy::sealing::{Opening, Stands};

use super::object_access::ids::{self, Fault};
use crate::check::{About, BodyNeed, Build, Check, Edit, Opened, Preparation, Step};
use crate::exchange::{Exchange, OpenedId};
use crate::pairs::encoded;
use crate::question::Answers;
use crate::seals::{Seals, unsealed};

pub struct OpenedIds {
    seals: Seals,
    opens: Vec<Opening>,
}

impl Build for OpenedIds {
    const ABOUT: About = About {
        name: "opened_ids",
        phase: Phase::Validate,
        owasp: &[Owasp::Api1],
        summary: "Refuses ids in paths, queries and header fields that were not sealed for the caller, as if there were no such object.",
        default_mode: Mode::Enforce,
        may_watch: false,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(seals) = Seals::enforced(preparation)? else { return Ok(None) };
        let opens = seals.opens(false);
        Ok((!opens.is_empty()).then_some(Self { seals, opens }))
    }
}

impl Check for OpenedIds {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(subject) = &exchange.subject else {
            return Step::Fail("nobody to open them for".to_owned());
        };
        let mut opened = Opened::default();
        for opening in &self.opens {
            let Stands::At(place) = &opening.stands else { continue };
            let sealed = match ids::one(place, exchange) {
                Ok(sealed) => sealed,
                // Whether it may be missing is said by the description and the bindings.
                Err(Fault::Missing) => continue,
                Err(fault) => return unsealed(fault.words()),
            };
            if let Err(why) = self.open(opening, place, sealed, subject, exchange, &mut opened) {
                return unsealed(why);
            }
        }
        // The path was matched with the sealed text in it: an id such as `all` may be the name of another operation.
        if opened.path.as_ref().is_some_and(|(path, _)| !self.seals.leads_here(path)) {
            return unsealed("an opened id leads to another operation");
        }
        if opened.ids.is_empty() {
            Step::pass()
        } else {
            Step::Continue(vec![Edit::Opened(Box::new(opened))])
        }
    }
}

impl OpenedIds {
    fn open(
        &self,
        opening: &Opening,
        place: &IdPlace,
        sealed: Arc<str>,
        subject: &Subject,
        exchange: &Exchange,
        opened: &mut Opened,
    ) -> Result<(), &'static str> {
        let id =
            self.seals.open(&opening.kind, &sealed, subject).ok_or("an id was not sealed for this caller")?;
        let id: Arc<str> = id.into();
        match place {
            IdPlace::Path(name) => {
                let (path, mut values) = opened
                    .path
                    .take()
                    .unwrap_or_else(|| (exchange.route.path.clone(), exchange.route.path_values.clone()));
                let path = self.with_segment(&path, name, &id).ok_or("an id cannot stand in a path")?;
                for (_, value) in values.iter_mut().filter(|(known, _)| known == name) {
                    id.as_ref().clone_into(value);
                }
                opened.path = Some((path, values));
            }
            IdPlace::Query(name) => opened.query.push((Arc::clone(name), Arc::clone(&id))),
            IdPlace::Header(name) => {
                let name = HeaderName::from_bytes(name.as_bytes()).ok();
                let field = name
                    .zip(HeaderValue::from_str(&id).ok())
                    .ok_or("an id cannot stand in a header field")?;
                opened.headers.push(field);
            }
            IdPlace::Cookie(_) | IdPlace::Body(_) | IdPlace::Principal => {
                return Err("an id stands where none is opened");
            }
        }
        opened.ids.push(OpenedId { kind: Arc::clone(&opening.kind), id, sealed });
        Ok(())
    }

    /// The path with another value of one parameter. An id with a slash cannot stand there.
    fn with_segment(&self, path: &NormalPath, name: &str, id: &str) -> Option<NormalPath> {
        let wanted = format!("{{{name}}}");
        let template = &self.seals.operation().template;
        let parts = template.split('/').zip(path.as_str().split('/'));
        let segments: Vec<_> = parts
            .map(|(part, segment)| if part == wanted { encoded(id) } else { segment.to_owned() })
            .collect();
        NormalPath::new(&segments.join("/")).ok()
    }
}
