//! Pebble, an ACME server made for tests, with names that all lead to this machine.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::go_tools;
use crate::tls::{Authority, TlsClient};

/// A running Pebble, ended when dropped.
pub struct Pebble {
    child: Child,
    pub directory: String,
    /// What its certificates descend from, PEM; new at each start.
    pub root: String,
}

impl Drop for Pebble {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Pebble {
    /// `http`, `tls`: the ports at which it validates. `lifetime_s`: of its certificates. Its own certificate descends
    /// from `ca.pem`, which is put into the folder. `None`, with a line that says why, when there is no Pebble.
    pub fn start(folder: &Path, http: u16, tls: u16, lifetime_s: u32) -> Option<Self> {
        let program = go_tools::PEBBLE.find()?;
        let authority = Authority::new();
        std::fs::write(folder.join("ca.pem"), &authority.pem).unwrap();
        authority.give(&["localhost", "127.0.0.1"]).put(folder, "pebble");
        let (api, management) = (crate::free_port(), crate::free_port());
        let at = folder.display();
        let config = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{api}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": format!("{at}/pebble.pem"),
            "privateKey": format!("{at}/pebble.key"),
            "httpPort": http,
            "tlsPort": tls,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
            "retryAfter": { "authz": 1, "order": 1 },
            "keyAlgorithm": "ecdsa",
            "profiles": { "default": { "description": "for a story", "validityPeriod": lifetime_s } },
        } });
        let file = folder.join("pebble.json");
        std::fs::write(&file, config.to_string()).unwrap();
        let log = std::fs::File::create(folder.join("pebble.log")).unwrap();
        let child = Command::new(program)
            .args(["-config", file.to_str().unwrap(), "-dnsserver", &names().to_string()])
            .env("PEBBLE_VA_NOSLEEP", "1")
            // Some nonces are refused, as the real ones do.
            .env("PEBBLE_WFE_NONCEREJECT", "5")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut pebble =
            Self { child, directory: format!("https://127.0.0.1:{api}/dir"), root: String::new() };
        let client = TlsClient::trusting(&authority.pem);
        crate::eventually("Pebble answers", || {
            let root = client.get(([127, 0, 0, 1], management).into(), "localhost", "/roots/0");
            pebble.root = root.map(|shown| shown.answer.text()).unwrap_or_default();
            pebble.root.contains("BEGIN CERTIFICATE")
        });
        Some(pebble)
    }
}

/// A name server to which every name is 127.0.0.1, and nothing else is known of any (RFC 1035).
fn names() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || while serve(&stream).is_some() {});
        }
    });
    address
}

/// One question over TCP, which is how Pebble asks (RFC 1035 section 4.2.2).
fn serve(mut stream: &TcpStream) -> Option<()> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).ok()?;
    let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut query).ok()?;
    let answer = answer(&query)?;
    let mut message = u16::try_from(answer.len()).ok()?.to_be_bytes().to_vec();
    message.extend(answer);
    stream.write_all(&message).ok()
}

fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let question = query.get(12..)?;
    let mut end = 0;
    while *question.get(end)? != 0 {
        end += usize::from(*question.get(end)?) + 1;
    }
    let question = question.get(..end + 5)?;
    let is_a = question.get(end + 1..end + 3)? == [0, 1];
    let mut answer = query.get(..2)?.to_vec();
    // An answer, recursion available, no error; one question; with an address, one answer.
    answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0]);
    answer.extend(question);
    if is_a {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    }
    Some(answer)
}
