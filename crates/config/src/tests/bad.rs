use super::world::{GOOD, ORDERS, World, api, auth, key, root, upstream};
use crate::codes;

/// A file, the code of a finding that it must have, and a part of what the finding says.
fn cases() -> Vec<(String, &'static str, &'static str)> {
    let owned = |cases: &[(&str, &'static str, &'static str)], at: fn(&str) -> String| -> Vec<_> {
        cases.iter().map(|(text, code, part)| (at(text), *code, *part)).collect()
    };
    let mut all = owned(WHOLE, |text| text.to_owned());
    all.extend(owned(ROOT, root));
    all.extend(owned(API, api));
    all.extend(owned(AUTH, auth));
    all.extend(owned(UPSTREAM, upstream));
    all.extend(owned(KEY, key));
    all
}

const WHOLE: &[(&str, &str, &str)] = &[
    ("version: [", "B2001", "cannot be parsed"),
    ("auth: { bearerAuth: { secret: hunter2, audience: ] }", "B2001", "cannot be parsed"),
    ("auth:\n  bearerAuth:\n    secret: 'hunter2\n  hunter2': [", "B2001", "cannot be parsed"),
    ("version: 1\nauths: { bearerAuth: { secret: hunter2 } }", "B2002", "did you mean `auth`?"),
    ("- a", "B2003", "a mapping of keys"),
    ("version: 1", "B2004", "has no `apis`"),
    ("version: 2\napis: {}", "B2006", "not known"),
    ("version: 1\napis: {}", "B2004", "no API is configured"),
    ("version: 1\napis: { a: { upstream: http://127.0.0.1:1 } }", "B2004", "has no `spec`"),
    ("version: 1\napis: { a: { spec: none.yaml, upstream: http://127.0.0.1:1 } }", "B2009", "cannot be used"),
    (
        "version: 1\napis: { a: { spec: orders.yaml, upstream: http://127.0.0.1:1 } }",
        "B2103",
        "nothing verifies",
    ),
];

