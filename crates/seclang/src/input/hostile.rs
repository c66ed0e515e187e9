//! Whatever arrives becomes variables within the limits, and every variable can be asked for.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use mutate::Random;

use super::*;
use crate::body::Processor;
use crate::variable::{VARIABLES, XPath};
use crate::wire;

const REQUESTS: &[&str] = &[
    "POST /a%20b/c?x=1&y=%zz&z=+ HTTP/1.1\r\nHost: h\r\nCookie: a=b; c\r\nContent-Type: \
     application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\na=1&b=%41&c",
    "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n60\r\n--b\r\n\
     Content-Disposition: form-data; name=\"a\"; filename*=UTF-8''%41\r\nX: y\r\n z\r\n\r\nv\r\n--b--\r\n\r\n0\r\n\r\n",
    "PUT /x HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=\"q r\"\r\nContent-Length: 62\r\n\r\n--q r\r\n\
     Content-Disposition: form-data; name=a\r\n\r\nv\r\n--q r--\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 58\r\n\r\n{\"a\":[1,{\"b\":\"\\u0041\\ud83d\\ude00\"},null,true,-1e5],\"\":{}}",
    "POST / HTTP/1.1\r\nContent-Length: 73\r\n\r\n<?xml version='1.0'?><a xmlns:x='y' b='&lt;'><x:c/>t<![CDATA[u]]></a>",
    "GET http://h:80/p?q#f HTTP/1.0\r\nAuthorization: Basic YTpi\r\n\r\n",
];

fn small() -> BodySettings {
    BodySettings {
        arguments_max: 50,
        decoded_bytes_max: 4_096,
        depth_max: 20,
        parts_max: 10,
        files_max: 3,
        body_bytes_max: 64 << 10,
        body_without_files_bytes_max: 32 << 10,
        ..BodySettings::default()
    }
}

/// Reads the bytes as one request with every processor, and asks for everything.
fn look(bytes: &Bytes, settings: &BodySettings) {
    let Some((request, body)) = wire::read(bytes) else { return };
    let processors = Processor::names().map(Processor::find).chain([None]);
    for processor in processors {
        let mut input = Input::new(request.clone(), settings);
        input.read_body(body.clone(), &Wanted { processor, force_request_body: true });
        input.compose_full_request();
        let mut arguments = 0;
        for (_, variable) in VARIABLES {
            input.each(*variable, &Selector::All, &mut |_, _| {
                arguments += usize::from(*variable == Variable::Args)
            });
        }
        for path in ["/*", "//@*", "//c/text()", "/a//*"] {
            input.each(Variable::Xml, &Selector::Path(XPath::parse(path).unwrap()), &mut |_, _| {});
        }
        assert!(arguments <= settings.arguments_max, "{arguments} arguments");
        // One value may cross the limit before it is noticed.
        let most = settings.decoded_bytes_max + body.len() * 2;
        assert!(input.body.arguments.bytes() <= most, "{} bytes", input.body.arguments.bytes());
    }
}

#[test]
fn mutations_of_requests_become_variables_within_the_limits() {
    let mut random = Random::new(20_261_122);
    for round in 0..12_000 {
        let mut bytes = REQUESTS[round % REQUESTS.len()].as_bytes().to_vec();
        for _ in 0..=random.below(6) {
            random.mutate(&mut bytes);
        }
        look(&Bytes::from(bytes), &small());
    }
}

#[test]
fn bombs_are_read_within_the_limits() {
    let bodies = [
        "[".repeat(1 << 20),
        "{\"a\":".repeat(200_000),
        format!("[{}1]", "[],".repeat(300_000)),
        format!("{{{}\"z\":1}}", (0..100_000).map(|n| format!("\"k{n}\":1,")).collect::<String>()),
        format!("{{\"a\":\"{}\"}}", "\\u0000".repeat(200_000)),
        "<a>".repeat(300_000),
        format!("<a {}/>", (0..50_000).map(|n| format!("b{n}='1' ")).collect::<String>()),
        format!("<!DOCTYPE a [<!ENTITY b \"{}\">]><a>&b;</a>", "x".repeat(100_000)),
        "a=1&".repeat(1_000_000),
        "&".repeat(1 << 20),
        "%".repeat(1 << 20),
        "--b\r\n".repeat(200_000),
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nv\r\n".repeat(50_000),
        format!("--b\r\nContent-Disposition: form-data{}\r\n\r\nv\r\n--b--", "; name=a".repeat(100_000)),
        format!(
            "--b\r\nContent-Disposition: form-data; name=a\r\n{}\r\nv\r\n--b--",
            " folded\r\n".repeat(100_000)
        ),
        format!("--b\r\nContent-Disposition: form-data; name=\"{}", "\\\"".repeat(500_000)),
    ];
    for body in bodies {
        let head = format!(
            "POST /?{} HTTP/1.1\r\nCookie: {}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
            "q=1&".repeat(5_000),
            "c=1;".repeat(5_000),
            body.len()
        );
        let bytes = Bytes::from(head + &body);
        look(&bytes, &BodySettings::default());
        look(&bytes, &BodySettings { body_without_files_bytes_max: 64 << 20, ..BodySettings::default() });
    }
}

#[test]
fn invalid_utf8_in_every_field_is_taken_as_it_is() {
    let bytes = b"\xff\xfe /\xc0\xaf?\xff=\xfe&%ff=%c0%af \xff\r\n\xff: \xfe\r\nCookie: \xff=\xfe\r\nContent-Type: \
                  multipart/form-data; boundary=b\r\nContent-Length: 80\r\n\r\n--b\r\nContent-Disposition: form-data; \
                  name=\"\xff\"; filename=\"\xfe\"\r\n\r\n\xff\r\n--b--\r\n";
    look(&Bytes::from_static(bytes), &BodySettings::default());
    let (request, body) = wire::read(&Bytes::from_static(bytes)).unwrap();
    let mut input = Input::new(request, &BodySettings::default());
    input.read_body(body, &Wanted::default());
    let mut seen = Vec::new();
    for variable in [Variable::Args, Variable::RequestHeaders, Variable::RequestCookies, Variable::Files] {
        input.each(variable, &Selector::All, &mut |_, value| seen.push(value.to_vec()));
    }
    let high = |value: &Vec<u8>| value.iter().any(|byte| *byte >= 0x80);
    assert_eq!(seen.iter().filter(|value| high(value)).count(), 6);
}
