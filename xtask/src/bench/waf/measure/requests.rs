//! The requests that both engines get, byte for byte. Nothing in them is an attack.

use crate::bench::files::TOKEN;

const TOKEN_BYTES: usize = 300;
/// Each has four leaves; one more stands beside the list.
const ITEMS_1_KIB: usize = 10;
const ITEMS_16_KIB: usize = 154;

pub struct Request {
    pub name: &'static str,
    /// Head and body.
    pub bytes: Vec<u8>,
    /// In a round: so many that the clock's step does not count, so few that the peer is done in seconds.
    pub ours_a_round: usize,
    pub peer_a_round: usize,
    /// Microseconds, at most.
    pub goal_us: f64,
}

pub fn all() -> [Request; 3] {
    let get = head("GET /api/v1/orders?status=open&limit=20&sort=-created_at&q=blue+shoes");
    [
        Request {
            name: "get",
            bytes: format!("{get}\r\n").into_bytes(),
            ours_a_round: 2_000,
            peer_a_round: 200,
            goal_us: 60.0,
        },
        Request {
            name: "json_1k",
            bytes: post(&order(ITEMS_1_KIB)),
            ours_a_round: 400,
            peer_a_round: 50,
            goal_us: 300.0,
        },
        Request {
            name: "json_16k",
            bytes: post(&order(ITEMS_16_KIB)),
            ours_a_round: 40,
            peer_a_round: 8,
            goal_us: 4_000.0,
        },
    ]
}

/// What both have to refuse, so that it is known that both look.
pub fn attack() -> Vec<u8> {
    format!("{}\r\n", head("GET /api/v1/orders?q=%3Cscript%3Ealert(1)%3C/script%3E")).into_bytes()
}

/// Five header fields.
fn head(line: &str) -> String {
    let token = TOKEN.get(..TOKEN_BYTES).unwrap_or(TOKEN);
    format!(
        "{line} HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: orders-app/4.2 (iOS 18.1)\r\n\
         Accept: application/json\r\nAccept-Language: en-GB,en;q=0.8\r\nAuthorization: Bearer {token}\r\n"
    )
}

fn post(body: &str) -> Vec<u8> {
    with_body("POST /api/v1/orders", "application/json", body)
}

pub fn with_body(line: &str, media_type: &str, body: &str) -> Vec<u8> {
    let (head, length) = (head(line), body.len());
    format!("{head}Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

fn order(items: usize) -> String {
    let items: Vec<String> = (0..items)
        .map(|at| {
            let name = "blue running shoes, size 42, with laces";
            let (quantity, cents) = (at % 7 + 1, at % 90 + 10);
            format!(r#"{{"sku":"ABC-{at:04}","quantity":{quantity},"price":19.{cents},"name":"{name}"}}"#)
        })
        .collect();
    format!(r#"{{"order":"2026-000123","items":[{}]}}"#, items.join(","))
}
