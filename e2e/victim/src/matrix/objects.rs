//! The objects under test, and whose they are: written down here, not asked of the application.

use crate::issuer::Person;

/// One object, as the matrix knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub table: &'static str,
    /// As it stands in a path.
    pub name: String,
    /// `None`: nobody has it, or it is not there.
    pub owner: Option<u64>,
    /// Empty: it is not there.
    pub tenant: &'static str,
    /// What the path has before it, where it lies below something.
    pub parent: String,
}

const OWNERS: [(u64, &str); 3] = [(101, "north"), (102, "north"), (201, "south")];

/// The first id of each table whose records belong to the three owners in turn, and how often they take turns.
const IN_TURN: &[(&str, u64, u64)] = &[
    ("invoices", 51, 3),
    ("clients", 11, 4),
    ("cards", 21, 4),
    ("charges", 31, 4),
    ("documents", 41, 4),
    ("tickets", 81, 4),
    ("notes", 1000, 3),
    ("tasks", 2000, 3),
    ("files", 3000, 3),
];

/// Names of projects, with the owner's place in the list of owners.
const PROJECTS: &[(u64, &str, usize)] =
    &[(91, "alpha", 0), (92, "beta", 1), (93, "gamma", 2), (94, "delta", 1), (95, "94", 0)];

/// Whose the record is; `None`: it is not there at the beginning.
pub fn whose(table: &str, id: u64) -> Option<(Option<u64>, &'static str)> {
    let owner = |place: usize| OWNERS.get(place).map(|(owner, tenant)| (Some(*owner), *tenant));
    match table {
        "people" if (101..=104).contains(&id) => Some((Some(id), "north")),
        "people" if id == 201 || id == 204 => Some((Some(id), "south")),
        "tenants" => match id {
            1 => Some((None, "north")),
            2 => Some((None, "south")),
            _ => None,
        },
        "projects" => owner(PROJECTS.iter().find(|(own, _, _)| *own == id)?.2),
        _ => {
            let (_, first, turn) = IN_TURN.iter().find(|(name, _, _)| *name == table)?;
            owner(usize::try_from(id.checked_sub(*first)? % turn).ok()?)
        }
    }
}

/// One of each owner, and one that is not there.
pub fn objects(table: &'static str) -> Vec<Object> {
    let ids: &[u64] = match table {
        "invoices" => &[51, 52, 53],
        "clients" => &[11, 12, 13],
        "cards" => &[21, 22, 23],
        "charges" => &[31, 32, 33],
        "documents" => &[41, 42, 43],
        "tickets" => &[81, 82, 83],
        // On the last page of each owner's list.
        "notes" => &[1072, 1073, 1074],
        "tasks" => &[2072, 2073, 2074],
        "files" => &[3072, 3073, 3074],
        "projects" => &[91, 92, 93],
        "named projects" => return named_projects(),
        "people" => &[101, 102, 103, 201],
        "tenants" => return tenants(),
        _ => return Vec::new(),
    };
    let mut all: Vec<Object> = ids
        .iter()
        .filter_map(|id| {
            let (owner, tenant) = whose(table, *id)?;
            let parent = (11..14).nth(usize::try_from(id % 10).ok()?.checked_sub(1)?);
            let parent = parent.map(|parent: u64| parent.to_string()).unwrap_or_default();
            Some(Object { table, name: id.to_string(), owner, tenant, parent })
        })
        .collect();
    all.push(Object { table, name: "9999".into(), owner: None, tenant: "", parent: "11".into() });
    all
}

/// Named as a PUT finds them. The one that is called like another's number is among them.
fn named_projects() -> Vec<Object> {
    let named = PROJECTS.iter().filter(|(id, _, _)| *id != 94).filter_map(|(_, name, place)| {
        let (owner, tenant) = OWNERS.get(*place)?;
        Some(Object {
            table: "projects",
            name: (*name).into(),
            owner: Some(*owner),
            tenant,
            parent: String::new(),
        })
    });
    named.collect()
}

fn tenants() -> Vec<Object> {
    let tenant = |name: &str, tenant| Object {
        table: "tenants",
        name: name.to_owned(),
        owner: None,
        tenant,
        parent: String::new(),
    };
    vec![tenant("north", "north"), tenant("south", "south"), tenant("west", "")]
}

/// A record of the principal's own, or where there is none of its tenant's, that is none of those under test.
pub fn own(table: &str, person: Option<&Person>) -> u64 {
    let place = person.map_or(0, |person| match (person.id, person.tenant) {
        (102, _) => 1,
        (_, "south") => 2,
        _ => 0,
    });
    match table {
        "invoices" => 54 + place,
        _ => 15 + place,
    }
}
