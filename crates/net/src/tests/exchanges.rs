//! Requests and answers of HTTP/1 as they should be.

use super::*;
use crate::upstream::{Pool, Scheme, UpstreamConfig};

#[tokio::test]
async fn a_connection_serves_several_requests_also_pipelined_ones() {
    let served = start(quick(), describe);
    let got = talk(
        served.address,
        b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc\
          POST /c?d HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1;x=y\r\nf\r\n0\r\nT: v\r\n\r\n\
          GET /e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        LONG,
    )
    .await;
    assert_eq!(got.statuses(), [200, 200, 200, 200], "{got:?}");
    assert!(got.closed);
    for expected in
        ["GET /a host=x body=\n", "POST /b host=x body=abc\n", "POST /c?d host=x body=def\n", "GET /e "]
    {
        assert!(got.text.contains(expected), "{expected} in {got:?}");
    }
    assert!(served.faults.lock().unwrap().is_empty());
}

#[tokio::test]
async fn passes_a_request_on_and_its_answer_back() {
    let behind = start(quick(), describe);
    let pool =
        Arc::new(Pool::new(UpstreamConfig::new(Scheme::Http, "127.0.0.1", behind.address.port())).unwrap());
    let served = start(quick(), move |request| {
        let pool = Arc::clone(&pool);
        Box::pin(async move {
            let sent = pool.send(request, false).await.unwrap();
            sent.response.map(ResponseBody::from)
        })
    });
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    for _ in 0..3 {
        stream
            .write_all(b"POST /b HTTP/1.1\r\nHost: api\r\nContent-Length: 3\r\nConnection: x-secret\r\nX-Secret: 1\r\n\r\nabc")
            .await
            .unwrap();
        let got = read_message(&mut stream).await;
        assert!(got.ends_with("\r\n\r\nPOST /b host=api body=abc\n"), "{got}");
    }
}
