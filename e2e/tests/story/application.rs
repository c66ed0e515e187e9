//! An application of others, running unmodified: asked directly, and through a gateway with the example's files.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use e2e::{Answer, Client, Gateway, exchange};

/// Stories of one application change what it keeps, so they run one after the other.
static ALONE: Mutex<()> = Mutex::new(());

pub struct Application {
    pub url: String,
    pub address: SocketAddr,
    _alone: MutexGuard<'static, ()>,
}

impl Application {
    /// The instance that the variable names, or a line that says why there is none.
    pub fn named(variable: &str) -> Option<Self> {
        let Ok(url) = std::env::var(variable) else {
            eprintln!("skipped: {variable} names no running instance");
            return None;
        };
        let url = url.trim_end_matches('/').to_owned();
        let authority = url.strip_prefix("http://").unwrap_or_else(|| panic!("{variable}: an http URL"));
        let address = authority.to_socket_addrs().unwrap().next().unwrap();
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Self { url, address, _alone })
    }

    /// Without a gateway between.
    pub fn direct(&self, token: &str) -> Client {
        Client::with_token(self.address, token)
    }

    /// A gateway with the files of an example in front of it. `named`: the upstream as the example names it.
    pub fn behind(&self, folder: &Path, example: &str, named: &str, secret: (&str, &str)) -> Gateway {
        let files = e2e::root().join("examples").join(example);
        for file in ["overlay.yaml", "bindings.yaml"] {
            std::fs::copy(files.join(file), folder.join(file)).unwrap();
        }
        let text = std::fs::read_to_string(files.join("bartizan.yaml")).unwrap();
        let text = text.replace(named, &self.url).replace("listen: 127.0.0.1:8080", "listen: 127.0.0.1:0");
        Gateway::start_with(folder, &text, &[secret])
    }
}

/// `PUT`, `PATCH` or `DELETE` with a JSON body, or without one.
pub fn send_json(client: &Client, method: &str, target: &str, body: &str) -> Answer {
    let headers: &[(&str, &str)] =
        if body.is_empty() { &[] } else { &[("Content-Type", "application/json")] };
    client.send(method, target, headers, body.as_bytes())
}

/// What a client sees of a refusal, without what differs from answer to answer by intent.
pub fn seen(answer: &Answer) -> (u16, Vec<String>, serde_json::Value) {
    let mut headers: Vec<String> = answer
        .head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| {
            !["date", "x-request-id", "ratelimit"].iter().any(|differs| name.eq_ignore_ascii_case(differs))
        })
        .map(|(name, value)| format!("{}:{value}", name.to_ascii_lowercase()))
        .collect();
    headers.sort();
    let mut body = answer.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
        body.remove("instance");
    }
    (answer.status, headers, body)
}

/// A request as a program of its own would write it, for targets that a client would tidy up.
pub fn raw(gateway: &Gateway, token: &str, method: &str, target: &str) -> Answer {
    let text = format!(
        "{method} {target} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n",
        gateway.address
    );
    exchange(gateway.address, text.as_bytes()).unwrap_or_else(|| panic!("no answer to {method} {target}"))
}

/// The refusals expected, each with what `explain` says of it.
pub fn refused(gateway: &Gateway, rows: &[(&str, Answer, u16, &str)]) {
    for (what, answer, status, code) in rows {
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (*status, *code),
            "{what}: {}\n{}",
            answer.head,
            answer.text()
        );
        let said = gateway.explained(&answer.request_id(), &[]);
        assert!(said.contains(code), "{what}: explain names {code}:\n{said}");
    }
}
