//! "Did you mean": the nearest of the names that would have been right.

/// The nearest name, when it is near enough to be meant.
pub fn closest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let folded = name.to_lowercase().replace('-', "_");
    names
        .map(|candidate| {
            (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase().replace('-', "_")), candidate)
        })
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn what_is_near_is_suggested_and_what_is_far_is_not() {
        let names = ["issuer", "audience", "bearerAuth", "jwks_uri"];
        for (written, meant) in [
            ("isuer", Some("issuer")),
            ("audiences", Some("audience")),
            ("bearerauth", Some("bearerAuth")),
            ("jwks-uri", Some("jwks_uri")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(closest(written, names.into_iter()), meant, "{written}");
        }
    }
}
