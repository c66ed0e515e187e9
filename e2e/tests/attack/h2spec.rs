//! h2spec, the conformance suite of others, against the cleartext listener and the one with TLS: exactly the named cases
//! fail, for the named reasons.

use std::path::Path;
use std::process::Command;

use e2e::Gateway;
use e2e::attack::Recorder;
use e2e::go_tools::H2SPEC;

/// What fails only where HTTP/1 is spoken on the same port; with TLS everything passes.
const FAILS_CLEARTEXT: &[(&str, &str)] = &[(
    "http2/3.5 Sends invalid connection preface",
    "what is no preface is a malformed request of HTTP/1, and is told so before the connection ends",
)];
/// Nothing is declared at the path that is asked for, and what is undeclared passes here: so that answers do not come
/// before the frames that a case sends.
const PATH: &str = "/undeclared";

/// The cases that failed, as `PACKAGE NAME`, and how many ran.
fn failures(h2spec: &Path, gateway: &Gateway, folder: &Path, more: &[&str]) -> (Vec<String>, usize) {
    let report = folder.join("h2spec.xml");
    let _ = Command::new(h2spec)
        .args(["-h", "127.0.0.1", "-p", &gateway.address.port().to_string(), "-P", PATH, "-o", "20", "-j"])
        .arg(&report)
        .args(more)
        .output()
        .unwrap();
    let text = std::fs::read_to_string(&report).unwrap();
    let cases: Vec<&str> = text.split("<testcase ").skip(1).collect();
    let failed = cases.iter().filter(|case| case.contains("<failure") || case.contains("<error"));
    let named = failed.map(|case| {
        let value = |name: &str| case.split_once(name).and_then(|(_, rest)| rest.split('"').next()).unwrap();
        format!("{} {}", value("package=\""), value("classname=\""))
    });
    (named.collect(), cases.len())
}

fn observing(folder: &Path, upstream: &Recorder, listen: &str) -> Gateway {
    std::fs::copy(e2e::root().join("e2e/corpus/api.yaml"), folder.join("api.yaml")).unwrap();
    let api = format!("spec: api.yaml, upstream: \"http://{}\", undeclared: observe", upstream.address);
    Gateway::start(folder, &format!("apis: {{ corpus: {{ {api} }} }}\n{listen}"))
}

fn judge(got: &(Vec<String>, usize), expected: &[(&str, &str)]) {
    let expected: Vec<&str> = expected.iter().map(|(case, _)| *case).collect();
    let (failed, count) = got;
    assert!(*count > 140, "only {count} cases ran");
    let news: Vec<_> = failed.iter().filter(|case| !expected.contains(&case.as_str())).collect();
    let mended: Vec<_> = expected.iter().filter(|case| !failed.iter().any(|one| one == *case)).collect();
    assert!(news.is_empty() && mended.is_empty(), "fail: {news:#?}\nno longer fail: {mended:#?}");
}

#[test]
fn cleartext_with_prior_knowledge_conforms_but_for_what_is_named() {
    let Some(h2spec) = H2SPEC.find() else { return };
    let folder = e2e::folder("h2spec");
    let recorder = Recorder::start();
    let gateway = observing(&folder, &recorder, "");
    judge(&failures(&h2spec, &gateway, &folder, &[]), FAILS_CLEARTEXT);
}

#[test]
fn tls_conforms_but_for_what_is_named() {
    let Some(h2spec) = H2SPEC.find() else { return };
    let folder = e2e::folder("h2spec-tls");
    let arguments = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=127.0.0.1 \
                     -addext subjectAltName=IP:127.0.0.1 -out tls.crt -keyout tls.key";
    let made = Command::new("openssl").args(arguments.split_whitespace()).current_dir(&folder).output();
    if made.is_err() {
        eprintln!("skipped: openssl is not installed");
        return;
    }
    let recorder = Recorder::start();
    let key = folder.join("tls.key");
    let listen = format!(
        "listen: {{ address: \"127.0.0.1:0\", tls: {{ certificate: tls.crt, key: \"${{file:{}}}\" }} }}\n",
        key.display()
    );
    let gateway = observing(&folder, &recorder, &listen);
    judge(&failures(&h2spec, &gateway, &folder, &["-t", "-k"]), &[]);
}
