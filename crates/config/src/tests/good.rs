use std::time::Duration;

use gateway::settings::{AuthenticatorKind, KeySource, Per, Sizes, Timeouts};

use super::world::{GOOD, JWKS, World, api, auth, key, root, upstream};
use crate::{Environment, WithoutSecrets};

#[test]
fn a_newcomers_file_is_enough() {
    let text = format!("{GOOD}listen: 127.0.0.1:8080\nlimits:\n  - {{ per: client, rate: 100/min }}\n");
    let configuration = World::new(&text).configuration();
    let settings = &configuration.settings;
    assert_eq!(settings.listeners[0].address.to_string(), "127.0.0.1:8080");
    let limit = &settings.limits[0];
    assert_eq!((limit.name.as_str(), limit.per, limit.count, limit.burst), ("client", Per::Client, 100, 100));
    let orders = &settings.apis[0];
    assert_eq!(
        (&*orders.name, orders.base_path.as_str(), orders.upstream.targets[0].port),
        ("orders", "/v1", 3000)
    );
    assert_eq!(orders.upstream.base_path, None);
    let AuthenticatorKind::Jwt(jwt) = &orders.authenticators["bearerAuth"][0].kind else { panic!() };
    assert!(matches!(jwt.keys, KeySource::Discovery));
    assert_eq!(jwt.audiences, ["orders-api"]);
    assert_eq!(jwt.algorithms, token::Algorithm::ASYMMETRIC);
    assert_eq!((jwt.types.join(" "), jwt.leeway), ("at+jwt jwt".to_owned(), Duration::from_secs(10)));
    assert_eq!(settings.hash.len(), 12);
    assert_eq!(configuration.state_dir.to_str(), Some(".bartizan"));
    assert_eq!(configuration.admin, None);
}

#[test]
fn json_says_the_same_as_yaml() {
    let mut world = World::new(GOOD);
    world.file(
        "gateway.json",
        r#"{"version": 1, "apis": {"orders": {"spec": "orders.yaml", "upstream": "http://127.0.0.1:3000"}},
            "auth": {"bearerAuth": {"issuer": "https://login.example.com/", "audience": "orders-api"}}}"#,
    );
    let (json, findings, _) = crate::read("gateway.json".as_ref(), &world);
    assert_eq!(findings, []);
    let plain = |mut configuration: crate::Configuration| {
        configuration.settings.hash.clear();
        for authenticator in configuration.settings.apis[0].authenticators.values_mut().flatten() {
            authenticator.place = None;
        }
        format!("{configuration:?}")
    };
    assert_eq!(plain(json.unwrap()), plain(world.configuration()));
}

#[test]
fn defaults_of_the_table_are_the_data_planes_own() {
    let settings = World::new(&root("sizes: {}\ntimeouts: {}")).configuration().settings;
    assert_eq!(settings.sizes, Sizes::default());
    assert_eq!(settings.timeouts, Timeouts::default());
    assert_eq!(settings.failed_authentications, gateway::settings::FailedAuthentications::default());
}

#[test]
fn a_shared_secret_verifies_what_it_signed() {
    let text = auth("{ issuer: a, audience: b, secret: \"${env:SECRET}\" }");
    let configuration = World::new(&text).configuration();
    let AuthenticatorKind::Jwt(jwt) = &configuration.settings.apis[0].authenticators["bearerAuth"][0].kind
    else {
        panic!()
    };
    assert_eq!(jwt.algorithms, [token::Algorithm::Hs256]);
    let KeySource::Secret(keys) = &jwt.keys else { panic!() };
    assert_eq!(keys.len(), 1);
}

#[test]
fn a_secret_file_loses_its_last_line_break_only() {
    let text = key("{ id: one, key: \"${file:secret}\" }");
    let mut world = World::new(&text);
    world.file("secret", "0123456789abcdef\n");
    let by_file = world.configuration();
    world.file("gateway.yaml", &key("{ id: one, key: \"${env:SAME}\" }"));
    world.secret("SAME", "0123456789abcdef");
    let by_variable = world.configuration();
    let sum = |configuration: &crate::Configuration| {
        let kinds = &configuration.settings.apis[0].authenticators["partnerKey"][0].kind;
        let AuthenticatorKind::ApiKeys(keys) = kinds else { panic!() };
        keys.keys[0].sha256
    };
    assert_eq!(sum(&by_file), sum(&by_variable));
}

#[test]
fn files_and_secrets_are_watched_and_secrets_are_not_in_the_hash() {
    let mut world = World::new(&auth("{ issuer: a, audience: b, secret: \"${file:secret}\" }"));
    world.file("secret", "0123456789abcdef0123456789abcdef");
    let (before, _, sources) = world.read();
    let watched: Vec<_> = sources.looks().keys().filter_map(|path| path.to_str()).collect();
    assert_eq!(watched, ["gateway.yaml", "orders.yaml", "secret"]);
    world.file("secret", "fedcba9876543210fedcba9876543210");
    let (after, _, _) = world.read();
    let hash = |configuration: Option<crate::Configuration>| configuration.unwrap().settings.hash;
    let before = hash(before);
    assert_eq!(before, hash(after));
    world.file("orders.yaml", &super::world::ORDERS.replace("Orders", "Orders of old"));
    assert_ne!(before, hash(world.read().0));
}

