//! The vocabulary of policies, made from bindings and description: entity types, actions with their groups, the context.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;
use cedar_policy_core::ast::{Eid, EntityType, EntityUID, Name};
use cedar_policy_core::extensions::Extensions;
use cedar_policy_core::validator::ValidatorSchema;
use model::{Finding, Place};
use openapi::{Description, Operation};

use crate::bindings::{Action, Binding, Bindings, Class, Evidence, Object};
use crate::codes;
use crate::decide::SubjectKind;

/// The type of the target of an operation as such.
pub(super) const API: &str = "Api";
/// Attributes that every principal has; `auth_age_s` only where the token says it.
const OF_PRINCIPALS: [&str; 7] = ["subject", "issuer", "tenant", "roles", "scopes", "acr", "auth_age_s"];
/// Attributes that every object may have.
const OF_OBJECTS: [&str; 4] = ["id", "tenant", "owner", "parent"];
pub(super) const KINDS: [SubjectKind; 4] =
    [SubjectKind::User, SubjectKind::Client, SubjectKind::Operator, SubjectKind::Anonymous];
const CONTEXT: &str =
    "method: String, now_s: Long, hour_utc: Long, weekday: Long, address: String, written: Set<String>";

/// Names in policies. Types stand in the order of their index: `Api` first, then resources by name.
pub(super) struct Names {
    kinds: [EntityType; 4],
    pub types: Vec<TypeName>,
    pub index: HashMap<Arc<str>, usize>,
    /// By operation id: what is bound.
    pub actions: BTreeMap<Arc<str>, ActionName>,
    pub principal_attributes: BTreeSet<Arc<str>>,
}

pub(super) struct TypeName {
    pub entity: EntityType,
    /// As policies write it: `Order`, or `UserObject` where a principal type is called `User`.
    pub shown: String,
    pub attributes: BTreeSet<Arc<str>>,
}

pub(super) struct ActionName {
    pub uid: EntityUID,
    pub groups: HashSet<EntityUID>,
    group_names: [&'static str; 2],
    /// Indices of the types that the operation concerns, `Api` among them.
    pub types: BTreeSet<usize>,
}

impl Names {
    pub fn of(bindings: &Bindings, description: &Description, findings: &mut Vec<Finding>) -> Option<Self> {
        let kinds = [name("User")?, name("Client")?, name("Operator")?, name("Anonymous")?];
        let mut types =
            vec![TypeName { entity: name(API)?, shown: API.to_owned(), attributes: BTreeSet::new() }];
        let mut index = HashMap::new();
        for (kind, resource) in &bindings.resources {
            let shown = type_name(kind);
            let taken = types.iter().any(|known| known.shown == shown);
            let Some(entity) = name(&shown).filter(|_| !taken) else {
                let sentence = format!("`{kind}` cannot be the name of a type in policies");
                findings.push(Finding::error(codes::POLICY_NAME, sentence).at(
                    resource.place.clone(),
                    "letters, digits and `_`, not a word of the policy language",
                ));
                continue;
            };
            index.insert(Arc::clone(kind), types.len());
            let attributes = resource.attributes.keys().cloned().collect();
            clash(&attributes, &OF_OBJECTS, &resource.place, findings);
            types.push(TypeName { entity, shown, attributes });
        }
        let of_principals = bindings.principals.attributes.keys();
        let asked = bindings.principals.whoami.iter().flat_map(|whoami| whoami.attributes.keys());
        let principal_attributes = of_principals.chain(asked).cloned().collect();
        clash(&principal_attributes, &OF_PRINCIPALS, &bindings.place, findings);
        let mut names = Self { kinds, types, index, actions: BTreeMap::new(), principal_attributes };
        for operation in &description.operations {
            if let Some(binding) = binding_of(bindings, operation) {
                let action = names.action(operation, binding);
                names.actions.insert(Arc::clone(&operation.id), action);
            }
        }
        Some(names)
    }

