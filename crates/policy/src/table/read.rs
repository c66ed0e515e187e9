//! The table's file: every key is known, and everything that is wrong is told at once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use model::Finding;
use tape::{Kind, Limits, Node};

use super::{CASES_MAX, Case, Table};
use crate::bindings::Locator;
use crate::codes;
use crate::decide::{Subject, SubjectKind};
use crate::facts::{Facts, OWNER, Origin, PARENT, TENANT, text_of};
use crate::suggest::closest;

/// Reads a table, YAML or JSON. `None` where anything is wrong.
pub fn read(name: &str, text: Bytes) -> (Option<Table>, Vec<Finding>) {
    let mut reader = Reader { locator: Locator::new(name, text.clone()), findings: Vec::new() };
    let tape = match tape::yaml::parse(text, &Limits::document()) {
        Ok(tape) => tape,
        Err(fault) => {
            let place = reader.locator.point(fault.offset);
            return (None, vec![Finding::error(codes::TABLE, fault.kind.to_string()).at(place, "here")]);
        }
    };
    let table = reader.table(tape.root());
    let good = reader.findings.is_empty();
    (table.filter(|_| good), reader.findings)
}

struct Reader {
    locator: Locator,
    findings: Vec<Finding>,
}

impl Reader {
    fn table(&mut self, root: Node<'_>) -> Option<Table> {
        self.keys(root, "the table", &["version", "api", "cases"])?;
        match root.get("version").map(Node::as_u64) {
            Some(Some(1)) => {}
            _ => self.fault(root.get("version").unwrap_or(root), "`version` is 1"),
        }
        let api = self.text(root, "api");
        let Some(cases) = root.get("cases").filter(|cases| cases.kind() == Kind::Array) else {
            self.fault(root.get("cases").unwrap_or(root), "`cases` is a list");
            return None;
        };
        if cases.len() > CASES_MAX {
            self.fault(cases, &format!("a table holds at most {CASES_MAX} cases"));
            return None;
        }
        let cases = cases.items().filter_map(|case| self.case(case)).collect();
        Some(Table { api, cases })
    }

    fn case(&mut self, node: Node<'_>) -> Option<Case> {
        self.keys(node, "a case", &["name", "principal", "operation", "object", "context", "expect", "by"])?;
        let name = self.needed(node, "name")?;
        let operation = self.needed(node, "operation")?;
        let subject = match node.get("principal") {
            Some(principal) => self.subject(principal)?,
            None => Subject::new(SubjectKind::Anonymous, "", ""),
        };
        let object = match node.get("object") {
            Some(object) => Some(self.object(object)?),
            None => None,
        };
        let allowed = match node.get("expect").map(Node::as_str) {
            Some(Some("allow")) => true,
            Some(Some("deny")) => false,
            _ => {
                self.fault(node.get("expect").unwrap_or(node), "`expect` is `allow` or `deny`");
                return None;
            }
        };
        let mut case = Case {
            place: self.locator.place(node.span()),
            name,
            subject,
            operation,
            object,
            method: None,
            now_unix_s: 0,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            written: Vec::new(),
            allowed,
            by: self.text(node, "by"),
        };
        if let Some(context) = node.get("context") {
            self.context(context, &mut case)?;
        }
        Some(case)
    }

    fn subject(&mut self, node: Node<'_>) -> Option<Subject> {
        let known =
            ["type", "subject", "issuer", "tenant", "roles", "scopes", "acr", "auth_age_s", "attributes"];
        self.keys(node, "a principal", &known)?;
        let kind = match node.get("type").map(Node::as_str) {
            None | Some(Some("user")) => SubjectKind::User,
            Some(Some("client")) => SubjectKind::Client,
            Some(Some("operator")) => SubjectKind::Operator,
            Some(Some("anonymous")) => SubjectKind::Anonymous,
            Some(_) => {
                self.fault(node.get("type").unwrap_or(node), "`type` is user, client, operator or anonymous");
                return None;
            }
        };
        let auth_age_s = node.get("auth_age_s").map(|age| age.as_u64());
        if auth_age_s == Some(None) {
            self.fault(node, "`auth_age_s` is a whole number of seconds");
        }
        let subject = self.text(node, "subject").unwrap_or_default();
        Some(Subject {
            issuer: self.text(node, "issuer").unwrap_or_default(),
            roles: self.words(node, "roles").into_iter().collect(),
            scopes: self.words(node, "scopes").into_iter().collect(),
            acr: self.text(node, "acr").unwrap_or_default(),
            auth_age_s: auth_age_s.flatten(),
            attributes: self.attributes(node).into_iter().collect(),
            ..Subject::new(kind, subject, self.text(node, TENANT).unwrap_or_default())
        })
    }

