#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::json;

use super::claim;

#[test]
fn a_claim_is_found_by_its_name_or_by_a_path_into_another() {
    let claims = json!({
        "sub": "kim",
        "https://example.com/roles": ["admin"],
        "a.b": 1,
        "data": { "id": 7, "a b": true },
        "list": [{ "id": 8 }],
    });
    let claims = claims.as_object().unwrap();
    let of = |name: &str| claim(claims, name).cloned();
    assert_eq!(of("sub"), Some(json!("kim")));
    assert_eq!(of("$.sub"), Some(json!("kim")));
    assert_eq!(of("https://example.com/roles"), Some(json!(["admin"])));
    assert_eq!(of("a.b"), Some(json!(1)), "a name with a dot is a name");
    assert_eq!(of("data.id"), None);
    assert_eq!(of("$.data.id"), Some(json!(7)));
    assert_eq!(of("$.data['a b']"), Some(json!(true)));
    for nothing in ["$", "$.", "$.list[*].id", "$.data.none", "$.sub.none", "", "$.list.id"] {
        assert_eq!(of(nothing), None, "{nothing}");
    }
}
