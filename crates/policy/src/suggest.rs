//! "Did you mean": the nearest of the names that would have been right.

use model::{Finding, Place};

/// Characters of a name from a file that a message shows.
const SHOWN_MAX: usize = 60;

/// A name from a file for a message: one line, bounded.
pub fn shown(name: &str) -> String {
    name.chars().filter(|c| !model::is_hidden(*c)).take(SHOWN_MAX).collect()
}

/// What is said of a key that a section does not have; `noun` is the section, with its article.
pub fn unknown_key(
    code: &str,
    noun: &str,
    name: &str,
    known: impl Iterator<Item = &'static str> + Clone,
    place: Place,
) -> Finding {
    let finding = Finding::error(code, format!("{noun} has no key `{}`", shown(name)));
    match closest(name, known.clone()) {
        Some(near) => finding.at(place, format!("did you mean `{near}`?")),
        None => finding
            .at(place, "not a key")
            .advice(format!("its keys are: {}", known.collect::<Vec<_>>().join(", "))),
    }
}

/// The nearest name, when it is near enough to be meant.
pub fn closest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written = folded(name);
    let one = singular(&written);
    names
        .map(|candidate| {
            let other = folded(candidate);
            let near = strsim::damerau_levenshtein(&written, &other);
            // `retry` is three changes away from `retries`, and meant all the same.
            let same = one.len() > 3 && one == singular(&other);
            (if same { near.min(1) } else { near }, candidate)
        })
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn folded(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

/// Without the ending of a plural, as far as English has rules for it.
fn singular(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.strip_suffix('s').unwrap_or(name).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn what_is_near_is_suggested_and_what_is_far_is_not() {
        let names = ["issuer", "audience", "bearerAuth", "jwks_uri", "retries"];
        for (written, meant) in [
            ("isuer", Some("issuer")),
            ("audiences", Some("audience")),
            ("bearerauth", Some("bearerAuth")),
            ("jwks-uri", Some("jwks_uri")),
            ("retry", Some("retries")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(closest(written, names.into_iter()), meant, "{written}");
        }
    }
}
