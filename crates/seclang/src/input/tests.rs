#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::SocketAddr;

use super::*;
use crate::request::{Header, Moment, Peers};
use crate::variable::{Shape, VARIABLES, XPath, find};

fn request() -> Request {
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    Request {
        line: Bytes::from_static(b"POST http://shop.example/a%2Fb/c.php?q=1%20x&Q=2&flag HTTP/1.1"),
        headers: [
            ("Host", "shop.example"),
            ("X-A", "1"),
            ("x-a", "2"),
            ("Cookie", "s=1; t"),
            ("Authorization", "Basic YW5uOnNlY3JldA=="),
            ("Content-Type", "multipart/form-data; boundary=b"),
        ]
        .into_iter()
        .map(|(name, value)| Header::new(name, value))
        .collect(),
        peers: Some(Peers {
            remote: address("[::ffff:192.0.2.7]:4711"),
            server: address("[2001:db8::1]:443"),
        }),
        server_name: Bytes::from_static(b"shop"),
        id: Bytes::from_static(b"id-1"),
        user: None,
        received: Moment { unix_seconds: 1_795_330_799, offset_minutes: 0 },
    }
}

const BODY: &str = "--b\r\nContent-Disposition: form-data; name=\"field\"\r\n\r\nv\r\n--b\r\nContent-Disposition: \
                    form-data; name=\"up\"; filename=\"x.txt\"\r\n\r\n12345\r\n--b--\r\n";

fn input() -> Input {
    let mut input = Input::new(request(), &BodySettings::default());
    input.read_body(Bytes::from_static(BODY.as_bytes()), &Wanted::default());
    input.compose_full_request();
    input.set_duration_us(17);
    let headers = vec![Header::new("Content-Type", "text/html"), Header::new("Server", "x")];
    input.respond(Response { status: 404, protocol: Bytes::from_static(b"HTTP/1.1"), headers });
    input.read_response_body(&Bytes::from_static(b"gone"));
    input
}

fn values(input: &Input, name: &str, selector: &Selector) -> Vec<String> {
    let mut found = Vec::new();
    input.each(find(name).unwrap(), selector, &mut |name, value| {
        let key = name.key.map(|key| format!("{}=", String::from_utf8_lossy(key))).unwrap_or_default();
        found.push(format!("{key}{}", String::from_utf8_lossy(value)));
    });
    found
}

fn all(name: &str) -> Vec<String> {
    values(&input(), name, &Selector::All)
}

#[test]
fn answers_every_variable_that_is_not_the_transactions() {
    let expected = [
        ("ARGS", "q=1 x|Q=2|flag=|field=v"),
        ("ARGS_COMBINED_SIZE", "16"),
        ("ARGS_GET", "q=1 x|Q=2|flag="),
        ("ARGS_GET_NAMES", "q=q|Q=Q|flag=flag"),
        ("ARGS_NAMES", "q=q|Q=Q|flag=flag|field=field"),
        ("ARGS_POST", "field=v"),
        ("ARGS_POST_NAMES", "field=field"),
        ("AUTH_TYPE", "Basic"),
        ("DURATION", "17"),
        ("FILES", "up=x.txt"),
        ("FILES_COMBINED_SIZE", "5"),
        ("FILES_NAMES", "up=up"),
        ("FILES_SIZES", "up=5"),
        ("FILES_TMP_CONTENT", "up=12345"),
        ("INBOUND_DATA_ERROR", "0"),
        ("MULTIPART_FILENAME", "up=x.txt"),
        ("MULTIPART_NAME", "field=field"),
        (
            "MULTIPART_PART_HEADERS",
            "field=Content-Disposition: form-data; name=\"field\"|up=Content-Disposition: form-data; name=\"up\"; \
             filename=\"x.txt\"",
        ),
        ("OUTBOUND_DATA_ERROR", "0"),
        ("PATH_INFO", "/a/b/c.php"),
        ("QUERY_STRING", "q=1%20x&Q=2&flag"),
        ("REMOTE_ADDR", "192.0.2.7"),
        ("REMOTE_HOST", "192.0.2.7"),
        ("REMOTE_PORT", "4711"),
        ("REMOTE_USER", "ann"),
        ("REQBODY_ERROR", "0"),
        ("REQBODY_ERROR_MSG", ""),
        ("REQBODY_PROCESSOR_ERROR", "0"),
        ("REQBODY_PROCESSOR_ERROR_MSG", ""),
        ("REQUEST_BASENAME", "c.php"),
        ("REQUEST_BODY_LENGTH", "138"),
        ("REQUEST_COOKIES", "s=1|t="),
        ("REQUEST_COOKIES_NAMES", "s=s|t=t"),
        ("REQUEST_FILENAME", "/a/b/c.php"),
        ("REQUEST_LINE", "POST http://shop.example/a%2Fb/c.php?q=1%20x&Q=2&flag HTTP/1.1"),
        ("REQUEST_METHOD", "POST"),
        ("REQUEST_PROTOCOL", "HTTP/1.1"),
        ("REQUEST_URI", "/a%2Fb/c.php?q=1%20x&Q=2&flag"),
        ("REQUEST_URI_RAW", "http://shop.example/a%2Fb/c.php?q=1%20x&Q=2&flag"),
        ("RESPONSE_BODY", "gone"),
        ("RESPONSE_CONTENT_LENGTH", "4"),
        ("RESPONSE_CONTENT_TYPE", "text/html"),
        ("RESPONSE_HEADERS", "Content-Type=text/html|Server=x"),
        ("RESPONSE_HEADERS_NAMES", "Content-Type=Content-Type|Server=Server"),
        ("RESPONSE_PROTOCOL", "HTTP/1.1"),
        ("RESPONSE_STATUS", "404"),
        ("SERVER_ADDR", "2001:db8::1"),
        ("SERVER_NAME", "shop"),
        ("SERVER_PORT", "443"),
        ("STATUS_LINE", "HTTP/1.1 404"),
        ("TIME", "06:59:59"),
        ("TIME_DAY", "22"),
        ("TIME_EPOCH", "1795330799"),
        ("TIME_HOUR", "06"),
        ("TIME_MIN", "59"),
        ("TIME_MON", "10"),
        ("TIME_SEC", "59"),
        ("TIME_WDAY", "0"),
        ("TIME_YEAR", "2026"),
        ("UNIQUE_ID", "id-1"),
        ("URLENCODED_ERROR", "0"),
    ];
    for (name, value) in expected {
        assert_eq!(all(name).join("|"), value, "{name}");
    }
    let elsewhere = ["FULL_REQUEST", "FULL_REQUEST_LENGTH", "REQUEST_BODY", "REQUEST_HEADERS"];
    let elsewhere = [elsewhere.as_slice(), &["REQUEST_HEADERS_NAMES", "USERID", "XML"]].concat();
    for (name, variable) in VARIABLES {
        let tested = expected.iter().any(|(known, _)| known == name) || elsewhere.contains(name);
        let flag = name.starts_with("MULTIPART_") && variable.shape() == Shape::Scalar;
        if flag {
            assert_eq!(all(name), ["0"], "{name}");
        } else if !tested {
            assert!(all(name).is_empty(), "{name} is answered, and not tested");
        }
    }
}

