//! One operation of a description: a method on a path template, and what it asks of a request.

use std::fmt;
use std::sync::Arc;

use model::Place;

use crate::content::{RequestBody, Responses};
use crate::prepared::Prepared;
use crate::{Dialect, Parameter, Security, Server};

/// An operation, complete: what its path item declares for all methods is merged in.
pub struct Operation {
    /// `operationId`, or `GET /orders/{id}`; unique within the description.
    pub id: Arc<str>,
    /// Upper case for the methods of RFC 9110; as written for others (OpenAPI 3.2 `additionalOperations`).
    pub method: String,
    /// The path as the description writes it: `/orders/{id}`.
    pub template: Arc<str>,
    pub dialect: Dialect,
    /// The member name that opens the operation (`get`).
    pub place: Place,
    pub summary: String,
    pub tags: Vec<String>,
    pub deprecated: bool,
    pub security: Security,
    /// The path item's, overridden by the operation's own with the same name and location.
    pub parameters: Vec<Parameter>,
    pub body: Option<RequestBody>,
    pub responses: Responses,
    /// The operation's, else its path item's, else the description's.
    pub servers: Vec<Server>,
    /// `x-bartizan`: the operation's members over those of the path item; `Null` where neither has one.
    pub extension: serde_json::Value,
    pub extension_place: Option<Place>,
    /// What [`Operation::check_head`] has made ready.
    pub(crate) head: Prepared,
}

impl Operation {
    /// `GET /orders/{id}`, for people.
    pub fn title(&self) -> String {
        format!("{} {}", self.method, self.template)
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Operation({} {} {})", self.id, self.method, self.template)
    }
}
