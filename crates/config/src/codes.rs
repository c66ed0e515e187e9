//! The catalogue of what can be found in a gateway file: every code with its title and its explanation.

pub use openapi::codes::Explained;

/// The entry for a code of the gateway file or of a description.
pub fn explain(code: &str) -> Option<&'static Explained> {
    all().find(|entry| entry.code.eq_ignore_ascii_case(code))
}

/// Every code, ascending.
pub fn all() -> impl Iterator<Item = &'static Explained> {
    openapi::codes::ALL.iter().chain(ALL).chain(policy::codes::ALL).chain(seclang::codes::ALL).chain(WAF)
}

const fn code(code: &'static str, title: &'static str, text: &'static str) -> Explained {
    Explained { code, title, text }
}

/// B20xx: the file itself. B21xx: the file against the descriptions. B30xx: what the data plane refuses to prepare.
/// B31xx: what gives up a protection. B32xx: what a change means. B33xx: what needs a restart.
pub const ALL: &[Explained] = &[
    code(
        "B2001",
        "the gateway file cannot be read",
        "The file is absent, not readable, or neither YAML nor JSON. Mend the marked place, or name another file with `--config` or `BARTIZAN_CONFIG`.",
    ),
    code(
        "B2002",
        "a key is not known",
        "Every key of the gateway file is known, so a key that is not is a mistake: a protection that was meant would silently be absent. `bartizan schema` prints every key.",
    ),
    code(
        "B2003",
        "a value has the wrong shape",
        "A text, a number, a list or a mapping was expected and something else stands there. `bartizan schema` says what each key takes.",
    ),
    code(
        "B2004",
        "something that is needed is missing",
        "A key without a safe default is absent, or a list that must hold something is empty. Add it.",
    ),
    code(
        "B2005",
        "a value is not accepted",
        "The value has no unit or an unknown one, lies outside its range, or is not well-formed. The message says what is accepted. Durations end in ms, s, min, h, d or y; sizes in KiB, MiB or GiB; rates read `100/min`.",
    ),
    code(
        "B2006",
        "the version of the file is not known",
        "`version` says which shape the file has, so that an old gateway does not misread a new file. Only 1 exists.",
    ),
    code(
        "B2007",
        "a file that is named cannot be read",
        "A certificate, a set of keys or another file is absent or not readable. Paths are relative to the gateway file.",
    ),
    code(
        "B2008",
        "a certificate cannot be used",
        "The file is not PEM, holds no certificate, or does not fit its key. Put the certificate first and its chain after it.",
    ),
    code(
        "B2009",
        "a description cannot be used",
        "Nothing of the description could be read, so the API would serve nothing. The findings about the description say why.",
    ),
    code(
        "B2010",
        "a secret stands in the file",
        "Files are copied, committed and shown on screens, so secrets never stand in them. Write `${env:NAME}` or `${file:/run/secrets/name}`, and change a secret that was ever written down.",
    ),
    code(
        "B2011",
        "a secret cannot be had",
        "The environment variable is not set, or the file is absent, empty or not readable. Secrets are read when the configuration is, never later.",
    ),
    code(
        "B2012",
        "a kind of reference does not exist",
        "References are `${env:NAME}` and `${file:/path}`. Others do not exist in this version.",
    ),
    code(
        "B2013",
        "a reference stands where a plain value belongs",
        "Only secrets are references. Everything else stands in the file, so that what is reviewed is what runs.",
    ),
    code(
        "B2020",
        "a name is used twice",
        "Limits, API keys, listeners and the issuers of one scheme must be told apart. Rename or remove one.",
    ),
    code(
        "B2021",
        "an operation is not known",
        "The description has no operation with this id, so the entry would protect nothing. An operation is called by its `operationId`, or `GET /orders/{id}` when it has none; `bartizan routes` lists them.",
    ),
    code(
        "B2022",
        "a check is not known",
        "The gateway has no check with this name, so the entry would have no effect.",
    ),
    code(
        "B2023",
        "a check can only be enforced",
        "Checks that identify the caller or strip headers are what later checks and the service rely on; they have neither `watch` nor `off`.",
    ),
    code(
        "B2024",
        "two APIs cannot be told apart",
        "A request is given to an API by its host and base path; two APIs have both in common.",
    ),
    code(
        "B2026",
        "two keys do not fit together",
        "One of the keys makes the other meaningless. Remove the one that was not meant, so that nobody relies on it.",
    ),
    code(
        "B2027",
        "every origin may send credentials",
        "With `*` and credentials any page that a user visits could act in their name. List the origins that may.",
    ),
    code(
        "B2028",
        "an algorithm does not fit the key",
        "HS256, HS384 and HS512 are verified with a shared secret, everything else with a public key. Accepting both for one key is how public keys have been used to forge tokens. An algorithm that no key of the configured set can verify would refuse every token at run time.",
    ),
    code(
        "B2029",
        "a key cannot be used",
        "The key is too short, not in the expected form, or of a kind that cannot do what is asked. Secrets need 256 bits; RSA 2048; the assertion's key is Ed25519 or P-256 in PKCS#8.",
    ),
    code(
        "B2030",
        "a key of a set is left out",
        "The set holds a key that cannot verify tokens: for encryption, too short, symmetric or of an unknown kind. Tokens signed with it are refused.",
    ),
    code(
        "B2031",
        "an API key is too short",
        "A key under 128 bits can be guessed. Make a new one from random bytes.",
    ),
    code(
        "B2032",
        "the base path is not clear",
        "The servers of the description have different paths, and the file does not say which one is served. Add `base_path`.",
    ),
    code(
        "B2033",
        "a scheme asks two introspection endpoints",
        "A token that is not a JWT does not say whose it is, and is shown to one issuer only. Keep one entry with `introspection` for each scheme; another issuer's tokens need a scheme of their own, or JWTs.",
    ),
    code(
        "B2034",
        "a body may be larger than all bodies together",
        "`sizes.body_bytes_max` is above `sizes.buffered_bytes_max`, the room for every body that is read whole, so a body between the two would get 503 for ever. Bodies that only stream do not need the room: give their operation a `body_bytes_max` of its own.",
    ),
    code(
        "B2035",
        "the legacy token cannot be made",
        "Its key does not fit its algorithm, its header is no header, or a claim comes from nowhere or from two places. Without the token the service would know no caller.",
    ),
    code(
        "B2036",
        "the service would get two credentials",
        "`identity.forward_credential` passes the caller's credential on, and `identity.legacy_token` makes another. A service that finds two may believe either. Keep one.",
    ),
    code(
        "B2050",
        "a certificate is not valid now",
        "It has expired, or its time has not come. Clients refuse it, so nobody who verifies certificates gets an answer by TLS. Put a new one in the same place: the files are watched.",
    ),
    code(
        "B2051",
        "a certificate expires soon",
        "Less than 21 days are left. Renew it and put it in the same place: the files are watched, and a new certificate needs no restart. `tls.acme` renews by itself.",
    ),
    code(
        "B2052",
        "a host has no certificate",
        "An API is served at a host that no certificate of a listener is for. With one certificate it is shown nevertheless, and clients refuse it; with several the handshake is refused.",
    ),
    code(
        "B2053",
        "a certificate's name belongs to no API",
        "No API is served at this name of a certificate, so requests for it are refused with 421. Add it to the `hosts` of an API, or leave it out of the certificate.",
    ),
    code(
        "B2054",
        "a name cannot be validated",
        "With `challenge: http-01` the authority asks at port 80, without TLS. A listener with `http: redirect` answers it and sends everybody else to TLS.",
    ),
    code(
        "B2040",
        "a class is not known",
        "An operation is put in a class that neither stands under `classes` nor is built in, so it would have none of the limits that were meant. The built-in classes are partner, batch, public_form, authentication and sensitive.",
    ),
    code(
        "B2041",
        "an API is not known",
        "A class lists an API that the file does not have, so the entry would have no effect.",
    ),
    code(
        "B2042",
        "a class is not used",
        "No operation and no caller is in the class, so its limits and its importance have no effect.",
    ),
    code(
        "B2043",
        "a call costs more than a limit ever lets pass",
        "A limit that counts cost holds less than one call of the operation takes, so every call would be refused. Raise the limit's `burst` or `daily`, or lower the operation's `cost`.",
    ),
    code(
        "B2044",
        "no caller has a tenant",
        "A limit counts per tenant, and nothing says to which organisation a caller belongs: neither `tenant.claim` nor a `tenant` of an API key. Callers are counted by their client instead, then by their address.",
    ),
    code(
        "B2107",
        "a security scheme cannot be enforced",
        "The operation asks for a kind of credential that the gateway does not verify, such as Basic, client certificates, or a key in the query or a cookie. To let the request through would be to pretend.",
    ),
    code(
        "B2108",
        "a scheme is configured that nothing uses",
        "`auth` has an entry for a scheme that no description declares. It protects nothing; most often its name is misspelt.",
    ),
    code(
        "B2109",
        "no audience is named",
        "Without an audience, a token that was given out for another service opens this one. Name what the issuer writes into `aud`.",
    ),
    code(
        "B2110",
        "the entry does not fit the scheme",
        "The description says API key and the file configures tokens, or the other way round. Change the entry, or correct the description by an overlay.",
    ),
    code(
        "B3000",
        "the gateway could not be prepared",
        "Something inside the gateway could not be made ready from this configuration. This is a fault of the program; please report it with the file.",
    ),
    code(
        "B3001",
        "a mode cannot be set",
        "The mode of a check that does not exist, or of one that can only be enforced, was set. `bartizan check` shows the place.",
    ),
    code(
        "B3002",
        "a check cannot be prepared",
        "A check could not be made ready for an operation, so the configuration does not come into force: the operation would be without its protection.",
    ),
    code(
        "B3003",
        "an upstream cannot be used",
        "The upstream's trusted roots or its TLS could not be set up. Check `upstream.tls` and the system's certificates.",
    ),
    code(
        "B3004",
        "traces cannot be sent",
        "The exporter of traces could not be set up for the endpoint of `telemetry`. Check its URL, and that `egress.allow` names its network.",
    ),
    code(
        "B3005",
        "`x-bartizan` is not understood",
        "The members of `x-bartizan` are a closed list, so that a misspelt one is not a protection that is silently absent. Correct the member's name or value in the description or the overlay.",
    ),
    code(
        "B3101",
        "cleartext beyond this machine",
        "Requests, tokens or answers would cross a network unencrypted. Use TLS. Where the network itself is trusted, the switch under `insecure` allows it, and every start warns.",
    ),
    code(
        "B3102",
        "cleartext beyond this machine is allowed",
        "A switch under `insecure` allows it. The warning appears at each start.",
    ),
    code(
        "B3103",
        "an insecure switch is not needed",
        "A switch under `insecure` allows nothing that is configured. Remove it: left in place, it would let a later change become insecure with a warning where there should be an error.",
    ),
    code(
        "B3110",
        "legacy tokens are accepted",
        "`insecure.legacy_token` accepts tokens without `iss`, `aud` and `typ`, so tokens of the same key for other purposes are accepted too. They are still checked when present.",
    ),
    code(
        "B3111",
        "short keys are accepted",
        "`insecure.short_key` accepts secrets that can be guessed offline from one token, or API keys that can be guessed.",
    ),
    code(
        "B3112",
        "undeclared requests are forwarded",
        "`undeclared: observe` forwards what the description does not list, unauthenticated and not validated. It serves to learn what exists; go back to `refuse` afterwards.",
    ),
    code(
        "B3113",
        "a check refuses nothing",
        "The check is off or only watches: what it would refuse passes.",
    ),
    code(
        "B3120",
        "every address is a trusted proxy",
        "`trusted_proxies` names all addresses or a large part of them, in one network or in several, so anybody who reaches the listener can write the address that their requests count under: limits, locks and the block list would hold nobody. Name the networks of your own proxies.",
    ),
    code(
        "B3201",
        "a protection would be given up by a change",
        "`bartizan diff` found that the new configuration protects less than the old one.",
    ),
    code(
        "B3202",
        "a change for security",
        "`bartizan diff` found a difference that is neither weaker nor stronger, or that is stronger.",
    ),
    code(
        "B3203",
        "a change that cannot be judged",
        "`bartizan diff` found a difference that may let something pass that did not: who callers are, whose an object is, or what a policy asks comes from elsewhere. Somebody has to look at it; `--fail-on weaker` ends with 1 for it.",
    ),
    code(
        "B3301",
        "a change needs a restart",
        "`state_dir`, the room for records, and the numbers of counters and tokens held are set up when the process starts. The rest of the new configuration is in force; `bartizan serve --replace` takes over without refusing a connection, and a stop and a start do it too.",
    ),
    code(
        "B3302",
        "a listener cannot be opened",
        "The address of a listener or of the administration port cannot be bound, or what it needs (a certificate, the token file) cannot be used. Nothing of the new configuration is in force. An address that overlaps one that is listened on (`0.0.0.0` beside `127.0.0.1` with the same port) takes two steps: first without the old one, then with the new one.",
    ),
];

/// B51xx: the rules against the gateway file.
pub const WAF: &[Explained] = &[
    code(
        "B5101",
        "`SecRuleEngine` has no effect",
        "The mode of the check `waf` decides whether rules refuse, watch or do not run, for each API and operation; what files of rules say of it is passed over.",
    ),
    code(
        "B5102",
        "an exclusion concerns no rule",
        "No rule that is loaded has this id or tag, so the exclusion does nothing: it is misspelt, or the rules have changed.",
    ),
    code(
        "B5103",
        "an exclusion cannot be read",
        "An exclusion names either a rule's id or a tag, and may name one variable, such as `ARGS:comment` or `REQUEST_COOKIES:/^_ga/`.",
    ),
    code(
        "B5104",
        "the WAF has no rules",
        "`own_rules` is off and `rules` is empty, so the check `waf` looks at nothing.",
    ),
    code(
        "B5105",
        "a directive has no effect, since the gateway decides",
        "Limits of bodies and what is looked at of answers are said in the gateway file for all rules alike: `arguments_max`, `body_bytes_max`, `depth_max` and `answers` of `waf`. What is beyond a limit is refused.",
    ),
];

#[cfg(test)]
mod tests;
