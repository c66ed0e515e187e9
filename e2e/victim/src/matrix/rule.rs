//! The one rule that everything is held against, in the words of somebody who has never seen the gateway.
//!
//! A thing is its tenant's; within the tenant its owner does what they like with it, staff see it, administrators see
//! and change it, except for what is private. What one may not have is not there.

use super::cells::Cell;
use super::objects::{Object, own, whose};
use super::operations::{Kind, Sets};
use crate::issuer::Person;

/// What comes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// 404: denied or missing, nobody can say which.
    Hidden,
    /// 403: not this principal's to do or to set.
    Forbidden,
    /// 401.
    Unauthenticated,
    /// 409: allowed, and the application refuses by its own rules.
    Conflict,
    /// Both 403 and 404 are right: neither the property nor the object is the principal's.
    Refused,
    Other(u16),
}

impl Verdict {
    pub fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Allowed,
            401 => Self::Unauthenticated,
            403 => Self::Forbidden,
            404 => Self::Hidden,
            409 => Self::Conflict,
            other => Self::Other(other),
        }
    }

    /// Whether what was seen is what this says.
    pub fn is(self, seen: Self) -> bool {
        self == seen || (self == Self::Refused && matches!(seen, Self::Hidden | Self::Forbidden))
    }
}

/// What must come of it.
pub fn expected(cell: &Cell) -> Verdict {
    let operation = cell.operation;
    if operation.kind == Kind::Absent {
        return Verdict::Hidden;
    }
    let Some(person) = &cell.principal else { return Verdict::Unauthenticated };
    if operation.kind == Kind::Closed || (operation.admins_only && person.role != "admin") {
        return Verdict::Forbidden;
    }
    let settable = match operation.sets {
        Sets::Plain => true,
        Sets::Admins => person.role == "admin",
        Sets::Nobody => false,
    };
    let permitted = cell.object.as_ref().is_none_or(|object| {
        let own_too = !operation.with_own
            || whose("invoices", own("invoices", Some(person)))
                .is_some_and(|(owner, tenant)| may(person, operation.kind, "invoices", owner, tenant));
        !operation.wrong_parent && own_too && is_permitted(person, operation.kind, object)
    });
    match (settable, permitted) {
        (true, true) if operation.conflict => Verdict::Conflict,
        (true, true) => Verdict::Allowed,
        (true, false) => Verdict::Hidden,
        (false, true) => Verdict::Forbidden,
        (false, false) => Verdict::Refused,
    }
}

fn is_permitted(person: &Person, kind: Kind, object: &Object) -> bool {
    may(person, kind, object.table, object.owner, object.tenant)
}

fn may(person: &Person, kind: Kind, table: &str, owner: Option<u64>, tenant: &str) -> bool {
    if tenant != person.tenant {
        return false;
    }
    let reads = matches!(kind, Kind::Read | Kind::List);
    let private = matches!(table, "notes" | "tasks" | "files" | "tickets");
    let shared = matches!(table, "people" | "tenants");
    owner == Some(person.id)
        || (!private && person.role == "admin")
        || (!private && reads && (person.role == "staff" || shared))
}

/// The marks and secrets in an answer that its reader must not see.
pub fn leaks(person: Option<&Person>, text: &str) -> Vec<String> {
    let pieces = text.split(';').filter_map(|piece| {
        let at = piece.rfind("mark-").max(piece.rfind("secret-"))?;
        piece.get(at..)
    });
    pieces.filter(|piece| !may_see(person, piece)).map(str::to_owned).collect()
}

fn may_see(person: Option<&Person>, piece: &str) -> bool {
    let mut parts = piece.split('-');
    let (Some(kind), Some(name), Some(id)) = (parts.next(), parts.next(), parts.next()) else { return true };
    let (Some(person), Ok(id)) = (person, id.parse::<u64>()) else { return false };
    let reads = |table: &str| {
        whose(table, id).is_some_and(|(owner, tenant)| may(person, Kind::Read, table, owner, tenant))
    };
    if kind == "mark" {
        return reads(name);
    }
    let admin = person.role == "admin";
    match name {
        "email" | "phone" => reads("people") && (admin || id == person.id),
        "key" => admin && reads("tenants"),
        "tax" | "score" => admin && reads("clients"),
        "margin" | "cost" => admin && reads("invoices"),
        _ => false,
    }
}
