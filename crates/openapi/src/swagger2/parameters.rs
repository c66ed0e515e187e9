//! Parameters: simple ones get a `schema` and a `style`, `body` and `formData` ones become a `requestBody`.

use model::Severity;

use super::Conversion;
use crate::codes;
use crate::document::{Data, NodeId};

/// What a parameter, header or items object says about its value (Swagger 2.0 "Items Object").
const SCHEMA_KEYS: [&str; 17] = [
    "type",
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
    "x-nullable",
];
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

impl Conversion<'_> {
    /// Converts the parameters of an operation; `shared` are those of its path item.
    pub(super) fn parameters(
        &mut self,
        operation: NodeId,
        own: &[NodeId],
        shared: &[NodeId],
        consumes: &[String],
    ) {
        let own: Vec<NodeId> = own.iter().filter_map(|entry| self.follow(*entry)).collect();
        let identity = |this: &Self, id: NodeId| (this.text_of(id, "name"), this.text_of(id, "in"));
        let taken: Vec<_> = own.iter().map(|id| identity(self, *id)).collect();
        let shared: Vec<NodeId> = shared.iter().filter_map(|entry| self.follow(*entry)).collect();
        let inherited = shared.into_iter().filter(|id| !taken.contains(&identity(self, *id)));
        let all: Vec<NodeId> = inherited.chain(own.iter().copied()).collect();
        let (mut body, mut form) = (None, Vec::new());
        for parameter in all {
            match self.text_of(parameter, "in").as_deref() {
                Some("body") => body = Some(parameter),
                Some("formData") => {
                    self.simple(parameter);
                    form.push(parameter);
                }
                _ => self.simple(parameter),
            }
        }
        match body {
            Some(body) if form.is_empty() => self.body(operation, body, consumes),
            Some(body) => {
                let sentence = "an operation has both a body and form parameters".to_owned();
                self.find(Severity::Error, codes::BODY_INVALID, sentence, body, "the operation is left out");
                self.spoil(operation, body);
            }
            None if !form.is_empty() => self.form(operation, &form, consumes),
            None => {}
        }
    }

    fn body(&mut self, operation: NodeId, body: NodeId, consumes: &[String]) {
        let json = ["application/json".to_owned()];
        let consumes = if consumes.is_empty() { &json } else { consumes };
        let content = self.make.object(&[], body);
        for range in consumes {
            let media = match self.make.arena.get(body, "schema") {
                Some(schema) => {
                    let schema = self.make.reference(schema, operation);
                    self.make.object(&[("schema", schema)], body)
                }
                None => self.make.object(&[], body),
            };
            self.make.put(content, range, media);
        }
        let required = self.is_required(body);
        let required = self.make.flag(required, body);
        let made = self.make.object(&[("required", required), ("content", content)], body);
        self.make.put(operation, "requestBody", made);
    }

    fn form(&mut self, operation: NodeId, parameters: &[NodeId], consumes: &[String]) {
        let Some(origin) = parameters.first().copied() else { return };
        let is_file = |this: &Self, id: NodeId| this.text_of(id, "type").as_deref() == Some("file");
        let has_file = parameters.iter().any(|parameter| is_file(self, *parameter));
        let forms: Vec<&str> =
            consumes.iter().map(String::as_str).filter(|range| matches!(*range, FORM | MULTIPART)).collect();
        let forms = match (has_file, forms.is_empty()) {
            // A file cannot be written in a URL-encoded form.
            (true, _) => vec![MULTIPART],
            (false, true) => vec![FORM],
            (false, false) => forms,
        };
        let content = self.make.object(&[], origin);
        for range in forms {
            let media = self.form_media(operation, parameters, origin);
            self.make.put(content, range, media);
        }
        let required = parameters.iter().any(|parameter| self.is_required(*parameter));
        let required = self.make.flag(required, origin);
        let made = self.make.object(&[("required", required), ("content", content)], origin);
        self.make.put(operation, "requestBody", made);
    }

    /// One media type object: a schema with a property for each parameter, and how arrays are written.
    fn form_media(&mut self, operation: NodeId, parameters: &[NodeId], origin: NodeId) -> NodeId {
        let properties = self.make.object(&[], origin);
        let encoding = self.make.object(&[], origin);
        let mut required = Vec::new();
        for parameter in parameters.iter().copied() {
            let (Some(name), Some(schema)) =
                (self.text_of(parameter, "name"), self.make.arena.get(parameter, "schema"))
            else {
                let sentence = "a form parameter has no name".to_owned();
                self.find(
                    Severity::Error,
                    codes::PARAMETER_INVALID,
                    sentence,
                    parameter,
                    "`name` is missing",
                );
                self.spoil(operation, parameter);
                continue;
            };
            let reference = self.make.reference(schema, operation);
            self.make.put(properties, &name, reference);
            if self.is_required(parameter) {
                required.push(self.make.text(&name, parameter));
            }
            let style =
                self.make.arena.get(parameter, "style").zip(self.make.arena.get(parameter, "explode"));
            if let Some((style, explode)) = style {
                let (style, explode) = (self.make.arena.copy(style), self.make.arena.copy(explode));
                let entry = self.make.object(&[("style", style), ("explode", explode)], parameter);
                self.make.put(encoding, &name, entry);
            }
        }
        let kind = self.make.text("object", origin);
        let mut members = vec![("type", kind), ("properties", properties)];
        if !required.is_empty() {
            members.push(("required", self.make.array(required, origin)));
        }
        let schema = self.make.object(&members, origin);
        self.make.object(&[("schema", schema), ("encoding", encoding)], origin)
    }

    /// Gives a parameter the `schema`, `style` and `explode` of 3.0, once.
    fn simple(&mut self, parameter: NodeId) {
        if !self.make.arena.is_object(parameter) || !self.converted.insert(parameter) {
            return;
        }
        let schema = self.item_schema(parameter);
        self.make.put(parameter, "schema", schema);
        if self.text_of(parameter, "type").as_deref() != Some("array") {
            return;
        }
        let location = self.text_of(parameter, "in");
        let in_form = matches!(location.as_deref(), Some("query" | "formData"));
        let format = self.text_of(parameter, "collectionFormat");
        let (style, explode) = match (format.as_deref().unwrap_or("csv"), in_form) {
            ("csv", true) => ("form", false),
            ("csv", false) => ("simple", false),
            ("ssv", _) => ("spaceDelimited", false),
            ("tsv", _) => ("tabDelimited", false),
            ("pipes", _) => ("pipeDelimited", false),
            ("multi", true) => ("form", true),
            _ => {
                let at = self.make.arena.get(parameter, "collectionFormat").unwrap_or(parameter);
                let sentence = "the collectionFormat is unknown or does not fit its location".to_owned();
                self.find(
                    Severity::Error,
                    codes::COLLECTION_FORMAT,
                    sentence,
                    at,
                    "the operation is left out",
                );
                // Not a style: what reads the parameter gives the operation up.
                ("collectionFormat", false)
            }
        };
        let (style, explode) = (self.make.text(style, parameter), self.make.flag(explode, parameter));
        self.make.put(parameter, "style", style);
        self.make.put(parameter, "explode", explode);
    }

    /// The schema that a parameter, header or items object amounts to.
    pub(super) fn item_schema(&mut self, holder: NodeId) -> NodeId {
        if self.text_of(holder, "type").as_deref() == Some("file") {
            return self.binary(holder);
        }
        let schema = self.make.object(&[], holder);
        for key in SCHEMA_KEYS {
            let Some(value) = self.make.arena.get(holder, key) else { continue };
            let copy = self.make.arena.copy(value);
            let span = self.make.arena.member_of(value).map_or(self.make.arena.span(value), |m| m.key_span);
            self.make.arena.put(schema, key, span, copy);
        }
        schema
    }

    /// Makes an operation unusable whose body cannot be converted: half a rule is no rule.
    fn spoil(&mut self, operation: NodeId, origin: NodeId) {
        let span = self.make.arena.span(origin);
        let nothing = self.make.arena.push(Data::Null, span);
        self.make.put(operation, "requestBody", nothing);
    }

    fn is_required(&self, parameter: NodeId) -> bool {
        let flag = self.make.arena.get(parameter, "required");
        flag.is_some_and(|flag| matches!(self.make.arena.data(flag), Data::Bool(true)))
    }

    fn text_of(&self, holder: NodeId, key: &str) -> Option<String> {
        self.make.arena.get(holder, key).and_then(|id| self.make.arena.str(id)).map(str::to_owned)
    }
}