const ROOT: &[(&str, &str, &str)] = &[
    ("lissten: 127.0.0.1:1", "B2002", "did you mean `listen`?"),
    ("colour: red", "B2002", "its keys are: version"),
    ("listen: 8080", "B2003", "this is a number"),
    ("listen:", "B2003", "nothing stands here"),
    ("listen: localhost", "B2005", "an IP address and a port"),
    ("listen: ${env:ADDRESS}", "B2013", "only secrets"),
    ("listen: [127.0.0.1:1, 127.0.0.1:1]", "B2020", "the same address"),
    ("listen: { address: 127.0.0.1:1, proxy_protocol: true }", "B2026", "`proxy_protocol` needs"),
    ("listen: { address: 127.0.0.1:1, forwarded_proto: true }", "B2026", "`forwarded_proto` needs"),
    ("listen: { address: 127.0.0.1:1, forwarded: forwarded }", "B2026", "`forwarded` needs"),
    ("listen: { address: 127.0.0.1:1, trusted_proxies: [0.0.0.0/0] }", "B3120", "every address"),
    ("listen: { address: 127.0.0.1:1, trusted_proxies: [0.0.0.0/1, 128.0.0.0/1] }", "B3120", "every address"),
    ("listen: { address: 127.0.0.1:1, trusted_proxies: ['::/1', '8000::/1'] }", "B3120", "every address"),
    ("listen: { address: 127.0.0.1:1, trusted_proxies: [64.0.0.0/7] }", "B3120", "a large part"),
    ("listen: { address: 127.0.0.1:1, trusted_proxies: [fd00::/8, '2000::/15'] }", "B3120", "a large part"),
    ("listen: 0.0.0.0:8080", "B3101", "cleartext_listen"),
    ("listen: 0.0.0.0:8080\ninsecure: { cleartext_listen: true }", "B3102", "allowed by"),
    (
        "listen: { address: 0.0.0.0:1, tls: { certificate: none.pem, key: \"${env:SECRET}\" } }",
        "B2007",
        "`none.pem` cannot be read: no such file",
    ),
    (
        "listen: { address: 0.0.0.0:1, tls: { certificate: keys.json, key: \"${env:SECRET}\" } }",
        "B2008",
        "certificate",
    ),
    ("listen: { address: 127.0.0.1:1, tls: {} }", "B2004", "no certificate"),
    (
        "listen: { address: 127.0.0.1:1, tls: { key: \"${env:SECRET}\" } }",
        "B2004",
        "`key` needs `certificate`",
    ),
    ("listen: { address: 127.0.0.1:1, tls: { acme: { names: a.example } } }", "B2004", "terms"),
    (
        "listen: { address: 127.0.0.1:1, tls: { acme: { names: \"*.a.example\", terms_agreed: true } } }",
        "B2005",
        "wildcards",
    ),
    (
        "listen: { address: 127.0.0.1:1, tls: { acme: { names: a.example, terms_agreed: true, contact: [ops] } } }",
        "B2005",
        "mailto",
    ),
    (
        "listen: { address: 127.0.0.1:1, tls: { acme: { names: a.example, terms_agreed: true, challenge: http-01 } } }",
        "B2054",
        "needs a listener without TLS",
    ),
    (
        "listen: { address: 127.0.0.1:1, tls: { acme: { names: a.example, terms_agreed: true }, \
         hsts: { max_age: 1d, preload: true } } }",
        "B2026",
        "`preload` needs",
    ),
    (
        "listen: { address: 127.0.0.1:1, http: refuse, tls: { acme: { names: a.example, terms_agreed: true } } }",
        "B2026",
        "no effect beside `tls`",
    ),
    ("listen: { address: 127.0.0.1:1, https_port: 8443 }", "B2026", "without `http: redirect`"),
    ("sizes: { body_bytes_max: 1MB }", "B2005", "write `MiB`"),
    ("sizes: { head_bytes_max: 1 }", "B2005", "`head_bytes_max`: the value is at least 1KiB"),
    ("sizes: { head_bytes_max: 2MiB }", "B2005", "`head_bytes_max`: the value is at most 1MiB"),
    ("limits: [{ per: client, rate: 1/s, burst: 0 }]", "B2005", "`burst`: 0 would let nothing pass"),
    ("timeouts: { idle: -1s }", "B2005", "`idle`: a duration is never negative"),
    ("limits: [{ per: client, rate: -1/s }]", "B2005", "`rate`: a count is never negative"),
    (
        "sizes: { buffered_bytes_max: 2MiB, body_bytes_max: 3MiB }",
        "B2034",
        "2MiB are held at once, and one body may have 3MiB",
    ),
    ("sizes: { body_bytes_max: 1GiB }", "B2034", "256MiB are held at once"),
    (
        "classes: { batch: { issuers: [a], operations: [health] } }",
        "B2026",
        "`issuers` has no meaning without",
    ),
    ("sizes: { headers_max: many }", "B2003", "a whole number"),
    ("timeouts: { head: 10 }", "B2003", "a duration such as"),
    ("timeouts: { head: 10m }", "B2005", "minutes are `min`"),
    ("timeouts: { head: 2h }", "B2005", "at most 1h"),
    ("failed_authentications: 0/min", "B2005", "refuses everything"),
    ("limits: [{ per: client, rate: 100 }]", "B2003", "a rate such as"),
    ("limits: [{ per: clients, rate: 1/s }]", "B2005", "did you mean `client`?"),
    ("limits: [{ rate: 1/s }]", "B2004", "has no `per`"),
    ("limits: { per: client, rate: 1/s }", "B2003", "is a list"),
    (
        "limits: [{ per: client, rate: 1/s, name: a }, { per: api, rate: 1/s, name: a }]",
        "B2020",
        "the name `a`",
    ),
    ("limits: [{ per: client, rate: 1MiB/s }]", "B2026", "`counts: response_bytes`"),
    (
        "limits: [{ per: client, rate: 1/s, counts: bytes }]",
        "B2005",
        "not one of requests, cost, response_bytes",
    ),
    ("limits: [{ per: tenant, rate: 1/s }]", "B2044", "no caller has one"),
    ("classes: { bach: {} }", "B2042", "`batch` is built in"),
    ("classes: { batch: { apis: [order] } }", "B2041", "did you mean `orders`?"),
    ("classes: { batch: { operations: [listOrder] } }", "B2021", "did you mean `listOrders`?"),
    (
        "classes: { batch: { clients: [a], importance: huge } }",
        "B2005",
        "not one of low, normal, high, critical",
    ),
    ("tenant: {}", "B2004", "has no `claim`"),
    ("tenant: { clam: a }", "B2002", "a tenant has no key `clam`"),
    ("sizes: { body: 1MiB }", "B2002", "sizes has no key `body`"),
    ("limits: [{ per: client, rate: 1/s, name: 1a }]", "B2005", "not a name for a limit"),
    ("limits: [{ per: client, rate: 1/s, operations: [listOrder] }]", "B2021", "did you mean `listOrders`?"),
    ("cors: { origins: \"*\", credentials: true }", "B2027", "list the origins"),
    ("cors: { origins: https://a.example/path }", "B2005", "an origin is"),
    ("cors: { origins: https://a.example, headers: [\"x y\"] }", "B2005", "a header's name"),
    ("egress: { allow: [10.0.0.1/8] }", "B2005", "beyond its prefix"),
    ("telemetry: { endpoint: http://collector:4318 }", "B3101", "cleartext_telemetry"),
    ("telemetry: { endpoint: http://127.0.0.1:4318, sample: 0.1 }", "B2003", "a share such as"),
    ("admin: { address: 0.0.0.0:9901 }", "B3101", "cleartext_admin"),
    ("insecure: { cleartext_listen: yes }", "B2003", "true or false"),
    ("listen: 127.0.0.1:8080\ninsecure: { cleartext_listen: true }", "B3103", "not needed"),
    ("insecure: { cleartext_upstream: true }", "B3103", "not needed"),
];

