//! The properties of an object, found by name without hashing.

use super::{ANY, Id};

/// Up to this many properties are gone through; more are searched.
const FEW: usize = 8;

struct Property {
    name: Box<str>,
    schema: Id,
    required: bool,
}

pub(super) struct ObjectRule {
    /// In the order of the schema, which values mostly share.
    properties: Vec<Property>,
    /// Where each stands, by name.
    by_name: Vec<u32>,
    required: u32,
    additional: Id,
    members_min: u64,
    members_max: u64,
}

/// What a schema says of objects, before it is made ready.
pub(super) struct Said<'s> {
    pub(super) properties: Vec<(&'s str, Id)>,
    pub(super) required: Vec<&'s str>,
    pub(super) additional: Id,
    pub(super) members_min: u64,
    pub(super) members_max: u64,
}

impl Default for Said<'_> {
    fn default() -> Self {
        Self {
            properties: Vec::new(),
            required: Vec::new(),
            additional: ANY,
            members_min: 0,
            members_max: u64::MAX,
        }
    }
}

/// Whether two names are the same: most are short, and a call for each would cost more than it compares.
#[inline]
fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() || one.len() > 16 {
        return one == other;
    }
    // The first and the last bytes overlap, and so are all.
    if let (Some(a), Some(b), Some(c), Some(d)) =
        (one.first_chunk::<8>(), other.first_chunk::<8>(), one.last_chunk::<8>(), other.last_chunk::<8>())
    {
        return a == b && c == d;
    }
    if let (Some(a), Some(b), Some(c), Some(d)) =
        (one.first_chunk::<4>(), other.first_chunk::<4>(), one.last_chunk::<4>(), other.last_chunk::<4>())
    {
        return a == b && c == d;
    }
    one.iter().zip(other).all(|(a, b)| a == b)
}

impl ObjectRule {
    pub(super) fn new(said: Said<'_>) -> Self {
        let Said { properties, mut required, additional, members_min, members_max } = said;
        required.sort_unstable();
        required.dedup();
        let mut properties: Vec<Property> = properties
            .into_iter()
            .map(|(name, schema)| {
                let required = required.binary_search(&name).is_ok();
                Property { name: name.into(), schema, required }
            })
            .collect();
        for name in &required {
            if !properties.iter().any(|property| *property.name == **name) {
                properties.push(Property { name: (*name).into(), schema: additional, required: true });
            }
        }
        let mut by_name: Vec<u32> = (0_u32..).take(properties.len()).collect();
        by_name.sort_by_key(|at| properties.get(*at as usize).map(|property| &property.name));
        let required = u32::try_from(required.len()).unwrap_or(u32::MAX);
        Self { properties, by_name, required, additional, members_min, members_max }
    }

    /// The number of properties that must be there.
    pub(super) fn required(&self) -> u32 {
        self.required
    }

    #[inline]
    pub(super) fn admits(&self, members: usize) -> bool {
        (self.members_min..=self.members_max).contains(&(members as u64))
    }

    /// The schema of a member, and whether it is a required one. `next` is where it is looked for first.
    #[inline]
    pub(super) fn find(&self, name: &str, next: &mut usize) -> (Id, bool) {
        let guessed = self.properties.get(*next).filter(|property| same(&property.name, name));
        match guessed.or_else(|| self.search(name, next)) {
            Some(property) => {
                *next += 1;
                (property.schema, property.required)
            }
            None => (self.additional, false),
        }
    }

    fn search(&self, name: &str, next: &mut usize) -> Option<&Property> {
        let at = if self.properties.len() <= FEW {
            self.properties.iter().position(|property| same(&property.name, name))?
        } else {
            let name_at = |at: &u32| self.properties.get(*at as usize).map(|property| &*property.name);
            let found = self.by_name.binary_search_by(|at| name_at(at).cmp(&Some(name))).ok()?;
            *self.by_name.get(found)? as usize
        };
        *next = at;
        self.properties.get(at)
    }
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn names_of_every_length_differ_by_each_of_their_bytes() {
        for length in 0..20 {
            let one = "n".repeat(length);
            assert!(same(&one, &one.clone()));
            assert!(!same(&one, &format!("{one}n")));
            for at in 0..length {
                let other = format!("{}m{}", &one[..at], &one[at + 1..]);
                assert!(!same(&one, &other), "{length} {at}");
            }
        }
    }
}
