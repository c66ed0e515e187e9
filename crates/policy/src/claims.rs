//! Claims of a token as bindings name them: by their name, or by a path where they stand within another.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::path::{Path, Step};

/// `sub` and `https://example.com/roles` are names; what begins with `$` is a path, as `$.realm_access.roles`. A path
/// names one value: `[*]` finds nothing.
pub fn claim<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c Value> {
    if !name.starts_with('$') {
        return claims.get(name);
    }
    let path = Path::parse(name).ok()?;
    let Some((Step::Member(first), rest)) = path.steps().split_first() else { return None };
    rest.iter().try_fold(claims.get(&**first)?, |value, step| match step {
        Step::Member(name) => value.get(&**name),
        Step::Each => None,
    })
}