const API: &[(&str, &str, &str)] = &[
    ("undeclared: allow", "B2005", "not one of refuse, observe"),
    ("undeclare: allow", "B2002", "an API has no key `undeclare`"),
    ("undeclared: observe", "B3112", "forwarded and recorded"),
    ("hosts: [\"*.example.com\"]", "B2005", "a host name"),
    ("base_path: v1", "B2005", "a base path"),
    ("base_path: /a/../b", "B2005", "a base path"),
    ("operations: { health: { class: sensitiv } }", "B2040", "did you mean `sensitive`?"),
    ("operations: { health: { class: mine } }", "B2040", "the classes are: partner, batch"),
    (
        "operations: { health: { cost: 9 } }\nlimits: [{ per: client, rate: 5/s, counts: cost }]",
        "B2043",
        "a call of health costs 9, and the limit `client` never lets more than 5 pass",
    ),
    ("concurrency: { min: 9, max: 5 }", "B2026", "`min` is above `max`"),
    ("concurrency: { adaptive: false, min: 9 }", "B2026", "`min` has no meaning"),
    ("checks: { limit: watch }", "B2022", "did you mean `limits`?"),
    ("checks: { limits: watch }", "B3113", "refuses nothing"),
    ("checks: { limits: loose }", "B2005", "not one of off, watch, enforce"),
    ("checks: { identify: off }", "B2023", "can only be enforced"),
    ("operations: { listOrder: {} }", "B2021", "did you mean `listOrders`?"),
    ("limits: [{ per: client, rate: 1/s, operations: [nothing] }]", "B2021", "`bartizan routes`"),
    ("overlays: [none.yaml]", "B1001", "cannot be read: no such file"),
    ("auth: { bearrerAuth: { issuer: https://a.example, audience: a } }", "B2108", "has no effect"),
    (
        "identity: { assertion: { issuer: a, audience: b, key: \"${env:SECRET}\" } }",
        "B2029",
        "cannot be used",
    ),
    (
        "identity: { legacy_token: { algorithm: ES256, claims: { sub: { principal: subject } }, key: \"${env:SECRET}\" } }",
        "B2035",
        "cannot be used",
    ),
    (
        "identity: { legacy_token: { algorithm: HS256, claims: { sub: {} }, key: \"${env:SECRET}\" } }",
        "B2035",
        "exactly one place",
    ),
    (
        "identity: { forward_credential: true, legacy_token: { algorithm: HS256, claims: { sub: { principal: subject } }, \
         key: \"${env:SECRET}\" } }",
        "B2036",
        "two credentials",
    ),
];