    pub fn kind(&self, kind: SubjectKind) -> &EntityType {
        let [user, client, operator, anonymous] = &self.kinds;
        match kind {
            SubjectKind::User => user,
            SubjectKind::Client => client,
            SubjectKind::Operator => operator,
            SubjectKind::Anonymous => anonymous,
        }
    }

    /// Policies that mean a resource by the name of a principal. A resource of that name goes by another there.
    pub fn misnamed(&self, bindings: &Bindings, sources: &[(Arc<str>, Bytes)], findings: &mut Vec<Finding>) {
        for (kind, index) in &self.index {
            let Some(shown) =
                self.types.get(*index).map(|known| &known.shown).filter(|shown| **shown != **kind)
            else {
                continue;
            };
            let says = |text: &str, words: &str| {
                let after = text.split(words).skip(1);
                after
                    .into_iter()
                    .any(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
            };
            let means = |text: &Bytes| {
                let text = String::from_utf8_lossy(text);
                ["resource is", "resource ==", "resource in"]
                    .iter()
                    .any(|words| says(&text, &format!("{words} {kind}")))
            };
            let Some((file, _)) = sources.iter().find(|(_, text)| means(text)) else { continue };
            let place = bindings
                .resources
                .get(kind)
                .map_or_else(|| Place::file(Arc::clone(file)), |one| one.place.clone());
            let sentence = format!(
                "`{kind}` is a principal in policies, and the resource of that name is `{shown}` there"
            );
            let finding = Finding::error(codes::POLICY_NAME, sentence)
                .at(place, "the name has a meaning of its own in policies")
                .advice(format!(
                    "write `resource is {shown}` in `{file}`, or give the type another name here"
                ));
            findings.push(finding);
        }
    }

    pub fn type_index(&self, kind: &str) -> Option<usize> {
        self.index.get(kind).copied()
    }

    fn action(&self, operation: &Operation, binding: &Binding) -> ActionName {
        let action = binding.action.unwrap_or_else(|| crate::compile::action_of(&operation.method));
        let group_names = [action_group(action), class_group(binding.class)];
        let mut types = BTreeSet::from([0]);
        let mut add = |kind: &str| types.extend(self.index.get(kind));
        let mut objects: Vec<&Object> = binding.objects.iter().collect();
        while let Some(object) = objects.pop() {
            add(&object.kind);
            objects.extend(object.parent.as_deref());
        }
        binding.list.iter().for_each(|list| add(&list.kind));
        binding.takes.iter().chain(&binding.shows).for_each(|shape| add(&shape.kind));
        for evidence in binding.evidence.iter().flatten() {
            if let Evidence::Related { kind, .. } = evidence {
                add(kind);
            }
        }
        ActionName {
            uid: action_uid(&action_name(&operation.id)),
            groups: group_names.into_iter().map(action_uid).collect(),
            group_names,
            types,
        }
    }

    /// The schema as text. `operations`: only these, so that policies are not compared again and again with operations
    /// that no policy can tell apart.
    pub fn text(&self, operations: impl Fn(&str, &ActionName) -> bool) -> String {
        let mut text = String::from("entity User, Client, Operator, Anonymous = {\n");
        text.push_str(
            "  subject: String, issuer: String, tenant: String, roles: Set<String>, scopes: Set<String>, acr: String,\n",
        );
        text.push_str("  auth_age_s?: Long");
        optional(&mut text, &self.principal_attributes);
        text.push_str("\n};\nentity Api = { id: String, tenant: String };\n");
        for entity in self.types.iter().skip(1) {
            let _ = write!(
                text,
                "entity {} = {{ id: String, tenant: String, owner?: String, parent?: String",
                entity.shown
            );
            optional(&mut text, &entity.attributes);
            text.push_str(" };\n");
        }
        for group in GROUPS {
            let _ = writeln!(text, "action \"{group}\";");
        }
        for (id, action) in &self.actions {
            if !operations(id, action) {
                continue;
            }
            let resources: Vec<&str> = action
                .types
                .iter()
                .filter_map(|index| self.types.get(*index))
                .map(|known| &*known.shown)
                .collect();
            let [by_action, by_class] = action.group_names;
            let _ = writeln!(
                text,
                "action \"{}\" in [\"{by_action}\", \"{by_class}\"] appliesTo {{ principal: [User, Client, Operator, \
                 Anonymous], resource: [{}], context: {{ {CONTEXT} }} }};",
                action.uid.eid().escaped(),
                resources.join(", ")
            );
        }
        text
    }

    /// What policies are validated against. Operations that `mentioned` does not name and that agree in groups and types
    /// stand for one another: attributes and context are the same for all, so a policy is valid for all or none.
    pub fn validator(&self, mentioned: &HashSet<EntityUID>) -> Result<ValidatorSchema, String> {
        let mut shapes: HashMap<(&[&str; 2], &BTreeSet<usize>), &EntityUID> = HashMap::new();
        for action in self.actions.values() {
            shapes.entry((&action.group_names, &action.types)).or_insert(&action.uid);
        }
        let first: HashSet<&EntityUID> = shapes.into_values().collect();
        let text = self.text(|_, action| mentioned.contains(&action.uid) || first.contains(&action.uid));
        match ValidatorSchema::from_cedarschema_str(&text, Extensions::all_available()) {
            Ok((schema, _)) => Ok(schema),
            Err(fault) => Err(fault.to_string()),
        }
    }
}

/// The binding of an operation, whether named by its id or as `GET /orders/{id}`.
pub(super) fn binding_of<'a>(bindings: &'a Bindings, operation: &Operation) -> Option<&'a Binding> {
    bindings.operations.get(&operation.id).or_else(|| bindings.operations.get(&*operation.title()))
}

