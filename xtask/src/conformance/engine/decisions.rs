//! The decisions behind the matches: with the engine on, who is refused at each paranoia level.
//!
//! The regression tests run in detection mode and never block. Here every request of theirs is refused if and only if a
//! score reaches its threshold or a rule refuses by itself, a level refuses whatever the level below it does, and
//! ordinary requests pass at level 1.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use seclang::ftw::{self, Test};
use seclang::request::Request;
use seclang::{Limits, RuleSet, Transaction};
use serde_json::json;

use super::front;
use super::rules::{self, Data};

/// How one paranoia level decided.
#[derive(Debug)]
pub struct Level {
    pub level: u8,
    pub requests: usize,
    pub refused: usize,
    pub benign: usize,
    pub benign_refused: usize,
    /// Request and what is wrong with its decision.
    pub wrong: Vec<(String, String)>,
}

impl Level {
    pub fn to_json(&self) -> serde_json::Value {
        let wrong: Vec<_> = self.wrong.iter().map(|(test, why)| json!({"test": test, "why": why})).collect();
        json!({
            "level": self.level,
            "requests": self.requests,
            "refused": self.refused,
            "benign": self.benign,
            "benign_refused": self.benign_refused,
            "wrong": wrong,
        })
    }
}

/// Two levels at a time.
pub fn run(data: &Data, suite: &[Test]) -> Result<Vec<Level>, String> {
    let mut decided = Vec::new();
    for pair in [[1, 2], [3, 4]] {
        let both = std::thread::scope(|scope| {
            let threads = pair.map(|level| {
                scope.spawn(move || Ok::<_, String>(judge(&rules::blocking(data, level)?, level, suite)))
            });
            threads.map(|thread| thread.join().unwrap_or_else(|_| Err("a level broke off".to_owned())))
        });
        for level in both {
            decided.push(level?);
        }
    }
    let mut below: BTreeSet<String> = BTreeSet::new();
    let mut levels = Vec::new();
    for (mut level, refused) in decided {
        for id in below.difference(&refused) {
            let why = format!("level {} refuses it, and this one does not", level.level - 1);
            level.wrong.push((id.clone(), why));
        }
        below = refused;
        levels.push(level);
    }
    Ok(levels)
}

/// The level, and which requests it refuses.
fn judge(rules: &Arc<RuleSet>, level: u8, suite: &[Test]) -> (Level, BTreeSet<String>) {
    let mut refused = BTreeSet::new();
    let mut judged =
        Level { level, requests: 0, refused: 0, benign: 0, benign_refused: 0, wrong: Vec::new() };
    for test in suite {
        for (position, stage) in test.stages.iter().enumerate() {
            let Ok((request, body)) = front::enter(&stage.request) else { continue };
            let id = format!("{} stage {position}", test.id);
            judged.requests += 1;
            let transaction = ftw::run(rules, Limits::default(), request, &body, ftw::reflect).1;
            if let Some(why) = contradiction(&transaction, level) {
                judged.wrong.push((id.clone(), why));
            }
            if transaction.interruption().is_some() {
                judged.refused += 1;
                refused.insert(id);
            }
        }
    }
    for (name, sent) in benign() {
        judged.benign += 1;
        let Ok((request, body)) = front::enter(&sent) else {
            judged.wrong.push((name, "an ordinary request is refused at the door".to_owned()));
            continue;
        };
        if let Some(interruption) = decide(rules, request, &body).interruption() {
            judged.benign_refused += 1;
            if level == 1 {
                judged
                    .wrong
                    .push((name, format!("an ordinary request is refused by {}", interruption.rule_id)));
            }
        }
    }
    (judged, refused)
}

fn decide(rules: &Arc<RuleSet>, request: Request, body: &Bytes) -> Transaction {
    ftw::run(rules, Limits::default(), request, body, ftw::reflect).1
}

/// Rules that refuse by their score.
const BY_SCORE: &[u64] = &[949_110, 949_111, 959_100, 959_101];

