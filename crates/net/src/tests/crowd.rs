//! Many clients at once, through a proxy, on several threads: nobody gets another's answer, and nothing hangs.

use super::*;
use crate::upstream::{Pool, Scheme, UpstreamConfig};

fn relay(behind: SocketAddr) -> impl Fn(Request<RequestBody>) -> Handling + Send + Sync + 'static {
    let pool = Arc::new(Pool::new(UpstreamConfig::new(Scheme::Http, "127.0.0.1", behind.port())).unwrap());
    move |request| {
        let pool = Arc::clone(&pool);
        Box::pin(async move {
            match pool.send(request, false).await {
                Ok(sent) => sent.response.map(ResponseBody::from),
                Err(error) => {
                    let mut response = ok(error.to_string());
                    *response.status_mut() = StatusCode::from_u16(error.code().status()).unwrap();
                    response
                }
            }
        })
    }
}

/// Gives back the body it got, piece by piece, when asked for `/echo`; else says what it got.
fn service(request: Request<RequestBody>) -> Handling {
    match request.uri().path().starts_with("/echo") {
        true => Box::pin(async { Response::new(ResponseBody::boxed(request.into_body())) }),
        false => describe(request),
    }
}

async fn client(address: SocketAddr, number: usize) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    for round in 0..30 {
        let name = format!("{number}-{round}");
        match (number + round) % 5 {
            0 => {
                // Goes away in the middle of a request; the next one is on a new connection.
                let _ =
                    stream.write_all(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc").await;
                stream = TcpStream::connect(address).await.unwrap();
            }
            1 => {
                // Goes away in the middle of an answer.
                let body = "b".repeat(300_000);
                let text =
                    format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
                stream.write_all(text.as_bytes()).await.unwrap();
                stream.write_all(&body.as_bytes()[..100_000]).await.unwrap();
                let mut piece = [0; 1000];
                assert!(stream.read(&mut piece).await.unwrap() > 0);
                stream = TcpStream::connect(address).await.unwrap();
            }
            2 => {
                let text = format!(
                    "POST /{name} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                );
                stream.write_all(text.as_bytes()).await.unwrap();
                let got = read_message(&mut stream).await;
                assert!(got.ends_with(&format!("POST /{name} host=x body=abc\n")), "{got}");
            }
            3 => {
                let body = name.repeat(20_000);
                let text = format!("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
                let (mut reader, mut writer) = stream.split();
                let sending = async {
                    writer.write_all(text.as_bytes()).await.unwrap();
                    writer.write_all(body.as_bytes()).await.unwrap();
                };
                let reading = async {
                    let mut got = Vec::new();
                    while !got.ends_with(body.as_bytes()) {
                        let mut piece = vec![0; 64 << 10];
                        let read = reader.read(&mut piece).await.unwrap();
                        assert!(read > 0, "{name} was cut after {} bytes", got.len());
                        got.extend_from_slice(&piece[..read]);
                    }
                };
                tokio::join!(sending, reading);
            }
            _ => {
                stream
                    .write_all(format!("GET /{name} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())
                    .await
                    .unwrap();
                let got = read_message(&mut stream).await;
                assert!(got.ends_with(&format!("GET /{name} host=x body=\n")), "{got}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_clients_each_gets_its_own_answers() {
    let limits = patient();
    let behind = start(limits, service);
    let served = start(limits, relay(behind.address));
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..60 {
        clients.spawn(client(served.address, number));
    }
    let all = async { while clients.join_next().await.transpose().unwrap().is_some() {} };
    tokio::time::timeout(LONG * 2, all).await.unwrap();
    // Nothing is left that would keep the listeners from ending.
    served.stop.begin(LONG);
    tokio::time::timeout(LONG, served.task).await.unwrap().unwrap().unwrap();
    behind.stop.begin(LONG);
    tokio::time::timeout(LONG, behind.task).await.unwrap().unwrap().unwrap();
}
