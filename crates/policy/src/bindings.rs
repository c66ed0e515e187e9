//! The bindings of a description to objects, as their file says them: which operation touches which object, where the
//! facts about it come from, and which of its properties may be written and seen.

mod build;
mod confine;
mod id_place;
pub mod keys;
mod places;
mod read;
mod reader;
pub mod schema;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::Place;

use crate::codes;
use crate::path::Path;
use crate::sealing::Seal;

pub(crate) use crate::suggest::shown;
pub use places::{Locator, Places};
pub use read::read;
pub(crate) use reader::one_line;

/// The whole file. Names are not yet compared with a description: that is [`crate::compile`]'s part.
#[derive(Debug, Clone)]
pub struct Bindings {
    pub place: Place,
    pub tenants: Tenants,
    pub principals: Principals,
    pub resources: BTreeMap<Arc<str>, Resource>,
    /// By operation id.
    pub operations: BTreeMap<Arc<str>, Binding>,
    /// By resource type.
    pub properties: BTreeMap<Arc<str>, Properties>,
    /// Where each value stands in the file, by pointer.
    pub places: Places,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tenants {
    /// The principal's tenant is the claim that the gateway file names.
    #[default]
    Claim,
    /// One tenant, everyone's.
    Single,
}

/// How a verified caller becomes the principal of a decision.
#[derive(Debug, Clone, Default)]
pub struct Principals {
    pub subject: Option<Arc<str>>,
    /// Whose subjects owner values are; several have one space of names. Empty: whoever verifies callers of the API,
    /// which is then one alone.
    pub issuers: Vec<Arc<str>>,
    /// Clients without a user own objects, by their client id.
    pub clients_own: bool,
    pub roles: Option<Arc<str>>,
    /// Role, and the claim that is true for its holders.
    pub role_of: BTreeMap<Arc<str>, Arc<str>>,
    /// Attribute, and the claim it comes from.
    pub attributes: BTreeMap<Arc<str>, Arc<str>>,
    pub operators: Vec<Arc<str>>,
    pub whoami: Option<Whoami>,
}

#[derive(Debug, Clone)]
pub struct Whoami {
    pub place: Place,
    pub operation: Arc<str>,
    pub subject: Option<Path>,
    pub tenant: Option<Path>,
    pub roles: Option<Path>,
    pub role_of: BTreeMap<Arc<str>, Path>,
    pub attributes: BTreeMap<Arc<str>, Path>,
    pub cache: Duration,
}

#[derive(Debug, Clone)]
pub struct Resource {
    pub name: Arc<str>,
    pub place: Place,
    pub id: Path,
    pub tenant: From,
    pub owner: From,
    pub attributes: BTreeMap<Arc<str>, Path>,
    pub parent: Option<Parent>,
    pub producers: Vec<Producer>,
    pub resolver: Option<Resolver>,
    /// Ids that name the caller's own object; the other ids of the type are subjects of callers. Empty: they are not.
    pub me: Vec<Arc<str>>,
    /// The API keeps such objects for each caller apart.
    pub per_caller: bool,
    /// Properties that never change through the gateway.
    pub immutable: Vec<Arc<str>>,
    /// Callers see other ids, which are opened on their way in.
    pub seal: Option<Seal>,
    /// Where a representation has ids of other objects, and of which type they are.
    pub references: Vec<(Path, Arc<str>)>,
}

/// Where a tenant or owner is known from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// The principal's own: for a tenant, where one is everyone's.
    Principal,
    /// A property of the representation.
    Property(Path),
    /// Whoever's list the object is in.
    Producer,
    /// The same fact of another object, whose id the representation holds.
    Related { kind: Arc<str>, id: Path },
    /// Nobody's.
    None,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    pub kind: Arc<str>,
    pub property: Path,
}

/// An operation that lists the principal's own objects.
#[derive(Debug, Clone)]
pub struct Producer {
    pub place: Place,
    pub operation: Arc<str>,
    pub items: Path,
    /// Within an item.
    pub id: Path,
    pub page: Option<Page>,
    /// Default 50.
    pub pages_max: u32,
    /// Default 2 s, at most 60 s.
    pub cache: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    Offset {
        offset: Arc<str>,
        limit: Option<Arc<str>>,
        size: u32,
    },
    Number {
        number: Arc<str>,
        limit: Option<Arc<str>>,
        size: u32,
        first: u32,
    },
    /// The parameter takes the value that the path names in the answer before.
    Cursor {
        cursor: Arc<str>,
        next: Path,
    },
    /// `Link: <...>; rel="next"` (RFC 8288); only its query is taken.
    Link,
    /// The answer before has the next page's URL there, or nothing or null at the end; only its query is taken.
    Url {
        next: Path,
    },
}

