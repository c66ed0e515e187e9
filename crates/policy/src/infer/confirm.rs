//! What two identities show of a proposal: whose objects lists hold, which property is the owner, whether the service
//! keeps one from the other. The requests are made elsewhere; here is which ones, and what their answers mean.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::{Inferred, Said};
use crate::facts::text_of;
use crate::grade::{self, Grade};
use crate::{Path, bindings};

/// A list to ask for, as each of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub kind: String,
    pub operation: Arc<str>,
    /// Below the service's URL: `/orders`.
    pub path: String,
    items: String,
    id: String,
}

/// What one of the two got of a list. Its values are never written anywhere.
#[derive(Clone, Default)]
pub struct Heard {
    pub status: u16,
    ids: BTreeSet<Arc<str>>,
    /// Values of the owner's property; `None` where an item lacks it.
    owners: Vec<Option<Arc<str>>>,
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Heard({}, {} ids)", self.status, self.ids.len())
    }
}

/// An object of the one, to be asked for as the other.
#[derive(Clone)]
pub struct CrossRead {
    pub kind: String,
    pub operation: Arc<str>,
    /// With the id in it, so not for people.
    pub path: String,
    /// For people: `/orders/{id}`.
    pub template: Arc<str>,
}

impl Inferred {
    /// Lists that need no parameters.
    pub fn listings(&self) -> Vec<Listing> {
        let of = |(kind, one): (&String, &super::InferredType)| {
            let listing = one.listed.as_ref()?;
            Some(Listing {
                kind: kind.clone(),
                operation: listing.operation.clone(),
                path: one.listed_at.clone()?,
                items: listing.items.clone(),
                id: listing.id.clone(),
            })
        };
        self.types.iter().filter_map(of).collect()
    }

    /// Reads an answer to a list.
    pub fn heard(&self, listing: &Listing, status: u16, body: Bytes) -> Heard {
        let mut heard = Heard { status, ..Heard::default() };
        let paths = Path::parse(&listing.items).ok().zip(Path::parse(&listing.id).ok());
        let tape = tape::json::parse(body, &tape::Limits::default());
        let Some(((items, id), tape)) = paths.zip(tape.ok()).filter(|_| (200..300).contains(&status)) else {
            return heard;
        };
        let owner = self.types.get(&listing.kind).and_then(|one| property(&one.owner.what));
        for item in items.each(tape.root()) {
            heard.ids.extend(id.one(item).and_then(text_of));
            if let Some(owner) = &owner {
                heard.owners.push(owner.one(item).and_then(text_of));
            }
        }
        heard
    }

    /// Takes in what both got of one list.
    pub fn compare(&mut self, listing: &Listing, a: &Heard, b: &Heard) {
        let asked = format!(
            "GET {} as A: {} ({}), as B: {} ({})",
            bindings::one_line(&listing.path),
            a.status,
            objects(a.ids.len()),
            b.status,
            objects(b.ids.len())
        );
        let ids: Vec<&str> = a.ids.iter().chain(&b.ids).map(|id| &**id).collect();
        let grade = grade::sampled(&ids);
        let known = grade.why().filter(|_| grade != Grade::Unknown);
        let note = known.map_or_else(String::new, |why| format!("; ids of {} {why}", listing.kind));
        let Some(one) = self.types.get_mut(&listing.kind) else { return };
        let producer = one.listed.clone();
        let shared = a.ids.intersection(&b.ids).count();
        let meaning = if [a.status, b.status].iter().any(|status| matches!(status, 401 | 403)) {
            "says nothing: a credential was not accepted; the file may hold all of `Authorization`, as `Token abc`"
                .to_owned()
        } else if a.ids.is_empty() || b.ids.is_empty() {
            "says nothing: both need objects of their own".to_owned()
        } else if shared == 0 {
            if let Some(producer) = producer {
                let why = format!("{asked}: none in common");
                one.producers = vec![Said { what: producer, confidence: 95, why: why.clone() }];
                if one.owner.what == "{ from: producer }" || one.owner.what == "{ from: none }" {
                    one.owner = Said { what: "{ from: producer }".to_owned(), confidence: 95, why };
                }
            }
            "disjoint: each sees its own".to_owned()
        } else {
            one.producers.clear();
            if one.owner.what == "{ from: producer }" {
                let why = format!("{asked}: {shared} in common, so the list says nothing of whose they are");
                one.owner = Said { what: "{ from: none }".to_owned(), confidence: 90, why };
                one.tenant = None;
            }
            if shared == a.ids.len().max(b.ids.len()) {
                "equal: public, or broken".to_owned()
            } else {
                format!("{shared} in common: shared, or broken")
            }
        };
        self.asked.push(format!("{asked}: {meaning}{note}"));
        self.owners(&listing.kind, a, b, shared == 0 && !a.ids.is_empty() && !b.ids.is_empty());
    }