    fn object(&mut self, node: Node<'_>) -> Option<(Arc<str>, Arc<str>, Facts)> {
        self.keys(node, "an object", &["type", "id", TENANT, OWNER, PARENT, "attributes"])?;
        let (kind, id) = (self.needed(node, "type")?, self.needed(node, "id")?);
        let mut facts = Facts::default();
        for name in [TENANT, OWNER, PARENT] {
            if let Some(said) = self.text(node, name) {
                facts.set(name, said, Origin::Request);
            }
        }
        for (name, said) in self.attributes(node) {
            facts.set(name, said, Origin::Request);
        }
        Some((kind, id, facts))
    }

    fn context(&mut self, node: Node<'_>, case: &mut Case) -> Option<()> {
        self.keys(node, "a context", &["method", "now_s", "address", "written"])?;
        case.method = self.text(node, "method");
        case.written = self.words(node, "written");
        if let Some(now) = node.get("now_s") {
            match now.as_u64() {
                Some(now) => case.now_unix_s = now,
                None => self.fault(now, "`now_s` is a whole number of seconds since 1970"),
            }
        }
        if let Some(address) = self.text(node, "address") {
            match address.parse() {
                Ok(address) => case.address = address,
                Err(_) => self.fault(node, "`address` is an IP address"),
            }
        }
        Some(())
    }

    fn attributes(&mut self, node: Node<'_>) -> BTreeMap<Arc<str>, Arc<str>> {
        let Some(found) = node.get("attributes") else { return BTreeMap::new() };
        if found.kind() != Kind::Object {
            self.fault(found, "`attributes` is a mapping");
        }
        let mut attributes = BTreeMap::new();
        for member in found.members() {
            match text_of(member.value) {
                Some(said) => _ = attributes.insert(member.key.into(), said),
                None => self.fault(member.value, "an attribute is a text, a whole number or a boolean"),
            }
        }
        attributes
    }

    /// A member's text; numbers and booleans as they are compared.
    fn text(&mut self, node: Node<'_>, name: &str) -> Option<Arc<str>> {
        let found = node.get(name)?;
        let said = text_of(found);
        if said.is_none() {
            self.fault(found, &format!("`{name}` is a text"));
        }
        said
    }

    fn needed(&mut self, node: Node<'_>, name: &str) -> Option<Arc<str>> {
        if node.get(name).is_none() {
            self.fault(node, &format!("`{name}` is missing"));
        }
        self.text(node, name)
    }

    fn words(&mut self, node: Node<'_>, name: &str) -> Vec<Arc<str>> {
        let Some(found) = node.get(name) else { return Vec::new() };
        let words: BTreeSet<Arc<str>> = found.items().filter_map(text_of).collect();
        if found.kind() != Kind::Array || found.items().any(|item| text_of(item).is_none()) {
            self.fault(found, &format!("`{name}` is a list of texts"));
        }
        words.into_iter().collect()
    }

    fn keys(&mut self, node: Node<'_>, what: &str, known: &[&str]) -> Option<()> {
        if node.kind() != Kind::Object {
            self.fault(node, &format!("{what} is a mapping"));
            return None;
        }
        for member in node.members().filter(|member| !known.contains(&member.key)) {
            let near = closest(member.key, known.iter().copied());
            let advice = near.map(|near| format!("did you mean `{near}`?"));
            let sentence = format!("{what} has no key `{}`", member.key);
            let place = self.locator.place(member.value.span());
            let mut finding = Finding::error(codes::TABLE, sentence).at(place, "the value of an unknown key");
            finding.advice = advice;
            self.findings.push(finding);
        }
        Some(())
    }

    fn fault(&mut self, node: Node<'_>, sentence: &str) {
        let place = self.locator.place(node.span());
        self.findings.push(Finding::error(codes::TABLE, sentence).at(place, "here"));
    }
}
