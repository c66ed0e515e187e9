//! Responses: their `schema` under the media types of `produces`, their headers with a schema.

use super::Conversion;
use crate::document::NodeId;

impl Conversion<'_> {
    pub(super) fn responses(&mut self, operation: NodeId, produces: &[String]) {
        let Some(list) = self.make.arena.get(operation, "responses") else { return };
        for member in self.make.arena.members(list).to_vec() {
            let Some(response) = self.follow(member.value) else { continue };
            self.headers(response);
            let content = self.response_content(response, produces, operation);
            if response == member.value {
                if let Some(content) = content {
                    self.make.put(response, "content", content);
                }
                continue;
            }
            // Another operation may produce other media types from the same response: this one gets its own.
            let mut members = Vec::new();
            if let Some(headers) = self.make.arena.get(response, "headers") {
                members.push(("headers", self.header_references(headers, operation)));
            }
            members.extend(content.map(|content| ("content", content)));
            let own = self.make.object(&members, member.value);
            let key = self.make.arena.text(member.key).to_owned();
            self.make.arena.put(list, &key, member.key_span, own);
        }
    }

    fn response_content(&mut self, response: NodeId, produces: &[String], holder: NodeId) -> Option<NodeId> {
        let schema = self.make.arena.get(response, "schema")?;
        let any = ["*/*".to_owned()];
        let produces = if produces.is_empty() { &any } else { produces };
        let kind = self.make.arena.get(schema, "type").and_then(|kind| self.make.arena.str(kind));
        let is_file = kind == Some("file");
        let content = self.make.object(&[], schema);
        for range in produces {
            let schema = if is_file { self.binary(schema) } else { self.make.reference(schema, holder) };
            let media = self.make.object(&[("schema", schema)], schema);
            self.make.put(content, range, media);
        }
        Some(content)
    }

    /// What 3.0 writes for `type: file`.
    pub(super) fn binary(&mut self, origin: NodeId) -> NodeId {
        let (kind, format) = (self.make.text("string", origin), self.make.text("binary", origin));
        self.make.object(&[("type", kind), ("format", format)], origin)
    }

    fn headers(&mut self, response: NodeId) {
        let Some(headers) = self.make.arena.get(response, "headers") else { return };
        for header in self.make.arena.members(headers).to_vec() {
            if self.converted.insert(header.value) {
                let schema = self.item_schema(header.value);
                self.make.put(header.value, "schema", schema);
            }
        }
    }

    fn header_references(&mut self, headers: NodeId, holder: NodeId) -> NodeId {
        let own = self.make.object(&[], headers);
        for header in self.make.arena.members(headers).to_vec() {
            let name = self.make.arena.text(header.key).to_owned();
            let reference = self.make.reference(header.value, holder);
            self.make.arena.put(own, &name, header.key_span, reference);
        }
        own
    }
}
