//! Whatever we accept, hyper's own parser reads in the same way: method, target, Host, body, and where the next request
//! begins. What only one of the two accepts is no difference: we are the stricter one.

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use super::*;

const SEEDS: &[&str] = &[
    "GET /a?b HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde",
    "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;e=f\r\nabc\r\n1\r\nd\r\n0\r\nT: u\r\n\r\n",
    "GET http://x/a HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n",
    "PUT /a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
];
const NASTY: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    "\0",
    ":",
    ";",
    ",",
    "0",
    "1",
    "5",
    "x",
    "#",
    "/",
    "%",
    "\u{e9}",
    "+",
    "-",
    "\x0b",
    "Host: y\r\n",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "0\r\n\r\n",
    "GET / HTTP/1.1\r\n",
    "HTTP/1.0",
];

/// xorshift64*, so that a failure names a seed that shows it again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % sides
    }
}

fn mutate(seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut text = SEEDS[dice.roll(SEEDS.len())].as_bytes().to_vec();
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(text.len());
        let nasty = NASTY[dice.roll(NASTY.len())].bytes();
        match dice.roll(3) {
            0 => drop(text.splice(at..at, nasty)),
            1 => drop(text.splice(at..=at, nasty)),
            _ => drop(text.remove(at)),
        }
    }
    text.extend_from_slice(b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    text
}

async fn hypers_view() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let service = service_fn(|request: Request<hyper::body::Incoming>| async move {
                    let (mut parts, body) = request.into_parts();
                    let body = read_all(body).await?;
                    if let Some(target) = parts.uri.path_and_query() {
                        parts.uri = http::Uri::from(target.clone());
                    }
                    let described = describe(Request::from_parts(parts, RequestBody::whole(body))).await;
                    Ok::<_, hyper::Error>(described)
                });
                let mut builder = hyper::server::conn::http1::Builder::new();
                builder.half_close(true);
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

/// What the server says it was asked, request by request.
async fn view(address: SocketAddr, text: &[u8]) -> Vec<String> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(text).await;
    let _ = stream.shutdown().await;
    let got = listen(&mut stream, LONG).await;
    // hyper answers HTTP/1.0 in kind.
    let text = got.text.replace("HTTP/1.0 ", "HTTP/1.1 ");
    let answers = text.split("HTTP/1.1 ").skip(1).filter(|answer| answer.starts_with("200"));
    answers.filter_map(|answer| Some(answer.split_once("\r\n\r\n")?.1.to_owned())).collect()
}

#[tokio::test]
async fn hyper_reads_what_we_accept_in_the_same_way() {
    let ours = start(patient(), describe);
    let hypers = hypers_view().await;
    let count = if std::env::var_os("SLOW").is_some() { 20_000 } else { 600 };
    let mut accepted = 0;
    for seed in 0..count {
        let text = mutate(seed);
        let our_view = view(ours.address, &text).await;
        if our_view.is_empty() {
            continue;
        }
        accepted += 1;
        let hypers_view = view(hypers, &text).await;
        assert!(
            hypers_view.starts_with(&our_view),
            "seed {seed}: {:?}\nours   {our_view:?}\nhyper's {hypers_view:?}",
            String::from_utf8_lossy(&text)
        );
    }
    assert!(accepted > count / 10, "only {accepted} of {count} were accepted: nothing was compared");
}