const AUTH: &[(&str, &str, &str)] = &[
    ("{ audience: a }", "B2004", "no `issuer`"),
    ("{ issuer: a, audience: b, subject: \"$.a[*].id\" }", "B2005", "does not lead to one value"),
    ("{ whoami: { url: https://a.example/me, scheme: \"Bearer x\" } }", "B2005", "the scheme is one word"),
    ("[]", "B2004", "the list is empty"),
    ("{ issuer: https://a.example }", "B2109", "no `audience`"),
    ("{ issuer: http://a.example, audience: a }", "B3101", "cleartext_issuer"),
    ("{ issuer: not a url, audience: a }", "B2005", "a URL begins"),
    ("{ issuer: a, audience: a, secret: hunter2 }", "B2010", "a reference belongs here"),
    ("{ issuer: a, audience: a, secret: 1234 }", "B2010", "a reference belongs here"),
    ("{ issuer: a, audience: a, secret: \"${env:ABSENT}\" }", "B2011", "is not set"),
    ("{ issuer: a, audience: a, secret: \"${file:absent}\" }", "B2011", "cannot be read: no such file"),
    ("{ issuer: a, audience: a, secret: \"${vault:orders}\" }", "B2012", "no `vault` references"),
    ("{ issuer: a, audience: a, secret: \"${env:SHORT}\" }", "B2029", "short_key"),
    (
        "{ issuer: a, audience: a, secret: \"${env:SHORT}\", insecure: { short_key: true } }",
        "B3111",
        "allowed here",
    ),
    (
        "{ issuer: a, audience: a, secret: \"${env:SECRET}\", insecure: { short_key: true } }",
        "B3103",
        "`insecure.short_key` is not needed",
    ),
    ("{ issuer: a, insecure: { legacy_token: true }, secret: \"${env:SECRET}\" }", "B3110", "allowed here"),
    (
        "{ issuer: a, audience: a, jwks: keys.json, jwks_uri: https://a.example/k }",
        "B2026",
        "cannot stand together",
    ),
    ("{ issuer: a, audience: a, jwks: orders.yaml }", "B2029", "key set"),
    ("{ issuer: a, audience: a, jwks: mixed.json }", "B2030", "left out"),
    ("{ issuer: https://a.example, audience: a, algorithms: [HS256] }", "B2028", "needs a `secret`"),
    ("{ issuer: a, audience: a, algorithms: [ES256], secret: \"${env:SECRET}\" }", "B2028", "HS384"),
    ("{ issuer: a, audience: a, algorithms: [EdDSA, ES256], jwks: keys.json }", "B2028", "verifies ES256"),
    (
        "[{ audience: a, introspection: { endpoint: https://a.example/i, client_id: a, client_secret: \"${env:SECRET}\" } }, { issuer: b, audience: a, introspection: { endpoint: https://b.example/i, client_id: a, client_secret: \"${env:SECRET}\" } }]",
        "B2033",
        "introspection endpoint",
    ),
    ("{ issuer: https://a.example, audience: a, algorithms: [none] }", "B2005", "not one of RS256"),
    ("{ issuer: https://a.example, audience: a, leeway: 5min }", "B2005", "at most 30s"),
    ("{ issuer: https://a.example, audience: a, insecure: { short_key: true } }", "B2026", "no effect"),
    ("{ keys: [{ id: a, key: \"${env:SECRET}\" }] }", "B2110", "takes tokens"),
    ("{ keys: [], issuer: https://a.example }", "B2026", "no effect beside `keys`"),
    (
        "[{ issuer: https://a.example, audience: a }, { issuer: https://a.example, audience: b }]",
        "B2020",
        "the same issuer",
    ),
    (
        "{ audience: a, introspection: { endpoint: http://a.example/i, client_id: a, client_secret: \"${env:SECRET}\" } }",
        "B3101",
        "cleartext_issuer",
    ),
    (
        "{ audience: a, introspection: { endpoint: https://a.example/i, client_id: a } }",
        "B2004",
        "`client_secret`",
    ),
];

