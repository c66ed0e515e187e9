//! Converts a Swagger 2.0 document to the shape of OpenAPI 3.0, so that everything after reads one shape.
//!
//! Nothing is taken away and nothing moves: what 3.0 wants is put beside what 2.0 wrote, and refers to it, so that
//! references by others keep their meaning. Every value that is made up has the place of what it was made from.

mod construct;
mod parameters;
mod responses;
mod security;

use model::{Finding, Severity};

use crate::document::{Arena, Names, Node, NodeId, Seen, follow};
use construct::Construct;

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// Converts the document at `root`, and what it refers to in other files.
pub(crate) fn convert(arena: &mut Arena, root: NodeId, findings: &mut Vec<Finding>) {
    let mut conversion = Conversion {
        make: Construct { arena },
        findings,
        names: Names::default(),
        converted: Seen::default(),
    };
    conversion.servers(root);
    conversion.security(root);
    let media =
        Media { consumes: conversion.texts(root, "consumes"), produces: conversion.texts(root, "produces") };
    let Some(paths) = conversion.make.arena.get(root, "paths") else { return };
    for path in conversion.make.arena.members(paths).to_vec() {
        conversion.item(path.value, &media);
    }
}

struct Conversion<'c> {
    make: Construct<'c>,
    findings: &'c mut Vec<Finding>,
    names: Names,
    /// Parameters, headers and path items that are converted already.
    converted: Seen,
}

/// `consumes` and `produces` where they are given.
struct Media {
    consumes: Option<Vec<String>>,
    produces: Option<Vec<String>>,
}

impl Conversion<'_> {
    fn item(&mut self, entry: NodeId, media: &Media) {
        let Some(item) = self.follow(entry) else { return };
        if !self.converted.insert(item) {
            return;
        }
        let shared = self.list(item, "parameters");
        for method in METHODS {
            let Some(operation) = self.make.arena.get(item, method) else { continue };
            let own = self.list(operation, "parameters");
            let consumes = self.texts(operation, "consumes").or_else(|| media.consumes.clone());
            let produces = self.texts(operation, "produces").or_else(|| media.produces.clone());
            self.parameters(operation, &own, &shared, &consumes.unwrap_or_default());
            self.responses(operation, &produces.unwrap_or_default());
        }
    }

    /// `host`, `basePath` and `schemes` (Swagger 2.0 "Swagger Object"). Without `schemes`, `https` is assumed.
    fn servers(&mut self, root: NodeId) {
        let arena = &*self.make.arena;
        let (host, base) = (arena.get(root, "host"), arena.get(root, "basePath"));
        let Some(origin) = host.or(base) else { return };
        let path = base.and_then(|base| arena.str(base)).unwrap_or_default().to_owned();
        let urls: Vec<String> = match host.and_then(|host| arena.str(host)).map(str::to_owned) {
            Some(host) => {
                let schemes = self.texts(root, "schemes").filter(|schemes| !schemes.is_empty());
                let schemes = schemes.unwrap_or_else(|| vec!["https".to_owned()]);
                schemes.iter().map(|scheme| format!("{scheme}://{host}{path}")).collect()
            }
            None => vec![path],
        };
        let make = &mut self.make;
        let servers: Vec<NodeId> = urls
            .iter()
            .map(|url| {
                let url = make.text(url, origin);
                make.object(&[("url", url)], origin)
            })
            .collect();
        let servers = make.array(servers, origin);
        make.put(root, "servers", servers);
    }

    /// The value itself, or what it refers to; a broken reference is reported when all of them are checked.
    fn follow(&self, id: NodeId) -> Option<NodeId> {
        follow(self.make.arena, &self.names, id).ok()
    }

    fn list(&self, holder: NodeId, key: &str) -> Vec<NodeId> {
        self.make.arena.get(holder, key).map(|list| self.make.arena.items(list).to_vec()).unwrap_or_default()
    }

    fn texts(&self, holder: NodeId, key: &str) -> Option<Vec<String>> {
        let list = self.make.arena.get(holder, key)?;
        let texts = self.make.arena.items(list).iter().filter_map(|item| self.make.arena.str(*item));
        Some(texts.map(str::to_owned).collect())
    }

    fn find(&mut self, severity: Severity, code: &str, sentence: String, at: NodeId, label: &str) {
        let place = Node::new(self.make.arena, at).place();
        self.findings.push(Finding::new(code, severity, sentence).at(place, label));
    }
}

#[cfg(test)]
mod tests;
