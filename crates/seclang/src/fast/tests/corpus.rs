//! Requests to compare with: those of the Core Rule Set's own tests, honest ones, and mutations of both.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use mutate::Random;

/// At least `count` requests, the same ones each time.
pub fn requests(count: usize) -> Vec<Vec<u8>> {
    let mut all = honest();
    let root = crate::trial::crs_folder();
    collect(&root.join("tests/regression/tests"), &mut all);
    let mut random = Random::new(20_261_122);
    let known = all.len();
    while all.len() < count {
        let mut raw = all[random.below(known)].clone();
        match random.below(3) {
            0 => random.mutate(&mut raw),
            1 => {
                let other = all[random.below(known)].clone();
                splice(&mut raw, &other, &mut random);
            }
            _ => escape(&mut raw, &mut random),
        }
        // What has no line at all is no request.
        if crate::wire::read(&Bytes::copy_from_slice(&raw)).is_some() {
            all.push(raw);
        }
    }
    all
}

fn collect(folder: &Path, all: &mut Vec<Vec<u8>>) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let tests = crate::ftw::read(Bytes::from(std::fs::read(&path).unwrap())).unwrap();
            all.extend(tests.into_iter().flat_map(|test| test.stages).map(|stage| stage.request));
        }
    }
}

/// Traffic of an API that nobody attacks.
fn honest() -> Vec<Vec<u8>> {
    let mut random = Random::new(5);
    let words = [
        "blue",
        "Shoes",
        "order-17",
        "2026-11-22",
        "jane@example.com",
        "12.50",
        "São Paulo",
        "a b",
        "true",
        "",
    ];
    let mut requests = Vec::new();
    for number in 0..1_500 {
        let mut word = || words[random.below(words.len())];
        let target = format!(
            "/api/v1/orders/{number}?q={}&sort={}",
            word().replace(' ', "+"),
            word().replace(' ', "%20")
        );
        let head = format!(
            "Host: api.test\r\nUser-Agent: app/{number}\r\nAccept: application/json\r\nCookie: s={number}"
        );
        let raw = match number % 3 {
            0 => format!("GET {target} HTTP/1.1\r\n{head}\r\n\r\n"),
            1 => {
                let body = format!(
                    "{{\"name\":\"{}\",\"items\":[{{\"sku\":\"{}\",\"n\":{number}}}]}}",
                    word(),
                    word()
                );
                let length = body.len();
                format!(
                    "POST {target} HTTP/1.1\r\n{head}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
                )
            }
            _ => {
                let body = format!("name={}&note={}", word(), word());
                let (kind, length) = ("application/x-www-form-urlencoded", body.len());
                format!(
                    "POST {target} HTTP/1.1\r\n{head}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
                )
            }
        };
        requests.push(raw.into_bytes());
    }
    requests
}

/// Puts a piece of `other` into `raw`.
fn splice(raw: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let start = random.below(other.len().max(1));
    let end = (start + random.below(60)).min(other.len());
    let at = random.below(raw.len().max(1));
    raw.splice(at..at, other[start..end].iter().copied());
}

/// Writes some bytes of `raw` in another way that decoders read the same.
fn escape(raw: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..4 {
        let at = random.below(raw.len().max(1));
        let Some(byte) = raw.get(at).copied().filter(u8::is_ascii_graphic) else { continue };
        let written = match random.below(6) {
            0 => format!("%{byte:02x}"),
            1 => format!("%u00{byte:02X}"),
            2 => format!("&#x{byte:x};"),
            3 => format!("\\x{byte:02x}"),
            4 => format!("\\u00{byte:02x}"),
            _ => format!("%25{byte:02x}"),
        };
        raw.splice(at..=at, written.into_bytes());
    }
}