const UPSTREAM: &[(&str, &str, &str)] = &[
    ("orders:3000", "B2005", "a URL begins"),
    ("http://orders:3000", "B3101", "cleartext_upstream"),
    ("{ url: http://127.0.0.1:1/a, base_path: /b }", "B2026", "cannot stand together"),
    ("{ http2: true }", "B2004", "neither `url` nor `targets`"),
    ("{ url: http://127.0.0.1:1, targets: [http://127.0.0.1:2] }", "B2026", "cannot stand together"),
    ("{ targets: [http://127.0.0.1:1, https://127.0.0.1:2] }", "B2026", "one scheme"),
    ("{ targets: [http://127.0.0.1:1/a, http://127.0.0.1:2/b] }", "B2026", "one path"),
    ("{ targets: [http://127.0.0.1:1, http://127.0.0.1:1] }", "B2020", "the same"),
    ("{ targets: [http://127.0.0.1:1, http://orders:1] }", "B3101", "cleartext_upstream"),
    ("{ url: http://127.0.0.1:1, http2: true, connections_max: 5 }", "B2026", "at most 4"),
    ("{ url: http://127.0.0.1:1, health: { path: healthz } }", "B2005", "begins with `/`"),
    ("{ url: http://127.0.0.1:1, health: { path: /h, status: 299-200 } }", "B2005", "`status`"),
    ("{ url: http://127.0.0.1:1, health: { path: /h, status: ok } }", "B2005", "`status`"),
    ("{ url: http://127.0.0.1:1, dns: { server: dns.example } }", "B2005", "address"),
    ("{ url: http://127.0.0.1:1, tls: { server_name: a.example } }", "B2026", "no effect"),
    ("{ url: https://127.0.0.1:1, tls: { ca: keys.json } }", "B2008", "certificate"),
    ("{ url: https://127.0.0.1:1, tls: { server_name: a b } }", "B2005", "name"),
    ("{ url: https://127.0.0.1:1, tls: { certificate: keys.json } }", "B2026", "`key`"),
    (
        "{ url: https://127.0.0.1:1, tls: { certificate: keys.json, key: \"${env:SECRET}\" } }",
        "B2008",
        "certificate",
    ),
];

const KEY: &[(&str, &str, &str)] = &[
    ("{ id: a }", "B2004", "neither `key` nor `sha256`"),
    ("{ id: a, key: \"${env:SHORT}\" }", "B2031", "128 bits"),
    ("{ id: a, sha256: abc }", "B2005", "64 hexadecimal"),
    ("{ id: a, key: \"${env:SECRET}\", expires: soon }", "B2005", "a date is"),
    ("{ id: a, key: \"${env:SECRET}\" }, { id: a, key: \"${env:OTHER}\" }", "B2020", "the same id"),
    ("{ id: a, key: \"${env:SECRET}\" }, { id: b, key: \"${env:SECRET}\" }", "B2020", "the same API key"),
];

/// Findings that come from a description, with the description.
fn described() -> Vec<(String, String, &'static str, &'static str)> {
    let with = |from: &str, to: &str| ORDERS.replace(from, to);
    vec![
        (GOOD.to_owned(), with("      security: []\n", ""), "B2101", "does not say who may call it"),
        (
            GOOD.to_owned(),
            with("scheme: bearer }", "scheme: basic }"),
            "B2107",
            "nothing can enforce security scheme `bearerAuth`",
        ),
        (
            GOOD.to_owned(),
            with("scheme: bearer }", "scheme: token }"),
            "B2107",
            "`type: apiKey, in: header, name: Authorization`",
        ),
        (
            GOOD.to_owned(),
            with(
                "https://api.example.com/v1\" }",
                "https://a.example/v1\" }, { url: \"https://a.example/v2\" }",
            ),
            "B2032",
            "different paths",
        ),
        (
            format!(
                "{}  more:\n    spec: orders.yaml\n    upstream: http://127.0.0.1:1\n",
                GOOD.replace("auth:", "x:").split("x:").next().unwrap()
            ) + "auth:\n  bearerAuth: { issuer: https://login.example.com/, audience: orders-api }\n",
            ORDERS.to_owned(),
            "B2024",
            "the same host and base path",
        ),
    ]
}

