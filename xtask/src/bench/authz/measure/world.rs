//! What is measured: an API of two hundred operations, its bindings, and sets of policies of many sizes.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use openapi::Description;
use policy::bindings::Bindings;
use policy::decide::{Circumstances, Decider, Query, Subject, SubjectKind, Target};
use policy::{Facts, Origin};

pub const OPERATIONS: usize = 200;
/// The operation that is decided.
pub const OPERATION: &str = "get7";

pub struct World {
    pub description: Description,
    pub bindings: Bindings,
}

struct One(String);

impl openapi::Files for One {
    fn read(&self, _: &str) -> Result<Bytes, String> {
        Ok(Bytes::from(self.0.clone()))
    }
}

impl World {
    pub fn new() -> Result<Self, String> {
        let mut paths = String::new();
        let mut operations = String::new();
        for number in 0..OPERATIONS {
            let schema = "{ type: object, properties: { id: { type: string }, tenant: { type: string }, owner: { type: string }, status: { type: string } } }";
            let _ = write!(
                paths,
                "  /r{number}/{{id}}:\n    get:\n      operationId: get{number}\n      parameters: [{{ name: id, in: path, required: true, schema: {{ type: string }} }}]\n      responses: {{ '200': {{ description: ok, content: {{ application/json: {{ schema: {schema} }} }} }} }}\n"
            );
            let _ = writeln!(
                operations,
                "  get{number}: {{ object: {{ type: Order, id: path.id }}, evidence: [response], safe: true, shows: Order }}"
            );
        }
        let text = format!("openapi: 3.1.0\ninfo: {{ title: bench, version: '1' }}\npaths:\n{paths}");
        let (description, findings) = openapi::load("bench.yaml", &[], &One(text));
        let description = description.ok_or_else(|| format!("{findings:?}"))?;
        let text = format!(
            "version: 1\nresources:\n  Order:\n    id: $.id\n    tenant: {{ property: $.tenant }}\n    owner: {{ property: $.owner }}\n    attributes: {{ status: $.status }}\noperations:\n{operations}"
        );
        let (bindings, findings) = policy::bindings::read("bindings.yaml", Bytes::from(text));
        let bindings = bindings.ok_or_else(|| format!("{findings:?}"))?;
        Ok(Self { description, bindings })
    }

    /// A set in which `concerned` policies, the guard's two among them, concern the operation, and `others` do not.
    pub fn decider(&self, concerned: usize, others: usize) -> Result<Arc<dyn Decider>, String> {
        let mut text = String::from(
            "forbid (principal is User, action, resource) unless { resource.tenant == principal.tenant };\n\
             forbid (principal is Client, action, resource) unless { resource.tenant == principal.tenant };\n",
        );
        for number in 2..concerned {
            let condition = match number % 4 {
                0 => "resource has owner && resource.owner == principal.subject".to_owned(),
                1 => format!("principal.roles.contains(\"role{number}\")"),
                2 => format!("resource has status && resource.status == \"status{number}\""),
                _ => {
                    format!("context.hour_utc >= {} && principal.scopes.contains(\"s{number}\")", number % 24)
                }
            };
            let _ = writeln!(
                text,
                "permit (principal, action == Action::\"{OPERATION}\", resource is Order) when {{ {condition} }};"
            );
        }
        for number in 0..others {
            let operation = match number % OPERATIONS {
                7 => 8,
                other => other,
            };
            let _ = writeln!(
                text,
                "permit (principal, action == Action::\"get{operation}\", resource is Order) when {{ resource has owner && \
                 resource.owner == principal.subject && principal.roles.contains(\"other{number}\") }};"
            );
        }
        let sources = [(Arc::from("bench.cedar"), Bytes::from(text))];
        let (decider, findings) = policy::cedar::build(&self.bindings, &self.description, &sources);
        decider.ok_or_else(|| format!("{:?}", findings.first()))
    }
}

pub fn subject() -> Subject {
    let user = Subject::new(SubjectKind::User, "7b0e3a4c-0d2f-4b57-9a66-5a1c7f1d2e90", "acme");
    let holder = user.holding(&["clerk", "reader"], &["orders.read", "orders.write", "profile"]);
    Subject { acr: "gold".into(), auth_age_s: Some(30), ..holder }
}

pub fn facts(owner: &str) -> Facts {
    let mut facts = Facts::default();
    facts.set("tenant", "acme", Origin::Resolver);
    facts.set("owner", owner, Origin::Resolver);
    facts.set("status", "open", Origin::Resolver);
    facts
}

pub fn question<'a>(subject: &'a Subject, facts: &'a Facts) -> Query<'a> {
    Query {
        subject,
        operation: OPERATION,
        target: Target::Object { kind: "Order", id: "7", facts },
        circumstances: Circumstances {
            method: "GET",
            now_unix_s: 1_795_316_400,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            written: &[],
        },
    }
}

/// An array of orders of which every second is the subject's, each with this many bytes of text besides.
pub fn orders(items: usize, filling: usize, subject: &Subject) -> Bytes {
    let item = |number: usize| {
        let owner = if number.is_multiple_of(2) { &*subject.subject } else { "another" };
        format!(
            r#"{{"id":"{number}","tenant":"acme","owner":"{owner}","status":"open","lines":[{{"sku":"a-{number}","count":{number},"price":12.5}}],"note":"{}"}}"#,
            "x".repeat(filling)
        )
    };
    let items: Vec<String> = (0..items).map(item).collect();
    Bytes::from(format!("[{}]", items.join(",")))
}

/// One order of the subject's with this many lines.
pub fn order(lines: usize, subject: &Subject) -> Bytes {
    let line = |number: usize| {
        format!(r#"{{"sku":"article-{number}","count":{number},"price":12.5,"text":"as ordered"}}"#)
    };
    let lines: Vec<String> = (0..lines).map(line).collect();
    Bytes::from(format!(
        r#"[{{"id":"7","tenant":"acme","owner":"{}","status":"open","cost":"9.75","lines":[{}]}}]"#,
        subject.subject,
        lines.join(",")
    ))
}
