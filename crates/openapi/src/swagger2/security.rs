//! `securityDefinitions`, written as `components.securitySchemes`.

use super::Conversion;
use crate::document::NodeId;

impl Conversion<'_> {
    pub(super) fn security(&mut self, root: NodeId) {
        let Some(definitions) = self.make.arena.get(root, "securityDefinitions") else { return };
        let mut schemes = Vec::new();
        for member in self.make.arena.members(definitions).to_vec() {
            let name = self.make.arena.text(member.key).to_owned();
            if let Some(definition) = self.follow(member.value) {
                schemes.push((name, self.scheme(definition), member.key_span));
            }
        }
        let list = self.make.object(&[], definitions);
        for (name, scheme, key_span) in schemes {
            self.make.arena.put(list, &name, key_span, scheme);
        }
        let components = self.make.object(&[("securitySchemes", list)], definitions);
        self.make.put(root, "components", components);
    }

    fn scheme(&mut self, definition: NodeId) -> NodeId {
        let text = |key: &str| self.make.arena.get(definition, key).and_then(|id| self.make.arena.str(id));
        match (text("type"), text("flow")) {
            (Some("basic"), _) => {
                let (kind, scheme) =
                    (self.make.text("http", definition), self.make.text("basic", definition));
                self.make.object(&[("type", kind), ("scheme", scheme)], definition)
            }
            (Some("oauth2"), flow) => {
                let flow = match flow {
                    Some("application") => "clientCredentials",
                    Some("accessCode") => "authorizationCode",
                    Some("password") => "password",
                    _ => "implicit",
                };
                self.oauth2(definition, flow)
            }
            // `apiKey` is the same in both; an unknown type is found when the schemes are read.
            _ => self.make.arena.copy(definition),
        }
    }

    fn oauth2(&mut self, definition: NodeId, flow: &str) -> NodeId {
        let mut members = Vec::new();
        for key in ["authorizationUrl", "tokenUrl", "scopes"] {
            if let Some(value) = self.make.arena.get(definition, key) {
                members.push((key, self.make.arena.copy(value)));
            }
        }
        let details = self.make.object(&members, definition);
        let flows = self.make.object(&[(flow, details)], definition);
        let kind = self.make.text("oauth2", definition);
        self.make.object(&[("type", kind), ("flows", flows)], definition)
    }
}
