//! Rooms depend downwards: each room stands on a floor, and an arrow goes to a lower floor only.

use serde_json::Value;

use super::dependencies::{packages, text};

/// The floor of each room.
const FLOORS: &[(&str, u8)] = &[
    ("model", 0),
    ("tape", 0),
    ("mutate", 0),
    ("openapi", 1),
    ("policy", 1),
    ("seclang", 1),
    ("token", 1),
    ("net", 1),
    ("gateway", 2),
    ("acme", 2),
    ("config", 3),
    ("demo", 2),
    ("victim", 3),
    ("control", 4),
    ("bartizan", 5),
    ("e2e", 6),
    ("xtask", 6),
];

/// Arrows within a floor.
const WITHIN: &[(&str, &str)] = &[("policy", "openapi")];

/// Parts of others that only one room may use: the invariants about sockets, in short.
const RESERVED: &[(&str, &[&str])] = &[
    ("socket2", &["net"]),
    ("rustix", &["net"]),
    ("listenfd", &["net"]),
    ("tokio-rustls", &["net"]),
    ("hyper-util", &["net"]),
    ("hickory-resolver", &["net"]),
    ("jsonschema", &["openapi"]),
    ("cedar-policy-core", &["policy"]),
    ("clap", &["bartizan"]),
];

/// Rooms without I/O, async or clock.
const ENGINES: &[&str] = &["model", "tape", "openapi", "policy", "seclang", "token"];
const NOT_IN_ENGINES: &[&str] = &["tokio", "hyper", "metrics", "opentelemetry"];

pub fn faults(metadata: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let ours = packages(metadata).filter(|package| text(package, "source").is_empty());
    for package in ours {
        let room = text(package, "name");
        let Some(floor) = floor(room) else {
            faults.push(format!("room `{room}` has no floor in the list of tidy"));
            continue;
        };
        let dependencies = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        for dependency in dependencies.filter(|dependency| text(dependency, "kind").is_empty()) {
            let name = text(dependency, "name");
            if let Some(other) = self::floor(name)
                && other >= floor
                && !WITHIN.contains(&(room, name))
            {
                faults.push(format!("arrow `{room}` -> `{name}` does not point down a floor"));
            }
            if let Some((_, rooms)) = RESERVED.iter().find(|(reserved, _)| *reserved == name)
                && !rooms.contains(&room)
            {
                faults.push(format!("`{room}` uses `{name}`, which is reserved for {rooms:?}"));
            }
            if ENGINES.contains(&room) && NOT_IN_ENGINES.contains(&name) {
                faults.push(format!("`{room}` is an engine and must not use `{name}`"));
            }
        }
    }
    faults
}

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}