    /// In lists of one's own an owner's property has one value each, and two for two.
    fn owners(&mut self, kind: &str, a: &Heard, b: &Heard, disjoint: bool) {
        let distinct = |heard: &Heard| heard.owners.iter().cloned().collect::<Option<BTreeSet<_>>>();
        let Some(((a, b), one)) = distinct(a).zip(distinct(b)).zip(self.types.get_mut(kind)) else { return };
        if !disjoint || a.is_empty() || b.is_empty() {
            return;
        }
        if a.len() == 1 && b.len() == 1 && a != b {
            one.owner.confidence = 95;
            one.owner.why = "one value in all of A's, another in all of B's".to_owned();
        } else {
            one.owner.confidence = one.owner.confidence.min(20);
            one.owner.why = "its values do not tell A's objects from B's".to_owned();
        }
    }

    /// One object of A's, and one of B's, each for the other.
    pub fn cross_reads(&self, listing: &Listing, own: &Heard, other: &Heard) -> Option<CrossRead> {
        let resolver = &self.types.get(&listing.kind)?.resolver.as_ref()?.what;
        let template = self.templates.get(&resolver.operation)?;
        let names: Vec<&str> = crate::ids::template_names(template).collect();
        let id = own.ids.difference(&other.ids).next()?;
        (names.len() == 1).then(|| CrossRead {
            kind: listing.kind.clone(),
            operation: resolver.operation.clone(),
            path: template.replace(&format!("{{{}}}", resolver.id), &escaped(id)),
            template: template.clone(),
        })
    }

    /// Takes in what the one got of the other's object.
    pub fn crossed(&mut self, read: &CrossRead, status: u16) {
        let meaning = if (200..300).contains(&status) {
            "shown: the service does not ask whose it is, the gateway has to"
        } else if matches!(status, 401 | 403 | 404) {
            "refused: the service asks whose it is"
        } else {
            "says nothing"
        };
        if let Some(resolver) = self.types.get_mut(&read.kind).and_then(|one| one.resolver.as_mut())
            && status < 500
        {
            resolver.confidence = 95;
            resolver.why = format!("asked for the other's object: {status}, {meaning}");
        }
        self.asked
            .push(format!("GET {} of the other's: {status}: {meaning}", bindings::one_line(&read.template)));
    }
}

fn objects(count: usize) -> String {
    if count == 1 { "1 object".to_owned() } else { format!("{count} objects") }
}

fn property(from: &str) -> Option<Path> {
    let inner = from.strip_prefix("{ property: ")?.strip_suffix(" }")?;
    Path::parse(inner.trim_matches('"')).ok()
}

/// One segment of a path (RFC 3986 section 3.3).
fn escaped(id: &str) -> String {
    use std::fmt::Write as _;
    let mut made = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'~')
            || (byte == b'.' && id.len() > 2)
        {
            made.push(char::from(byte));
        } else {
            let _ = write!(made, "%{byte:02X}");
        }
    }
    made
}

#[cfg(test)]
mod tests;