/// Why the decision does not follow from the scores, or a score from the matches; `None` when they do.
fn contradiction(transaction: &Transaction, level: u8) -> Option<String> {
    let number = |name: &str| -> i64 {
        let text = transaction.tx(name).and_then(|text| std::str::from_utf8(text).ok());
        text.and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    let by = transaction.interruption().map(|interruption| interruption.rule_id);
    if by.is_some_and(|by| !BY_SCORE.contains(&by)) {
        // A rule that refuses by itself; the scores had not been added up.
        return None;
    }
    let mut over = false;
    for direction in ["inbound", "outbound"] {
        let score = number(&format!("blocking_{direction}_anomaly_score"));
        over |= score >= number(&format!("{direction}_anomaly_score_threshold"));
        let summed = added(transaction, direction, level);
        let is_final = by.is_none() || direction == "inbound";
        if is_final && score != summed {
            return Some(format!("the {direction} score is {score}, and the matches add up to {summed}"));
        }
    }
    match by {
        None if over => Some("it passes with a score at its threshold".to_owned()),
        Some(by) if !over => Some(format!("{by} refuses it with a score below its threshold")),
        _ => None,
    }
}

/// What the matches added to the scores of the levels up to this one.
fn added(transaction: &Transaction, direction: &str, level: u8) -> i64 {
    let names: Vec<_> = (1..=level).map(|level| format!("tx.{direction}_anomaly_score_pl{level}")).collect();
    let sums = transaction.matches().iter().flat_map(|found| &found.scored);
    sums.filter(|sum| names.contains(&sum.name)).map(|sum| sum.change).sum()
}

const HEAD: &str = "Host: shop.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 \
                    Firefox/140.0\r\nAccept: application/json, text/plain, */*\r\nAccept-Language: en-GB,en;q=0.7\r\n";

/// Requests that nobody should refuse.
fn benign() -> Vec<(String, Vec<u8>)> {
    let gets = [
        "/",
        "/api/v1/orders?status=open&limit=20&sort=-created_at&q=blue+shoes",
        "/search?q=caf%C3%A9+cr%C3%A8me",
        "/products/42/reviews?page=2",
        "/users/6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "/static/app.4f2a.js?v=1.2.3",
        "/calendar?from=2026-11-01T00:00:00Z&to=2026-11-30",
        "/geo?lat=48.137&lon=11.575",
        "/tags/rust/page/3",
        "/login?next=%2Faccount%2Forders",
        "/export?columns=id,name,price",
        "/health",
    ];
    let json = [
        "{\"name\":\"Ann O'Neil\",\"email\":\"ann@shop.example\",\"age\":34}",
        "{\"items\":[{\"sku\":\"A-1\",\"quantity\":2,\"note\":\"please wrap it\"}],\"paid\":false,\"coupon\":null}",
        "{\"title\":\"Hello world\",\"text\":\"A short text, with commas and a question?\",\"tags\":[\"a\",\"b\"]}",
        "[1,2,3]",
        "{\"address\":{\"street\":\"Main Street 5\",\"city\":\"Z\\u00fcrich\",\"zip\":\"8001\"}}",
    ];
    let forms = [
        "name=Ann&city=Bern&newsletter=on",
        "q=two+words&page=1",
        "comment=Nice+shoes%2C+thank+you%21&rating=5",
    ];
    let mut all: Vec<_> = gets
        .iter()
        .map(|target| (format!("GET {target}"), format!("GET {target} HTTP/1.1\r\n{HEAD}\r\n").into_bytes()))
        .collect();
    let mut post = |media_type: &str, body: &str| {
        let length = body.len();
        let sent = format!(
            "POST /api/v1/things HTTP/1.1\r\n{HEAD}Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        all.push((format!("POST {body}"), sent.into_bytes()));
    };
    json.iter().for_each(|body| post("application/json", body));
    forms.iter().for_each(|body| post("application/x-www-form-urlencoded", body));
    all
}
