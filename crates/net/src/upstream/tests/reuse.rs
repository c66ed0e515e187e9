//! When a connection is used again, and when a request is sent again.

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
const PART: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok";
const CLOSE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
const OLD: &str = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok";
const SURPLUS: &str =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

async fn send_get(pool: &Pool) -> Result<(bool, u32), UpstreamErrorKind> {
    let sent = pool.send(get("/"), true).await.map_err(|error| error.kind)?;
    assert_eq!(read_all(sent.response.into_body()).await.unwrap(), "ok");
    Ok((sent.reused, sent.attempts))
}

#[tokio::test]
async fn a_connection_is_used_again_after_a_whole_answer_and_not_otherwise() {
    let (address, _) = scripted(&[&[OK, CHUNKED, OK]]).await;
    let pool = Pool::new(config(address)).unwrap();
    assert_eq!(send_get(&pool).await, Ok((false, 1)));
    assert_eq!(send_get(&pool).await, Ok((true, 1)));
    assert_eq!(send_get(&pool).await, Ok((true, 1)));

    let (address, _) = scripted(&[&[CLOSE], &[OLD], &[SURPLUS], &[PART], &[OK]]).await;
    let pool = Pool::new(config(address)).unwrap();
    for _ in 0..3 {
        assert_eq!(send_get(&pool).await, Ok((false, 1)));
    }
    // An answer that was not read to its end leaves nothing behind.
    drop(pool.send(get("/"), true).await.unwrap());
    assert_eq!(send_get(&pool).await, Ok((false, 1)));

    let (address, _) = scripted(&[&[OK], &[OK]]).await;
    let pool = Pool::new(UpstreamConfig { idle: Duration::ZERO, ..config(address) }).unwrap();
    assert_eq!(send_get(&pool).await, Ok((false, 1)));
    assert_eq!(send_get(&pool).await, Ok((false, 1)));
}

#[tokio::test]
async fn a_request_is_sent_again_once_when_a_reused_connection_was_stale() {
    let (address, heard) = scripted(&[&[OK, ""], &[OK]]).await;
    let pool = Pool::new(config(address)).unwrap();
    assert_eq!(send_get(&pool).await, Ok((false, 1)));
    assert_eq!(send_get(&pool).await, Ok((false, 2)));
    assert_eq!(heard.lock().unwrap().len(), 3);

    // Once: a fresh connection that fails too is the end.
    let (address, heard) = scripted(&[&[OK, ""], &[""], &[OK]]).await;
    let pool = Pool::new(config(address)).unwrap();
    assert_eq!(send_get(&pool).await, Ok((false, 1)));
    assert_eq!(send_get(&pool).await, Err(UpstreamErrorKind::Unreachable));
    assert_eq!(heard.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_request_is_not_sent_again_where_that_could_do_it_twice() {
    // On a fresh connection.
    let (address, heard) = scripted(&[&[""], &[OK]]).await;
    assert_eq!(send_get(&Pool::new(config(address)).unwrap()).await, Err(UpstreamErrorKind::Unreachable));
    assert_eq!(heard.lock().unwrap().len(), 1);
    // After a byte of an answer.
    let (address, heard) = scripted(&[&[OK, "HTTP"], &[OK]]).await;
    let pool = Pool::new(UpstreamConfig { head: Duration::from_secs(1), ..config(address) }).unwrap();
    assert_eq!(send_get(&pool).await, Ok((false, 1)));
    assert_eq!(send_get(&pool).await, Err(UpstreamErrorKind::Timeout));
    assert_eq!(heard.lock().unwrap().len(), 2);
    // A POST that the service may have had whole; a body that is gone.
    let (address, heard) = scripted(&[&[OK, ""], &[OK, ""], &[OK]]).await;
    let pool = Pool::new(config(address)).unwrap();
    assert_eq!(send_get(&pool).await, Ok((false, 1)));
    assert_eq!(pool.send(post("abc"), true).await.unwrap_err().kind, UpstreamErrorKind::Unreachable);
    assert_eq!(send_get(&pool).await, Ok((false, 1)));
    let body = ResponseBody::boxed(Full::new(Bytes::from_static(b"abc")).map_err(BodyError::from));
    let request = Request::builder().method("PUT").uri("/").header("host", "api").body(body).unwrap();
    assert_eq!(pool.send(request, false).await.unwrap_err().kind, UpstreamErrorKind::Unreachable);
    assert_eq!(heard.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_connection_that_the_service_closed_meanwhile_is_not_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pool = Pool::new(config(listener.local_addr().unwrap())).unwrap();
    let service = async {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_message(&mut stream).await;
            stream.write_all(OK.as_bytes()).await.unwrap();
        }
    };
    let client = async {
        assert_eq!(send_get(&pool).await, Ok((false, 1)));
        // Either the end is seen before, or the request is sent again: it is answered in any case.
        let (reused, _) = send_get(&pool).await.unwrap();
        assert!(!reused);
    };
    tokio::join!(service, client);
}

#[tokio::test]
async fn a_crowd_that_dials_over_http_2_waits_as_long_as_one() {
    // Connections are made, and no handshake is ever answered.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let config = UpstreamConfig {
        scheme: Scheme::Https,
        http2: true,
        tls: ClientTls { roots: Some(ROOT.to_vec()), ..ClientTls::default() },
        connect: Duration::from_secs(2),
        head: Duration::from_secs(2),
        ..config(address)
    };
    let pool = Arc::new(Pool::new(config).unwrap());
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..80 {
        let pool = Arc::clone(&pool);
        asking.spawn(async move { pool.send(get("/"), true).await.unwrap_err().kind });
    }
    // One after the other, those of one line would take 20 times as long.
    let all = tokio::time::timeout(Duration::from_secs(20), asking.join_all()).await.unwrap();
    assert!(all.len() == 80 && all.iter().all(|kind| *kind == UpstreamErrorKind::Timeout), "{all:?}");
}