fn world(gateway: &str) -> World {
    let mut world = World::new(gateway);
    let oct = r#"{"kty":"oct","k":"AAAA","kid":"b"}]}"#;
    world.file("mixed.json", &super::world::JWKS.replace("]}", &format!(",{oct}")));
    world
}

fn assert_found(world: &World, code: &str, part: &str) {
    let (configuration, findings, sources) = world.read();
    let text = crate::render::findings(
        &findings,
        &sources,
        crate::render::Format::Text(crate::render::Style::Plain),
    );
    let found = findings.iter().find(|finding| {
        let mut words = vec![finding.sentence.clone(), finding.label.clone()];
        words.extend(finding.advice.clone());
        words.extend(finding.related.iter().map(|label| label.text.clone()));
        finding.code == code && words.iter().any(|words| words.contains(part))
    });
    let file = String::from_utf8_lossy(&world.files[std::path::Path::new("gateway.yaml")]).into_owned();
    let found = found.unwrap_or_else(|| panic!("no {code} with `{part}` for\n{file}\n{text}"));
    assert!(found.place.is_some(), "{code} has no place for\n{file}");
    let errors = findings.iter().any(model::Finding::is_error);
    assert_eq!(configuration.is_none(), errors, "{file}\n{text}");
    for secret in ["hunter2", "0123456789abcdef", "weak"] {
        assert!(!text.contains(secret), "a secret is shown for\n{file}");
    }
}

#[test]
fn what_is_wrong_is_found_with_its_code_and_its_place() {
    for (text, code, part) in cases() {
        assert_found(&world(&text), code, part);
    }
    for (gateway, description, code, part) in described() {
        let mut world = world(&gateway);
        world.file("orders.yaml", &description);
        assert_found(&world, code, part);
    }
}

#[test]
fn a_limit_that_cannot_be_meant_is_shown_where_it_stands() {
    let two = "limits:\n  - { per: client, rate: 5/s }\n  - { per: tenant, rate: 5/s, counts: cost }";
    let file = format!("{}{two}\n", super::world::api("operations: { health: { cost: 9 } }"));
    let line = file.lines().position(|line| line.contains("tenant")).unwrap() + 1;
    let (_, findings, _) = world(&file).read();
    let of = |code: &str| findings.iter().find(|finding| finding.code == code).unwrap();
    assert_eq!(of("B2044").place.as_ref().unwrap().line as usize, line);
    assert_eq!(of("B2043").related.first().unwrap().place.line as usize, line);
}

#[test]
fn a_file_that_is_not_there_is_found_without_a_place() {
    let (configuration, findings, _) = crate::read("absent.yaml".as_ref(), &World::new(""));
    assert!(configuration.is_none());
    assert_eq!(findings[0].code, "B2001");
}

#[test]
fn everything_wrong_is_found_at_once() {
    let text = root("lissten: 1\nsizes: { headers_max: 1 }\nlimits: [{ per: x, rate: y }]");
    let (_, findings, _) = World::new(&text).read();
    let codes: Vec<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["B2002", "B2005", "B2005", "B2005"]);
}

#[test]
fn every_code_of_the_file_has_a_case() {
    let elsewhere = [
        "B2050", "B2051", "B2052", "B2053", "B3000", "B3001", "B3002", "B3003", "B3004", "B3005", "B3201",
        "B3202", "B3203", "B3301", "B3302",
    ];
    let tried: Vec<_> =
        cases().iter().map(|case| case.1).chain(described().iter().map(|case| case.2)).collect();
    for entry in codes::ALL.iter().filter(|entry| !elsewhere.contains(&entry.code)) {
        assert!(tried.contains(&entry.code), "{} has no case", entry.code);
    }
    for code in tried {
        assert!(codes::explain(code).is_some(), "{code} is not explained");
    }
}

#[test]
fn a_scheme_that_one_alternative_does_without_is_only_warned_of() {
    let mut world = World::new(GOOD);
    world.file(
        "orders.yaml",
        &ORDERS.replace(
            "[{ bearerAuth: [orders.read] }]",
            "[{ bearerAuth: [orders.read] }, { partnerKey: [] }]",
        ),
    );
    let (configuration, findings, _) = world.read();
    assert!(configuration.is_some());
    let codes: Vec<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["B2103"]);
}