/// An operation that shows one object.
#[derive(Debug, Clone)]
pub struct Resolver {
    pub place: Place,
    pub operation: Arc<str>,
    /// The parameter that takes the id; `None`: the operation's only path parameter.
    pub id: Option<IdPlace>,
    /// The representation within the answer.
    pub object: Path,
}

/// Where in a request an id stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IdPlace {
    Path(Arc<str>),
    Query(Arc<str>),
    Header(Arc<str>),
    Cookie(Arc<str>),
    Body(Path),
    /// Nowhere: the caller's subject is the id, as of `/me`.
    Principal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    Read,
    Write,
    Delete,
    List,
    Create,
    Act,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Class {
    Public,
    #[default]
    User,
    Support,
    Internal,
    Admin,
}

/// What the file says of one operation.
#[derive(Debug, Clone)]
pub struct Binding {
    /// Of its name.
    pub place: Place,
    /// `None`: by the method.
    pub action: Option<Action>,
    pub class: Class,
    pub roles: Vec<Arc<str>>,
    pub scopes: Vec<Arc<str>>,
    pub assurance: Option<Assurance>,
    pub deny: bool,
    pub objects: Vec<Object>,
    /// `None`: what the object's type has.
    pub evidence: Option<Vec<Evidence>>,
    pub list: Option<List>,
    pub takes: Option<Representation>,
    pub shows: Vec<Representation>,
    pub preset: BTreeMap<Arc<str>, Preset>,
    /// `None`: by action and method.
    pub safe: Option<bool>,
    pub if_match: bool,
    /// What is written may change the id.
    pub renames: bool,
    pub free: Vec<IdPlace>,
    /// Places of the request with ids of types, beside its objects.
    pub ids: Vec<(IdPlace, Arc<str>)>,
    /// Places of the answer with ids of types, beside what it shows.
    pub shows_ids: Vec<(ShownId, Arc<str>)>,
}

/// Where in an answer an id stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownId {
    Body(Path),
    /// A header field, lower case.
    Header(Arc<str>),
}

/// RFC 9470: what a token must say of the authentication behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assurance {
    /// One of them; empty: any.
    pub acr: Vec<Arc<str>>,
    pub max_age: Option<Duration>,
}

#[derive(Debug, Clone)]
pub struct Object {
    pub place: Place,
    pub kind: Arc<str>,
    pub id: IdPlace,
    pub parent: Option<Box<Object>>,
    /// A request without the id names no such object.
    pub optional: bool,
    /// Instead of what the operation says.
    pub evidence: Option<Vec<Evidence>>,
}

#[derive(Debug, Clone)]
pub struct Representation {
    pub kind: Arc<str>,
    pub at: Path,
    /// In a request: of what the rules allow, these properties alone.
    pub only: Option<Vec<Arc<str>>>,
}

#[derive(Debug, Clone)]
pub struct List {
    pub kind: Arc<str>,
    pub items: Path,
    /// Whether items that are not the principal's are taken out; otherwise one such item refuses the answer.
    pub filter: bool,
    /// A count that is made right.
    pub total: Option<Path>,
    /// Members that are taken out: cursors, facets.
    pub drop: Vec<Path>,
    pub overfetch: Option<Overfetch>,
}

/// Asks further pages to fill up what was taken out.
#[derive(Debug, Clone)]
pub struct Overfetch {
    pub page: Page,
    pub pages_max: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preset {
    Subject,
    Tenant,
    Claim(Arc<str>),
    Value(serde_json::Value),
}

/// One source of facts, as an operation names it.
#[derive(Debug, Clone)]
pub enum Evidence {
    /// The id is the value of this claim: the object is the principal's own.
    Claim(Arc<str>),
    /// The id was sealed for the principal's tenant.
    Sealed,
    Learned,
    Producer,
    /// A list in which the object stands with its owner.
    List {
        operation: Arc<str>,
        items: Path,
        id: Path,
        owner: Option<Path>,
        tenant: Option<Path>,
    },
    Resolver,
    /// The facts of another object of this request, whose id stands elsewhere in it.
    Related {
        kind: Arc<str>,
        id: IdPlace,
    },
    External,
    Response,
}

/// Which properties of a type may be written and seen, by rule: `default`, `self`, or a role. Allow-lists; the union of
/// those that apply counts. `None`: every property that the schema knows.
#[derive(Debug, Clone, Default)]
pub struct Properties {
    pub write: Option<BTreeMap<Arc<str>, Vec<Arc<str>>>>,
    pub read: Option<BTreeMap<Arc<str>, Vec<Arc<str>>>>,
    /// Property, and the scope that it needs besides.
    pub scopes: BTreeMap<Arc<str>, Arc<str>>,
}

#[cfg(test)]
mod tests;
