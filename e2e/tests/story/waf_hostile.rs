//! Bodies that are broken, encodings that are mixed, bombs, a million parameters, bytes that are no UTF-8 in every field:
//! each comes to a decision, none takes the gateway down, and what is wrapped in it does not pass.

use e2e::{Gateway, Reply, Server};

/// What must not reach the service, whatever it is wrapped in.
const ATTACK: &str = "1' union select name, password from users -- ";
const ATTACK_ESCAPED: &str = "1%27%20union%20select%20name,%20password%20from%20users%20--%20";

struct Case {
    what: &'static str,
    method: &'static str,
    target: Vec<u8>,
    headers: Vec<u8>,
    body: Vec<u8>,
    /// Whether it may reach the service: then it only has to be decided.
    may_pass: bool,
}

fn case(what: &'static str) -> Case {
    Case {
        what,
        method: "GET",
        target: b"/x".to_vec(),
        headers: Vec::new(),
        body: Vec::new(),
        may_pass: false,
    }
}

impl Case {
    fn target(mut self, target: impl Into<Vec<u8>>) -> Self {
        self.target = target.into();
        self
    }

    fn header(mut self, line: impl AsRef<[u8]>) -> Self {
        self.headers.extend_from_slice(line.as_ref());
        self.headers.extend_from_slice(b"\r\n");
        self
    }

    fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.method = "POST";
        self.body = body.into();
        let length = self.body.len();
        self.header(format!("Content-Type: {media_type}")).header(format!("Content-Length: {length}"))
    }

    fn may_pass(mut self) -> Self {
        self.may_pass = true;
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let head = format!("{} ", self.method).into_bytes();
        let rest = b" HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n";
        [head.as_slice(), &self.target, rest, &self.headers, b"\r\n", &self.body].concat()
    }
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const XML: &str = "application/xml";
const PARTS: &str = "multipart/form-data; boundary=b";

fn broken_bodies() -> Vec<Case> {
    let part = |head: &str| format!("--b\r\n{head}\r\n\r\n{ATTACK}\r\n");
    let named = "Content-Disposition: form-data; name=\"note\"";
    vec![
        case("JSON that ends early").body(JSON, format!("{{\"note\":\"{ATTACK}\"")),
        case("JSON with more behind it").body(JSON, format!("{{\"a\":1}}{{\"note\":\"{ATTACK}\"}}")),
        case("JSON with a name twice").body(JSON, format!("{{\"note\":\"{ATTACK}\",\"note\":\"fine\"}}")),
        case("JSON with an escape that is none").body(JSON, format!("{{\"note\":\"\\x {ATTACK}\"}}")),
        case("JSON with half a surrogate").body(JSON, format!("{{\"note\":\"\\ud800 {ATTACK}\"}}")),
        case("JSON that is a word").body(JSON, format!("NaN {ATTACK}")),
        case("XML that ends early").body(XML, format!("<a><b>{ATTACK}</b>")),
        case("XML with a tag in a tag").body(XML, format!("<a <b>>{ATTACK}</a>")),
        case("parts without a boundary").body("multipart/form-data", part(named)),
        case("parts that do not end").body(PARTS, part(named)),
        case("a part without a name").body(PARTS, part("X: y") + "--b--\r\n"),
        case("a part with two names").body(PARTS, part(&format!("{named}; name=\"other\"")) + "--b--\r\n"),
        case("a form with broken escapes").body(FORM, format!("note=%zz%u{ATTACK_ESCAPED}%2")),
    ]
}

fn mixed_encodings() -> Vec<Case> {
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let escaped: String = ATTACK.bytes().map(|byte| format!("\\u00{byte:02x}")).collect();
    let twice = ATTACK_ESCAPED.replace('%', "%25");
    vec![
        case("JSON in UTF-16")
            .body("application/json; charset=utf-16", utf16(&format!("{{\"note\":\"{ATTACK}\"}}"))),
        case("JSON with escapes alone").body(JSON, format!("{{\"note\":\"{escaped}\"}}")),
        case("escapes twice").target(format!("/x?note={twice}")),
        case("overlong UTF-8").target("/x?file=..%c0%af..%c0%af..%c0%afetc%c0%afpasswd"),
        case("the escapes of IIS").target("/x?file=..%u2215..%u2215..%u2215etc%u2215passwd"),
        case("a form in another charset")
            .body("application/x-www-form-urlencoded; charset=utf-7", format!("note={ATTACK_ESCAPED}")),
        case("a coding of the content")
            .header("Content-Encoding: gzip")
            .body(JSON, b"\x1f\x8b\x08\0\0\0\0\0".to_vec()),
        case("a type that is none").body("json;;=", format!("{{\"note\":\"{ATTACK}\"}}")),
        case("XML in another encoding")
            .body(XML, format!("<?xml version=\"1.0\" encoding=\"utf-7\"?><a>{ATTACK}</a>")),
    ]
}

