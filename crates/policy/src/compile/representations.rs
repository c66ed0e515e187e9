//! What bodies and answers represent: types and paths.

use openapi::Operation;

use super::Compiler;
use crate::bindings::{Binding, Overfetch, Page, Representation, shown};
use crate::codes;
use crate::shape::{Found, Shape};

impl Compiler<'_> {
    pub(super) fn representations(&mut self, operation: &Operation, binding: &Binding, at: &str) {
        if binding.renames && binding.takes.is_none() {
            let sentence = format!("nothing that {} writes could change an id", shown(&operation.id));
            self.error(
                codes::COMBINATION,
                sentence,
                &format!("{at}/renames"),
                "`takes` is missing beside it",
            );
        }
        if let Some(takes) = &binding.takes {
            self.represented(takes, &format!("{at}/takes"));
            if operation.body.is_none() {
                let sentence = format!("{} takes no body", shown(&operation.id));
                self.error(codes::BODY_UNKNOWN, sentence, &format!("{at}/takes"), "said to take one");
            } else if let Some(Found::Absent { name, known }) =
                Shape::request(operation).map(|shape| shape.find(&takes.at))
            {
                let sentence = format!("the body of {} has no `{}`", shown(&operation.id), shown(&name));
                self.unknown(
                    codes::BODY_UNKNOWN,
                    sentence,
                    &format!("{at}/takes/at"),
                    &name,
                    known.into_iter(),
                );
            }
        }
        for (index, shows) in binding.shows.iter().enumerate() {
            let one = format!("{at}/shows/{index}");
            let at = if self.bindings.places.has(&one) { one } else { format!("{at}/shows") };
            self.represented(shows, &at);
            self.answers(operation, &shows.at, &format!("{at}/at"));
        }
        if let Some(list) = &binding.list {
            let at = format!("{at}/list");
            self.resource(&list.kind, &format!("{at}/type"));
            self.answers(operation, &list.items, &format!("{at}/items"));
            if let Some(total) = &list.total {
                self.answers(operation, total, &format!("{at}/total"));
            }
            if let Some(overfetch) = &list.overfetch {
                self.page(operation, &overfetch.page, &format!("{at}/overfetch"));
                self.filled(overfetch, list.total.is_some(), &format!("{at}/overfetch"));
            }
        }
        self.presets(operation, binding, at);
    }

    /// Which lists cannot be filled up.
    fn filled(&mut self, overfetch: &Overfetch, is_counted: bool, at: &str) {
        let sentence = match &overfetch.page {
            Page::Link => "a list that goes on by a header field cannot be filled up from further pages",
            Page::Cursor { .. } | Page::Url { .. } if is_counted => {
                "the count of a list that goes on from page to page cannot be made right"
            }
            _ => return,
        };
        self.error(codes::COMBINATION, sentence, at, "leave it out, or page by offset or number");
    }

    fn presets(&mut self, operation: &Operation, binding: &Binding, at: &str) {
        if binding.preset.is_empty() {
            return;
        }
        if operation.body.is_none() {
            let sentence = format!("{} takes no body", shown(&operation.id));
            self.error(codes::BODY_UNKNOWN, sentence, &format!("{at}/preset"), "nothing can be set in it");
        }
        if binding.takes.is_none() {
            let sentence = format!("nothing says what the body of {} represents", shown(&operation.id));
            self.error(codes::COMBINATION, sentence, &format!("{at}/preset"), "`takes` is missing beside it");
        }
    }

    /// A type under `resources`, or one that only has rules.
    fn represented(&mut self, representation: &Representation, at: &str) {
        let bindings = self.bindings;
        let kind = &representation.kind;
        if bindings.resources.contains_key(kind) || bindings.properties.contains_key(kind) {
            return;
        }
        let known = bindings.resources.keys().chain(bindings.properties.keys()).map(|name| &**name);
        let sentence = format!("there is no type `{}` under `resources` or `properties`", shown(kind));
        self.unknown(codes::TYPE_UNKNOWN, sentence, &format!("{at}/type"), kind, known);
    }
}