fn name(text: &str) -> Option<EntityType> {
    text.parse::<Name>().ok().map(EntityType::EntityType)
}

/// A resource may be called like a principal; policies then write `UserObject`.
fn type_name(kind: &str) -> String {
    match kind {
        "User" | "Client" | "Operator" | "Anonymous" | "Action" | API => format!("{kind}Object"),
        _ => kind.to_owned(),
    }
}

/// An operation may be called like a group; policies then write `Action::"operation:list"`.
fn action_name(id: &str) -> String {
    if GROUPS.contains(&id) { format!("operation:{id}") } else { id.to_owned() }
}

fn action_uid(id: &str) -> EntityUID {
    EntityUID::from_components(action_type(), Eid::new(id), None)
}

fn action_type() -> EntityType {
    EntityType::EntityType(ACTION.clone())
}

static ACTION: std::sync::LazyLock<Name> = std::sync::LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "`Action` is an identifier of the language")]
    "Action".parse::<Name>().expect("an identifier")
});

const GROUPS: [&str; 11] = [
    "read",
    "write",
    "delete",
    "list",
    "create",
    "act",
    "class:public",
    "class:user",
    "class:support",
    "class:internal",
    "class:admin",
];

fn action_group(action: Action) -> &'static str {
    match action {
        Action::Read => "read",
        Action::Write => "write",
        Action::Delete => "delete",
        Action::List => "list",
        Action::Create => "create",
        Action::Act => "act",
    }
}

fn class_group(class: Class) -> &'static str {
    match class {
        Class::Public => "class:public",
        Class::User => "class:user",
        Class::Support => "class:support",
        Class::Internal => "class:internal",
        Class::Admin => "class:admin",
    }
}

fn optional(text: &mut String, attributes: &BTreeSet<Arc<str>>) {
    for attribute in attributes {
        let _ = write!(text, ", \"{}\"?: String", attribute.escape_debug());
    }
}

fn clash(attributes: &BTreeSet<Arc<str>>, taken: &[&str], place: &model::Place, findings: &mut Vec<Finding>) {
    for attribute in attributes.iter().filter(|attribute| taken.contains(&&***attribute)) {
        let sentence = format!("an attribute cannot be called `{attribute}`, which has a meaning of its own");
        findings.push(Finding::error(codes::POLICY_NAME, sentence).at(place.clone(), "rename the attribute"));
    }
}
