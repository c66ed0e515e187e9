//! The cells of the matrix, made from the tables.

use super::objects::{Object, objects, own};
use super::operations::{OPERATIONS, Operation};
use crate::issuer::{Person, ada, ana, ben, oto, sam};
use crate::wire::Request;

/// One question: may this principal do this with that?
#[derive(Debug, Clone)]
pub struct Cell {
    pub operation: &'static Operation,
    /// `None`: nobody, without a token.
    pub principal: Option<Person>,
    /// `None`: the operation names no object.
    pub object: Option<Object>,
}

/// All of them, in the same order every time.
pub fn cells() -> Vec<Cell> {
    let principals = [Some(ana()), Some(ben()), Some(sam()), Some(ada()), Some(oto()), None];
    let mut cells = Vec::new();
    for operation in OPERATIONS {
        let objects = objects(operation.table);
        for principal in principals {
            if operation.names_an_object() {
                let with = |object: &Object| Cell { operation, principal, object: Some(object.clone()) };
                cells.extend(objects.iter().map(with));
            } else {
                cells.push(Cell { operation, principal, object: None });
            }
        }
    }
    cells
}

impl Cell {
    /// What is sent, without the token.
    pub fn request(&self) -> Request {
        let (name, parent) = match &self.object {
            Some(object) => (object.name.as_str(), object.parent.as_str()),
            None => ("", ""),
        };
        let who = self.principal.as_ref();
        let fill = |text: &str| {
            text.replace("{id}", name)
                .replace("{parent}", parent)
                .replace("{own_client}", &own("clients", who).to_string())
                .replace("{own_invoice}", &own("invoices", who).to_string())
        };
        Request::new(self.operation.method, &fill(self.operation.target), "").body(&fill(self.operation.body))
    }

    /// In words, for a person.
    pub fn about(&self) -> String {
        let who = self.principal.map_or("nobody", |person| person.name);
        let request = self.request();
        format!("{who}: {} {} {} {}", self.operation.id, request.method, request.target, request.body)
    }
}