#[test]
fn headers_keep_their_order_and_duplicates() {
    let names =
        "Host=Host|X-A=X-A|x-a=x-a|Cookie=Cookie|Authorization=Authorization|Content-Type=Content-Type";
    assert_eq!(all("REQUEST_HEADERS_NAMES").join("|"), names);
    let one = Selector::Key(b"x-a".to_vec());
    assert_eq!(values(&input(), "REQUEST_HEADERS", &one), ["X-A=1", "x-a=2"]);
}

#[test]
fn selectors_take_members_by_name_or_pattern() {
    let input = input();
    assert_eq!(values(&input, "ARGS", &Selector::Key(b"q".to_vec())), ["q=1 x", "Q=2"]);
    let pattern = Selector::Pattern(crate::variable::NamePattern::new("^f").unwrap());
    assert_eq!(values(&input, "ARGS", &pattern), ["flag=", "field=v"]);
}

#[test]
fn the_whole_request_is_there_when_composed() {
    let text = all("FULL_REQUEST").concat();
    assert!(text.starts_with("POST http://shop.example/") && text.ends_with("--b--\r\n"));
    assert_eq!(all("FULL_REQUEST_LENGTH"), [text.len().to_string()]);
}

#[test]
fn xml_is_answered_by_path() {
    let mut input = Input::new(Request::default(), &BodySettings::default());
    let wanted = Wanted { processor: Some(Processor::Xml), force_request_body: false };
    input.read_body(Bytes::from_static(b"<a b='1'>t</a>"), &wanted);
    let path = |text| Selector::Path(XPath::parse(text).unwrap());
    assert_eq!(values(&input, "XML", &path("/*")), ["/*=t"]);
    assert_eq!(values(&input, "XML", &path("//@*")), ["//@*=1"]);
    assert_eq!(input.processor(), Some(Processor::Xml));
    assert!(values(&input, "REQUEST_BODY", &Selector::All).is_empty());
}

#[test]
fn a_proven_user_comes_before_a_claimed_one() {
    let proven = Request { user: Some(Bytes::from_static(b"bea")), ..request() };
    let input = Input::new(proven, &BodySettings::default());
    assert_eq!(values(&input, "REMOTE_USER", &Selector::All), ["bea"]);
    assert_eq!(values(&input, "USERID", &Selector::All), ["bea"]);
}

#[test]
fn too_many_arguments_of_a_query_are_an_error_that_stays() {
    let line = Bytes::from(format!("GET /?{} HTTP/1.1", "a&".repeat(2_000)));
    let mut input = Input::new(Request { line, ..Request::default() }, &BodySettings::default());
    input.read_body(Bytes::new(), &Wanted::default());
    assert_eq!(values(&input, "REQBODY_ERROR", &Selector::All), ["1"]);
    assert_eq!(values(&input, "ARGS", &Selector::All).len(), 1_000);
}

#[test]
fn long_responses_are_looked_at_from_their_beginning() {
    let settings = BodySettings { response_body_bytes_max: 3, ..BodySettings::default() };
    let mut input = Input::new(Request::default(), &settings);
    input.respond(Response { status: 200, ..Response::default() });
    input.read_response_body(&Bytes::from_static(b"12345"));
    assert_eq!(values(&input, "RESPONSE_BODY", &Selector::All), ["123"]);
    assert_eq!(values(&input, "RESPONSE_CONTENT_LENGTH", &Selector::All), ["5"]);
    assert_eq!(values(&input, "OUTBOUND_DATA_ERROR", &Selector::All), ["1"]);
}