fn bombs() -> Vec<Case> {
    let entities: String =
        (1..20).map(|n| format!("<!ENTITY e{n} \"{}\">", format!("&e{};", n - 1).repeat(10))).collect();
    let part = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nv\r\n";
    vec![
        case("arrays in arrays").body(JSON, "[".repeat(300_000)),
        case("closed arrays in arrays").body(JSON, "[".repeat(100_000) + &"]".repeat(100_000)),
        case("objects in objects").body(JSON, "{\"a\":".repeat(100_000)),
        case("a hundred thousand properties").body(
            JSON,
            format!("{{{}\"z\":1}}", (0..60_000).map(|n| format!("\"k{n}\":1,")).collect::<String>()),
        ),
        case("entities in entities")
            .body(XML, format!("<!DOCTYPE a [<!ENTITY e0 \"xxxxxxxxxx\">{entities}]><a>&e19;</a>")),
        case("elements in elements").body(XML, "<a>".repeat(200_000)),
        case("attributes")
            .body(XML, format!("<a {}/>", (0..50_000).map(|n| format!("b{n}='1' ")).collect::<String>())),
        case("a million fields").body(FORM, "a=1&".repeat(1_000_000)),
        case("as many fields as fit").body(FORM, "a=1&".repeat(200_000)),
        case("nothing but ampersands").body(FORM, "&".repeat(900_000)),
        case("nothing but percent signs").body(FORM, "%".repeat(500_000)).may_pass(),
        case("a million parameters").target(format!("/x?{}", "a=1&".repeat(1_000_000))),
        case("as many parameters as fit").target(format!("/x?{}", "a=1&".repeat(1_900))),
        case("cookies").header(format!("Cookie: {}", "c=1; ".repeat(1_500))).may_pass(),
        case("parts").body(PARTS, part.repeat(15_000) + "--b--\r\n"),
        case("boundaries").body(PARTS, "--b\r\n".repeat(100_000)),
    ]
}

fn no_utf8() -> Vec<Case> {
    let broken =
        |before: &str, after: &str| [before.as_bytes(), b"\xff\xfe\xc0\xaf", after.as_bytes()].concat();
    let part =
        broken("--b\r\nContent-Disposition: form-data; name=\"", &format!("\"\r\n\r\n{ATTACK}\r\n--b--\r\n"));
    let file = broken(
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"",
        &format!(
            "\"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n{ATTACK}\r\n--b--\r\n"
        ),
    );
    vec![
        case("in the path").target(broken("/x", "")),
        case("in the path, escaped").target("/x%ff%fe%c0%af/y"),
        case("in the query").target(broken("/x?q=", "")),
        case("in the query, escaped").target(format!("/x?note=%ff%fe%c0%af%20{ATTACK_ESCAPED}")),
        case("in a parameter's name").target(format!("/x?%ff%fe={ATTACK_ESCAPED}")),
        case("in the name of a header").header(broken("X", ": y")),
        case("in a header").header(broken("X-Note: ", "")).may_pass(),
        case("in a cookie").header(broken("Cookie: a=", ATTACK)),
        case("in a media type").body("text/\u{fffd}", ATTACK),
        case("in JSON").body(JSON, broken("{\"note\":\"", &format!("{ATTACK}\"}}"))),
        case("in a name of JSON").body(JSON, broken("{\"", &format!("\":\"{ATTACK}\"}}"))),
        case("in a form").body(FORM, broken("note=", ATTACK_ESCAPED)),
        case("in a form, escaped").body(FORM, format!("note=%ff%fe%c0%af{ATTACK_ESCAPED}")),
        case("in XML").body(XML, broken("<a>", &format!("{ATTACK}</a>"))),
        case("in the name of a part").body(PARTS, part),
        case("in the name of a file").body(PARTS, file),
        case("in text").body("text/plain", broken("", ATTACK)),
    ]
}

#[test]
fn whatever_arrives_is_decided_and_what_it_wraps_does_not_pass() {
    let folder = e2e::folder("waf-hostile");
    let description = "openapi: 3.1.0\ninfo: { title: Open, version: \"1\" }\nsecurity: []\npaths:\n  /described:\n    get: { operationId: described, responses: { \"200\": { description: Good } } }\n";
    std::fs::write(folder.join("open.yaml"), description).unwrap();
    let server = Server::start(|_| Reply::json(200, "{}"));
    let file = format!(
        "version: 1\nlisten: 127.0.0.1:0\nstate_dir: state\napis:\n  open:\n    spec: open.yaml\n    upstream: http://{}\n    \
         undeclared: observe\n    checks: {{ parameters: off, media_type: off, response: off, waf: enforce }}\n",
        server.address
    );
    let mut gateway = Gateway::start(&folder, &file);
    let mut wrong = Vec::new();
    for case in [broken_bodies(), mixed_encodings(), bombs(), no_utf8()].into_iter().flatten() {
        let before = server.count();
        let answer = e2e::exchange(gateway.address, &case.bytes());
        let reached = server.count() > before;
        let status = answer.as_ref().map(|answer| answer.status);
        let is_decided = status.is_some_and(|status| (200..500).contains(&status));
        if !is_decided || (reached || status == Some(200)) && !case.may_pass {
            let text = answer.map(|answer| answer.text()).unwrap_or_default();
            wrong.push(format!("{}: {status:?}, reached the service: {reached}; {text}", case.what));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(gateway.lives());
    assert_eq!(gateway.client().get("/x?note=lamps").status, 200, "what is honest passes afterwards");
    assert_eq!(gateway.client().get(&format!("/x?note={ATTACK_ESCAPED}")).status, 403);
}
