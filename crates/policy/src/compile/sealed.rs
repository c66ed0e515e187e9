//! Where an operation's requests and answers have ids of sealed types.

use std::sync::Arc;

use openapi::Operation;

use super::Compiler;
use crate::bindings::{Binding, Evidence, From, IdPlace, Resource, ShownId, shown};
use crate::codes;
use crate::path::Path;
use crate::plan::Bound;
use crate::sealing::{Opening, Places, Showing, Stands};
use crate::shape::{Found, Shape};

/// Characters of a prefix.
const PREFIX_MAX: usize = 16;

impl Compiler<'_> {
    /// What a resource type says of sealing by itself.
    pub(super) fn seal(&mut self, resource: &Resource) {
        let at = format!("/resources/{}", resource.name);
        for (index, (_, kind)) in resource.references.iter().enumerate() {
            self.resource(kind, &format!("{at}/references/{index}/type"));
        }
        let Some(seal) = &resource.seal else { return };
        let inner = format!("{at}/seal/prefix");
        let at = if self.bindings.places.has(&inner) { inner } else { format!("{at}/seal") };
        let prefix = &*seal.prefix;
        let plain = prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !plain
            || prefix.len() > PREFIX_MAX
            || !prefix.starts_with(|first: char| first.is_ascii_lowercase())
        {
            let sentence = format!("{} is no prefix of sealed ids", shown(prefix));
            self.error(codes::SEAL_MISFIT, sentence, &at, "up to 16 lower-case letters and digits");
        }
        let same = |other: &&Resource| {
            other.name < resource.name && other.seal.as_ref().is_some_and(|other| other.prefix == seal.prefix)
        };
        if let Some(other) = self.bindings.resources.values().find(same) {
            let sentence =
                format!("sealed ids of {} and {} begin alike", shown(&other.name), shown(&resource.name));
            self.error(codes::SEAL_MISFIT, sentence, &at, "another prefix belongs here");
        }
    }

    pub(super) fn sealed(
        &mut self,
        operation: &Arc<Operation>,
        binding: &Binding,
        objects: &[Bound],
        at: &str,
    ) -> Places {
        for (index, (place, kind)) in binding.ids.iter().enumerate() {
            let at = format!("{at}/ids/{index}");
            self.place(operation, place, &format!("{at}/at"));
            self.resource(kind, &format!("{at}/type"));
        }
        for (index, (place, kind)) in binding.shows_ids.iter().enumerate() {
            let at = format!("{at}/shows_ids/{index}");
            self.resource(kind, &format!("{at}/type"));
            if let ShownId::Body(path) = place {
                self.answers(operation, path, &format!("{at}/at"));
            }
        }
        let mut places = Places::default();
        self.of_request(operation, binding, objects, at, &mut places);
        self.of_answer(binding, &mut places);
        places
    }

    fn of_request(
        &mut self,
        operation: &Arc<Operation>,
        binding: &Binding,
        objects: &[Bound],
        at: &str,
        places: &mut Places,
    ) {
        let mut named: Vec<(IdPlace, Arc<str>)> = Vec::new();
        for bound in objects.iter().flat_map(|bound| std::iter::once(bound).chain(bound.parent.as_deref())) {
            named.push((bound.id.clone(), Arc::clone(&bound.resource.name)));
        }
        let of_objects = binding.objects.iter().filter_map(|object| object.evidence.as_ref());
        for evidence in binding.evidence.iter().chain(of_objects).flatten() {
            if let Evidence::Related { kind, id } = evidence {
                named.push((id.clone(), Arc::clone(kind)));
            }
        }
        named.extend(binding.ids.iter().cloned());
        // Who calls is in no place of the request, and was never sealed.
        named.retain(|(place, _)| *place != IdPlace::Principal);
        for (place, kind) in named {
            if self.seal_of(&kind) && !self.fits(operation, &place) {
                let sentence = format!(
                    "a sealed id of {} cannot stand at `{place}` of {}",
                    shown(&kind),
                    shown(&operation.id)
                );
                self.error(codes::SEAL_MISFIT, sentence, at, "bound here");
            }
            self.open(operation, kind, Stands::At(place), places);
        }
        let Some(takes) = &binding.takes else { return };
        for (inner, kind) in self.inner(&takes.kind) {
            let stands = Stands::Within { at: takes.at.clone(), inner };
            self.open(operation, kind, stands, places);
        }
    }

    fn of_answer(&self, binding: &Binding, places: &mut Places) {
        let shown = binding.shows.iter().map(|shows| (&shows.kind, &shows.at));
        let listed = binding.list.iter().map(|list| (&list.kind, &list.items));
        for (kind, at) in shown.chain(listed) {
            for (inner, kind) in self.inner(kind) {
                self.show(Showing { kind, at: at.clone(), inner }, places);
            }
        }
        for (place, kind) in &binding.shows_ids {
            match place {
                ShownId::Body(path) => {
                    let showing = Showing { kind: kind.clone(), at: Path::root(), inner: path.clone() };
                    self.show(showing, places);
                }
                ShownId::Header(name) if self.seal_of(kind) => {
                    places.headers.push((name.clone(), kind.clone()));
                }
                ShownId::Header(_) => {}
            }
        }
    }

    /// Ids within a representation: its own, and those of objects that it belongs to or refers to.
    fn inner(&self, kind: &str) -> Vec<(Path, Arc<str>)> {
        let Some(resource) = self.resources.get(kind) else { return Vec::new() };
        let mut inner = vec![(resource.id.clone(), Arc::clone(&resource.name))];
        inner.extend(resource.parent.iter().map(|parent| (parent.property.clone(), parent.kind.clone())));
        for from in [&resource.tenant, &resource.owner] {
            if let From::Related { kind, id } = from {
                inner.push((id.clone(), kind.clone()));
            }
        }
        inner.extend(resource.references.iter().cloned());
        inner
    }

    fn seal_of(&self, kind: &str) -> bool {
        self.resources.get(kind).is_some_and(|resource| resource.seal.is_some())
    }

    fn show(&self, showing: Showing, places: &mut Places) {
        if self.seal_of(&showing.kind) && !places.shows.contains(&showing) {
            places.shows.push(showing);
        }
    }

    fn open(&self, operation: &Operation, kind: Arc<str>, stands: Stands, places: &mut Places) {
        if !self.seal_of(&kind) || places.opens.iter().any(|known| known.stands == stands) {
            return;
        }
        let is_number = is_number(operation, &stands).unwrap_or_else(|| self.is_counted(&kind));
        places.opens.push(Opening { kind, stands, is_number });
    }

    /// Whether a sealed id can be opened there: a whole segment of the path, and nowhere in cookies.
    fn fits(&self, operation: &Operation, place: &IdPlace) -> bool {
        match place {
            IdPlace::Path(name) => {
                let whole = format!("{{{name}}}");
                operation.template.split('/').any(|segment| segment == whole)
            }
            IdPlace::Cookie(_) | IdPlace::Principal => false,
            IdPlace::Query(_) | IdPlace::Header(_) | IdPlace::Body(_) => true,
        }
    }

    /// Whether the service writes ids of the type as numbers, by the first description of one.
    fn is_counted(&self, kind: &str) -> bool {
        let Some(resource) = self.resources.get(kind) else { return false };
        let of = |binding: &Binding, operation: &Operation| {
            let shown = binding.shows.iter().map(|shows| (&shows.kind, &shows.at));
            let listed = binding.list.iter().map(|list| (&list.kind, &list.items));
            let at = shown.chain(listed).find(|(shown, _)| ***shown == *kind)?.1;
            number(within(Shape::answer(operation)?, at, &resource.id)?)
        };
        let mut bound = self.bindings.operations.iter();
        bound
            .find_map(|(name, binding)| of(binding, super::find(self.description, name)?))
            .unwrap_or_default()
    }
}

/// `None` where the description does not say.
fn is_number(operation: &Operation, stands: &Stands) -> Option<bool> {
    match stands {
        Stands::At(IdPlace::Body(path)) => number(within(Shape::request(operation)?, &Path::root(), path)?),
        Stands::Within { at, inner } => number(within(Shape::request(operation)?, at, inner)?),
        // What is no JSON has no numbers.
        Stands::At(_) => Some(false),
    }
}

fn number(shape: Shape<'_>) -> Option<bool> {
    let shape = if shape.is_array() { shape.items()? } else { shape };
    if shape.is("string") {
        return Some(false);
    }
    (shape.is("integer") || shape.is("number")).then_some(true)
}

/// An array where a representation is declared stands for its items.
fn within<'d>(shape: Shape<'d>, at: &Path, inner: &Path) -> Option<Shape<'d>> {
    let Found::Here(shape) = shape.find(at) else { return None };
    let shape = if shape.is_array() { shape.items()? } else { shape };
    match shape.find(inner) {
        Found::Here(shape) => Some(shape),
        _ => None,
    }
}
