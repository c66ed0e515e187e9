//! Keys of a security scheme.

use crate::tests::world::{GOOD, auth, key};

pub(super) fn cases() -> Vec<(&'static str, String, String)> {
    let mut cases: Vec<(&'static str, String, String)> = Vec::new();
    let base = "issuer: https://a.example, audience: a";
    let with = |more: &str| auth(&format!("{{ {base}, {more} }}"));
    let secret = "secret: \"${env:SECRET}\"";
    let introspection =
        "introspection: { endpoint: https://a.example/i, client_id: a, client_secret: \"${env:SECRET}\" }";
    let plain = auth(&format!("{{ {base} }}"));
    let one = "{ id: a, key: \"${env:SECRET}\" }";
    let sum = "0".repeat(64);
    let other_key = |from: &str, to: &str| key(&one.replace(from, to));
    for (path, before, after) in [
        ("auth", plain.clone(), plain.replace("a.example", "b.example")),
        ("auth.*.issuer", plain.clone(), plain.replace("a.example", "b.example")),
        ("auth.*.audience", plain.clone(), plain.replace("audience: a", "audience: [a, b]")),
        ("auth.*.algorithms", plain.clone(), with("algorithms: [ES256]")),
        ("auth.*.jwks_uri", plain.clone(), with("jwks_uri: https://a.example/k")),
        ("auth.*.jwks", plain.clone(), with("jwks: keys.json")),
        ("auth.*.secret", plain.clone(), with(secret)),
        ("auth.*.token_lifetime_max", plain.clone(), with("token_lifetime_max: 1h")),
        ("auth.*.leeway", plain.clone(), with("leeway: 9s")),
        ("auth.*.types", plain.clone(), with("types: [jwt]")),
        ("auth.*.required_claims", plain.clone(), with("required_claims: [sub]")),
        ("auth.*.subject", plain.clone(), with("subject: user_id")),
        ("auth.*.introspection", plain.clone(), with(introspection)),
        ("auth.*.introspection.endpoint", with(introspection), with(&introspection.replace("/i", "/j"))),
        (
            "auth.*.introspection.client_id",
            with(introspection),
            with(&introspection.replace("client_id: a", "client_id: b")),
        ),
        (
            "auth.*.introspection.client_secret",
            with(introspection),
            with(&introspection.replace("SECRET", "OTHER")),
        ),
        (
            "auth.*.introspection.cache",
            with(introspection),
            with(&introspection.replace(" }", ", cache: 9s }")),
        ),
        ("auth.*.whoami", plain.clone(), auth("{ whoami: { url: https://a.example/me } }")),
        (
            "auth.*.whoami.url",
            auth("{ whoami: { url: https://a.example/me } }"),
            auth("{ whoami: { url: https://a.example/i } }"),
        ),
        (
            "auth.*.whoami.scheme",
            auth("{ whoami: { url: https://a.example/me } }"),
            auth("{ whoami: { url: https://a.example/me, scheme: Token } }"),
        ),
        (
            "auth.*.whoami.cache",
            auth("{ whoami: { url: https://a.example/me } }"),
            auth("{ whoami: { url: https://a.example/me, cache: 9s } }"),
        ),
        ("auth.*.insecure", with(secret), with(&format!("{secret}, insecure: {{ legacy_token: true }}"))),
        (
            "auth.*.insecure.legacy_token",
            with(secret),
            with(&format!("{secret}, insecure: {{ legacy_token: true }}")),
        ),
        (
            "auth.*.insecure.short_key",
            with("secret: \"${env:SHORT}\""),
            with("secret: \"${env:SHORT}\", insecure: { short_key: true }"),
        ),
        ("auth.*.keys", GOOD.to_owned(), key(one)),
        ("auth.*.keys.id", key(one), other_key("id: a", "id: b, client: a")),
        ("auth.*.keys.client", key(one), other_key(" }", ", client: b }")),
        ("auth.*.keys.tenant", key(one), other_key(" }", ", tenant: b }")),
        ("auth.*.keys.key", key(one), other_key("SECRET", "OTHER")),
        ("auth.*.keys.sha256", key(one), key(&format!("{{ id: a, sha256: \"{sum}\" }}"))),
        ("auth.*.keys.expires", key(one), other_key(" }", ", expires: 2030-01-01 }")),
        ("auth.*.keys.scopes", key(one), other_key(" }", ", scopes: [a] }")),
        ("auth.*.keys.authorizes", key(one), other_key(" }", ", authorizes: true }")),
    ] {
        cases.push((path, before, after));
    }
    cases
}
