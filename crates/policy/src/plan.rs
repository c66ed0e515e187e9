//! What is to be done for one operation: bindings with every name looked up in the description.

use std::collections::BTreeMap;
use std::sync::Arc;

use openapi::Operation;

use crate::bindings::{self, Action, Assurance, Class, IdPlace, List, Preset, Representation, Resource};
use crate::path::Path;
use crate::sealing;

/// One operation's authorization, prepared when the configuration is read.
#[derive(Debug)]
pub struct Plan {
    pub operation: Arc<Operation>,
    pub action: Action,
    pub class: Class,
    /// Always refused.
    pub deny: bool,
    /// One of them; empty: any.
    pub roles: Vec<Arc<str>>,
    /// All of them.
    pub scopes: Vec<Arc<str>>,
    pub assurance: Option<Assurance>,
    pub objects: Vec<Bound>,
    pub list: Option<List>,
    pub takes: Option<Representation>,
    /// Callers choose the ids of what they write, as the bindings say by `free`.
    pub takes_any_id: bool,
    pub shows: Vec<Representation>,
    pub preset: BTreeMap<Arc<str>, Preset>,
    /// The operation has no effect: its own answer may be evidence, and nothing is locked.
    pub safe: bool,
    pub if_match: bool,
    /// What is written may change the id: the answer may show the object by another one.
    pub renames: bool,
    /// Where ids of sealed types stand.
    pub sealed: sealing::Places,
}

/// An object that a request names.
#[derive(Debug)]
pub struct Bound {
    pub resource: Arc<Resource>,
    pub id: IdPlace,
    pub parent: Option<Box<Bound>>,
    /// Cheapest first.
    pub sources: Vec<Source>,
    /// A request without the id names no such object.
    pub optional: bool,
}

/// Where facts come from, ready to be asked.
#[derive(Debug)]
pub enum Source {
    Claim(Arc<str>),
    /// The id was sealed for the caller's tenant.
    Sealed,
    Learned,
    Producer(Arc<Producing>),
    List(Arc<Listing>),
    Resolver(Arc<Resolving>),
    Related(Box<Bound>),
    External,
    Response,
}

impl Source {
    /// The word in the file, in records and in `status`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Claim(_) => "claim",
            Self::Sealed => "sealed",
            Self::Learned => "learned",
            Self::Producer(_) => "producer",
            Self::List(_) => "list",
            Self::Resolver(_) => "resolver",
            Self::Related(_) => "related",
            Self::External => "external",
            Self::Response => "response",
        }
    }

    /// Its rank by what it costs: nothing, memory, one call for many objects, one call for one, the answer itself.
    pub(crate) fn cost(&self) -> u8 {
        match self {
            Self::Claim(_) | Self::Sealed => 0,
            Self::Learned => 1,
            Self::Producer(_) => 2,
            Self::List(_) => 3,
            Self::Resolver(_) => 4,
            Self::Related(_) => 5,
            Self::External => 6,
            Self::Response => 7,
        }
    }
}

/// A call of another operation of the same API with the principal's own credential.
#[derive(Debug)]
pub struct Call {
    pub operation: Arc<Operation>,
    /// Parameters filled from the request at hand (the article of a list of comments), by name and location.
    pub parameters: Vec<(IdPlace, IdPlace)>,
}

#[derive(Debug)]
pub struct Producing {
    pub call: Call,
    pub producer: bindings::Producer,
}

#[derive(Debug)]
pub struct Listing {
    pub call: Call,
    pub items: Path,
    pub id: Path,
    pub owner: Option<Path>,
    pub tenant: Option<Path>,
}

#[derive(Debug)]
pub struct Resolving {
    pub call: Call,
    /// The parameter of `call` that takes the object's id.
    pub id: IdPlace,
    pub object: Path,
}

/// A call that says who the holder of the credential is.
#[derive(Debug)]
pub struct Asking {
    pub call: Call,
    pub whoami: bindings::Whoami,
}
