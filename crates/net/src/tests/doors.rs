//! Who is let in: the PROXY protocol, connections per address and in all, clients that go away.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::{Door, Ended, Memory, Places, Rules, Tally};

/// Says whom the connection is from, and through whom.
struct Introducing;

impl Handler for Introducing {
    fn handle(self: Arc<Self>, connection: &Connection, _: Request<RequestBody>) -> Handling {
        let connection = *connection;
        Box::pin(async move {
            ok(format!("{} by {} {}\n", connection.peer, connection.socket.ip(), connection.is_proxied))
        })
    }

    fn refuse_head(&self, _: &Connection, _: HeadFault) -> Response<Bytes> {
        Response::new(Bytes::from_static(b"refused\n"))
    }
}

struct House {
    address: SocketAddr,
    door: Door,
    tally: Tally,
    _stop: Stop,
}

fn house(rules: Rules) -> House {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), None, rules.limits).unwrap();
    let (address, door, tally) = (listener.local_addr().unwrap(), listener.door(), listener.tally());
    door.set(rules);
    let (stop, shutdown) = Shutdown::channel();
    tokio::spawn(serve(listener, Arc::new(Introducing), shutdown));
    House { address, door, tally, _stop: stop }
}

fn behind_a_proxy() -> Rules {
    let trusted = vec![("127.0.0.0".parse().unwrap(), 8)];
    Rules { limits: patient(), trusted, proxy_protocol: true }
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

fn binary(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n", &[command, family][..], &length, rest].concat()
}

#[tokio::test]
async fn a_proxy_header_says_whom_a_connection_is_from() {
    let house = house(behind_a_proxy());
    let four = [203, 0, 113, 7, 10, 0, 0, 1, 0x12, 0x67, 1, 187];
    let with_extension = [&four[..], &[4, 0, 3, 0, 0, 0]].concat();
    for (header, expected) in [
        (b"PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n".to_vec(), "203.0.113.7:4711 by 127.0.0.1 true\n"),
        (b"PROXY TCP6 2001:db8::1 ::1 4711 443\r\n".to_vec(), "[2001:db8::1]:4711 by 127.0.0.1 true\n"),
        (binary(0x21, 0x11, &four), "203.0.113.7:4711 by 127.0.0.1 true\n"),
        (binary(0x21, 0x11, &with_extension), "203.0.113.7:4711 by 127.0.0.1 true\n"),
        (b"PROXY UNKNOWN\r\n".to_vec(), "by 127.0.0.1 false\n"),
        (binary(0x20, 0x00, &[]), "by 127.0.0.1 false\n"),
    ] {
        let got = talk(house.address, &[&header, GET].concat(), LONG).await;
        assert_eq!(got.statuses(), [200], "{header:?}");
        assert!(got.text.ends_with(expected), "{}", got.text);
        // In pieces, and the request in the same one as the end of the header.
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let all = [&header, GET].concat();
        for piece in [&all[..5], &all[5..14], &all[14..header.len() - 1], &all[header.len() - 1..]] {
            stream.write_all(piece).await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(listen(&mut stream, LONG).await.text.ends_with(expected), "{header:?}");
    }
    assert_eq!(house.tally.count(Ended::ProxyMalformed), 0);
}

#[tokio::test]
async fn a_connection_without_its_proxy_header_is_closed_and_counted() {
    let limits = Limits { head: Duration::from_secs(1), ..patient() };
    let house = house(Rules { limits, ..behind_a_proxy() });
    let wrong: [&[u8]; 5] = [
        GET,
        b"PROXY TCP4 203.0.113.7 10.0.0.1 4711\r\n",
        &binary(0x21, 0x11, &[1, 2, 3]),
        &binary(0x22, 0x11, &[0; 12]),
        // Nothing at all, for as long as a head may take.
        b"",
    ];
    for (number, bytes) in wrong.into_iter().enumerate() {
        let got = talk(house.address, bytes, LONG).await;
        assert!(got.closed && got.text.is_empty(), "{bytes:?}: {}", got.text);
        assert_eq!(house.tally.count(Ended::ProxyMalformed), number as u64 + 1);
    }
    // Who is not trusted may not even try; this comes into force for new connections.
    house.door.set(Rules { trusted: Vec::new(), ..behind_a_proxy() });
    let header = b"PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n";
    let got = talk(house.address, &[header, GET].concat(), LONG).await;
    assert!(got.closed && got.text.is_empty());
    assert_eq!(house.tally.count(Ended::ProxyUntrusted), 1);
    house.door.set(Rules { proxy_protocol: false, ..behind_a_proxy() });
    assert_eq!(talk(house.address, GET, LONG).await.statuses(), [200]);
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_the_source_behind_a_proxy_too() {
    let limits = Limits { connections_per_address_max: 2, ..patient() };
    let house = house(Rules { limits, ..Rules::default() });
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert!(read_message(&mut stream).await.contains("200"));
        held.push(stream);
    }
    let got = talk(house.address, GET, LONG).await;
    assert!(got.closed && got.text.is_empty());
    assert_eq!(house.tally.count(Ended::AddressFull), 1);
    held.pop();
    // A place is free again as soon as its connection is known to be closed.
    let served = async { while talk(house.address, GET, LONG).await.statuses() != [200] {} };
    tokio::time::timeout(LONG, served).await.unwrap();

    // A trusted proxy has no bound of its own; whom it names has.
    house.door.set(Rules { limits, ..behind_a_proxy() });
    let refused = house.tally.count(Ended::AddressFull);
    let named = async |source: &str| {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        let header = format!("PROXY TCP4 {source} 10.0.0.1 4711 443\r\n");
        stream.write_all(&[header.as_bytes(), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"].concat()).await.unwrap();
        stream
    };
    let mut open = Vec::new();
    for source in ["203.0.113.1", "203.0.113.1", "203.0.113.2", "203.0.113.3"] {
        let mut stream = named(source).await;
        assert!(read_message(&mut stream).await.contains("200"), "{source}");
        open.push(stream);
    }
    let mut beyond = named("203.0.113.1").await;
    assert!(listen(&mut beyond, LONG).await.closed);
    assert_eq!(house.tally.count(Ended::AddressFull), refused + 1);
}

#[tokio::test]
async fn listeners_share_their_places_and_an_idle_connection_gives_way_at_another() {
    let places = Places::new(2, 100);
    let (stop, shutdown) = Shutdown::channel();
    let mut addresses = Vec::new();
    for _ in 0..2 {
        let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap(), None, patient()).unwrap();
        listener.share(&places);
        addresses.push(listener.local_addr().unwrap());
        tokio::spawn(serve(listener, Arc::new(Introducing), shutdown.clone()));
    }
    let mut idle = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(addresses[0]).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        read_message(&mut stream).await;
        idle.push(stream);
    }
    assert_eq!(talk(addresses[1], GET, LONG).await.statuses(), [200]);
    stop.begin(Duration::ZERO);
}

/// A connection that has been accepted and answered once, and what its places are counted by.
async fn answered_once(places: &Places) -> (TcpStream, Stop, Tally) {
    let (stop, shutdown) = Shutdown::channel();
    let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap(), None, patient()).unwrap();
    listener.share(places);
    let (address, tally) = (listener.local_addr().unwrap(), listener.tally());
    tokio::spawn(serve(listener, Arc::new(Introducing), shutdown));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    read_message(&mut stream).await;
    // Its task waits by now.
    assert!(!listen(&mut stream, Duration::from_millis(100)).await.closed);
    (stream, stop, tally)
}

#[tokio::test]
async fn a_connection_whose_next_request_has_come_unread_passes_on_what_was_asked_of_an_idle_one() {
    let places = Places::new(9, 9);
    let (mut stream, _stop, tally) = answered_once(&places).await;
    let (mut other, _other_stop, other_tally) = answered_once(&places).await;
    // Both at once, before the runtime hears of what has come: the first is asked first.
    assert_eq!(stream.try_write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap(), 27);
    places.crowd();
    assert!(read_message(&mut stream).await.contains("200"));
    assert!(listen(&mut other, LONG).await.closed);
    assert_eq!((tally.count(Ended::GaveWay), other_tally.count(Ended::GaveWay)), (0, 1));
}

#[tokio::test]
async fn heads_that_are_not_whole_are_held_within_the_memory_of_the_process() {
    let memory = Memory::default();
    memory.set_max(64 << 10);
    let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap(), None, patient()).unwrap();
    listener.hold_with(&memory);
    let (address, tally) = (listener.local_addr().unwrap(), listener.tally());
    let (_stop, shutdown) = Shutdown::channel();
    tokio::spawn(serve(listener, Arc::new(Introducing), shutdown));
    let mut begun = Vec::new();
    // Each holds a buffer of a few KiB for what it does not finish saying.
    while tally.count(Ended::MemoryFull) == 0 {
        assert!(begun.len() < 100);
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nA: ").await.unwrap();
        begun.push(stream);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(memory.used() <= 64 << 10 && begun.len() >= 4);
    // A head that comes whole needs no room, and what is ended gives its room back.
    assert_eq!(talk(address, GET, LONG).await.statuses(), [200]);
    drop(begun);
    let given_back = async {
        while memory.used() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, given_back).await.unwrap();
}

#[tokio::test]
async fn an_answer_is_no_longer_awaited_for_a_client_that_reset_its_connection() {
    let dropped = Arc::new(AtomicUsize::new(0));
    struct Awaited(Arc<AtomicUsize>);
    impl Drop for Awaited {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let counted = Arc::clone(&dropped);
    let served = start(patient(), move |request| {
        let awaited = Awaited(Arc::clone(&counted));
        Box::pin(async move {
            if request.uri().path() == "/slow" {
                std::future::pending::<()>().await;
            }
            // Quick enough for a client that closed its sending side.
            tokio::time::sleep(Duration::from_millis(50)).await;
            drop(awaited);
            ok("there\n")
        })
    });
    let stream = TcpStream::connect(served.address).await.unwrap();
    let mut stream = stream;
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    while served.open.count() == 0 {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
    let gone = async {
        while dropped.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, gone).await.unwrap();
    assert_eq!(served.tally.count(Ended::Gone), 1);

    let mut half = TcpStream::connect(served.address).await.unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    half.shutdown().await.unwrap();
    assert_eq!(listen(&mut half, LONG).await.statuses(), [200]);
}
