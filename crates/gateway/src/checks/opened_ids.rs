//! Puts the service's own ids in the place of sealed ones in paths, queries and header fields, and refuses every other.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use model::{Mode, Owasp, Phase};
use openapi::NormalPath;
use policy::Several;
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
            let sealed = match ids::values(place, exchange) {
                Ok(sealed) => sealed,
                // Whether it may be missing is said by the description and the bindings.
                Err(Fault::Missing) => continue,
                Err(fault) => return unsealed(fault.words()),
            };
            let Some(found) = self.open_all(opening, sealed, subject) else {
                return unsealed("an id was not sealed for this caller");
            };
            if let Err(why) = self.put(place, &found, exchange, &mut opened) {
                return unsealed(why);
            }
            opened.ids.extend(found);
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
    /// `None`: one of them was not sealed for the caller.
    fn open_all(&self, opening: &Opening, sealed: Vec<Arc<str>>, subject: &Subject) -> Option<Vec<OpenedId>> {
        let open = |sealed: Arc<str>| {
            let id = self.seals.open(&opening.kind, &sealed, subject)?.into();
            Some(OpenedId { kind: Arc::clone(&opening.kind), id, sealed })
        };
        sealed.into_iter().map(open).collect()
    }

    /// Puts the ids where they were sealed. Several stand in a query only.
    fn put(
        &self,
        place: &IdPlace,
        found: &[OpenedId],
        exchange: &Exchange,
        opened: &mut Opened,
    ) -> Result<(), &'static str> {
        if let IdPlace::Query(name) = place {
            let ids = found.iter().map(|one| encoded(&one.id));
            let several = policy::several(self.seals.operation(), name);
            // The service would find two ids in it, of which one was never sealed.
            if let Some(Several::Separated(by)) = several
                && found.iter().any(|one| one.id.contains([by, ',']))
            {
                return Err("an opened id holds what parts ids from each other");
            }
            let values = match several {
                // Commas part them as they are; others are written as they have to be.
                Some(Several::Separated(',')) => vec![ids.collect::<Vec<_>>().join(",")],
                Some(Several::Separated(by)) => vec![ids.collect::<Vec<_>>().join(&encoded(&by.to_string()))],
                Some(Several::Repeated) | None => ids.collect(),
            };
            opened.query.push((Arc::clone(name), values));
            return Ok(());
        }
        let [OpenedId { id, .. }] = found else { return Err("an id is there more than once") };
        match place {
            IdPlace::Path(name) => {
                let (path, mut values) = opened
                    .path
                    .take()
                    .unwrap_or_else(|| (exchange.route.path.clone(), exchange.route.path_values.clone()));
                let path = self.with_segment(&path, name, id).ok_or("an id cannot stand in a path")?;
                for (_, value) in values.iter_mut().filter(|(known, _)| known == name) {
                    id.as_ref().clone_into(value);
                }
                opened.path = Some((path, values));
            }
            IdPlace::Header(name) => {
                let name = HeaderName::from_bytes(name.as_bytes()).ok();
                let field =
                    name.zip(HeaderValue::from_str(id).ok()).ok_or("an id cannot stand in a header field")?;
                opened.headers.push(field);
            }
            IdPlace::Query(_) | IdPlace::Cookie(_) | IdPlace::Body(_) | IdPlace::Principal => {
                return Err("an id stands where none is opened");
            }
        }
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