#[test]
fn what_changes_while_it_is_read_looks_otherwise_than_it_was_noted() {
    use std::cell::RefCell;
    use std::io;
    use std::path::{Path, PathBuf};

    /// Each file grows by a line as soon as it was read.
    struct Restless(RefCell<World>);

    impl Environment for Restless {
        fn variable(&self, name: &str) -> Option<std::ffi::OsString> {
            self.0.borrow().variable(name)
        }
        fn look(&self, path: &Path) -> crate::Look {
            self.0.borrow().look(path)
        }
        fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
            let read = Environment::read(&*self.0.borrow(), path)?;
            let name = path.to_str().unwrap_or_default();
            self.0.borrow_mut().file(name, &format!("{}\n", String::from_utf8_lossy(&read)));
            Ok(read)
        }
        fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
            self.0.borrow().list(directory)
        }
        fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
            self.0.borrow().canonical(path)
        }
    }

    let restless =
        Restless(RefCell::new(World::new(&auth("{ issuer: a, audience: b, secret: \"${file:secret}\" }"))));
    restless.0.borrow_mut().file("secret", "0123456789abcdef0123456789abcdef");
    let (_, _, sources) = crate::read("gateway.yaml".as_ref(), &restless);
    assert_eq!(sources.looks().len(), 3);
    for (path, look) in sources.looks() {
        assert_ne!(restless.look(path), *look, "{path:?}");
    }
}

#[test]
fn what_was_named_and_is_absent_is_watched() {
    let world = World::new(&auth("{ issuer: a, audience: b, secret: \"${file:absent}\" }"));
    let (usable, _, sources) = world.read();
    assert!(usable.is_none());
    assert_eq!(sources.looks().get(std::path::Path::new("absent")), Some(&None));
}

#[test]
fn without_secrets_nothing_is_asked_of_the_machine() {
    let text = auth("{ issuer: a, audience: b, secret: \"${env:ABSENT}\" }").replace(
        "auth:\n",
        "    identity: { assertion: { issuer: a, audience: b, key: \"${file:absent}\" } }\nauth:\n",
    );
    let world = World::new(&text);
    assert!(world.read().0.is_none());
    let (configuration, findings, _) = crate::read("gateway.yaml".as_ref(), &WithoutSecrets(world));
    assert_eq!(findings, []);
    assert!(configuration.is_some());
}

#[test]
fn an_api_replaces_the_files_auth_scheme_by_scheme() {
    let text = api("auth:\n  bearerAuth: { issuer: https://b.example/, audience: other }");
    let settings = World::new(&text).configuration().settings;
    let AuthenticatorKind::Jwt(jwt) = &settings.apis[0].authenticators["bearerAuth"][0].kind else {
        panic!()
    };
    assert_eq!(&*jwt.issuer, "https://b.example/");
}

#[test]
fn an_upstreams_path_replaces_the_base_path_and_a_slash_strips_it() {
    for (entry, base_path) in [
        ("http://127.0.0.1:3000", None),
        ("http://127.0.0.1:3000/", None),
        ("http://127.0.0.1:3000/api/", Some("/api")),
        ("{ url: http://127.0.0.1:3000, base_path: / }", Some("")),
        ("{ url: http://127.0.0.1:3000, base_path: /api }", Some("/api")),
    ] {
        let settings = World::new(&upstream(entry)).configuration().settings;
        assert_eq!(settings.apis[0].upstream.base_path.as_deref(), base_path, "{entry}");
    }
}

#[test]
fn limits_have_names_that_tell_them_apart() {
    let text = api(
        "limits: [{ per: client, rate: 5/s }]\noperations:\n  createOrder:\n    limits: [{ per: client, rate: 1/s }]",
    );
    let text = format!("{text}limits: [{{ per: client, rate: 100/min }}, {{ per: client, rate: 20/s }}]\n");
    let settings = World::new(&text).configuration().settings;
    let names: Vec<_> =
        settings.limits.iter().chain(&settings.apis[0].limits).map(|limit| limit.name.as_str()).collect();
    assert_eq!(names, ["client", "client-20-1s", "client-5-1s", "createOrder-client"]);
    assert_eq!(settings.apis[0].limits[1].operations, ["createOrder"]);
}

#[test]
fn the_default_state_dir_is_the_tables() {
    let key = crate::keys::ROOT.key("state_dir").unwrap();
    assert_eq!(key.presence, tape::keys::Presence::Default(crate::STATE_DIR));
    let mut world = World::new("version: 1\nstate_dir: /var/lib/gate\nnonsense: [");
    assert_eq!(crate::state_dir("gateway.yaml".as_ref(), &world).to_str(), Some(".bartizan"));
    world.file("gateway.yaml", "version: 7\nstate_dir: /var/lib/gate\nnonsense: 1");
    assert_eq!(crate::state_dir("gateway.yaml".as_ref(), &world).to_str(), Some("/var/lib/gate"));
}

#[test]
fn a_key_set_in_a_file_is_read() {
    assert!(JWKS.contains("Ed25519"));
    let text = auth("{ issuer: a, audience: b, jwks: keys.json }");
    let settings = World::new(&text).configuration().settings;
    let AuthenticatorKind::Jwt(jwt) = &settings.apis[0].authenticators["bearerAuth"][0].kind else {
        panic!()
    };
    let KeySource::Jwks(keys) = &jwt.keys else { panic!() };
    assert!(keys.has_kid("a"));
}
