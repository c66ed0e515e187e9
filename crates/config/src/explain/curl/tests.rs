#![allow(clippy::unwrap_used, clippy::panic)]

use super::read;
use crate::explain::Carried;

#[test]
fn a_curl_command_says_what_it_would_ask() {
    for (command, method, host, target) in [
        ("curl https://api.example.com/orders/42", "GET", "api.example.com", "/orders/42"),
        (
            "curl -s -XDELETE 'http://127.0.0.1:8080/orders/42?force=1'",
            "DELETE",
            "127.0.0.1:8080",
            "/orders/42?force=1",
        ),
        ("curl https://a/b -d '{\"a\": 1}' -H 'Content-Type: application/json'", "POST", "a", "/b"),
        ("curl \\\n  --request=put \\\n  --url https://a", "PUT", "a", "/"),
        ("curl -G -d q=1 -d r=2 https://a/s?x=0", "GET", "a", "/s?x=0&q=1&r=2"),
        ("curl -I https://u:p@A.example/x#top", "HEAD", "a.example", "/x"),
        ("curl -H 'Host: B.example' http://127.0.0.1/x", "GET", "b.example", "/x"),
    ] {
        let asked = read(command).unwrap();
        assert_eq!(
            (asked.method.as_str(), asked.host.as_str(), asked.target.as_str()),
            (method, host, target)
        );
    }
    assert!(read("curl -s").is_err());
    assert!(read("curl 'https://a").is_err());
    assert!(read("curl https://a -H nonsense").is_err());
}

/// Headers but curl's own as `name: value`, and the body.
fn carried(command: &str) -> (Vec<String>, String) {
    let Carried::Said { headers, body } = read(command).unwrap().carried else { panic!("{command}") };
    let own = |name: &str, value: &str| matches!((name, value), ("accept", "*/*") | ("user-agent", "curl"));
    let lines = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let mut lines: Vec<_> =
        lines.filter(|(name, value)| !own(name, value)).map(|(n, v)| format!("{n}: {v}")).collect();
    lines.sort();
    (lines, String::from_utf8(body.unwrap_or_default().to_vec()).unwrap())
}

#[test]
fn a_curl_command_says_what_it_would_carry() {
    let form = "content-type: application/x-www-form-urlencoded";
    for (command, headers, body) in [
        ("curl https://a", &[][..], ""),
        ("curl https://a -H 'X-A: 1' -H 'X-A: 2' -H 'X-B;' -H 'Host: b'", &["x-a: 1", "x-a: 2", "x-b: "], ""),
        ("curl https://a -d a=1 -d b=2", &[form], "a=1&b=2"),
        ("curl https://a -d a -H 'Content-Type:'", &[], "a"),
        ("curl https://a --data-urlencode 'a=1 &' --data-urlencode '=x/y'", &[form], "a=1%20%26&x%2Fy"),
        (
            "curl https://a --json '{\"a\": \"\\n\"}'",
            &["accept: application/json", "content-type: application/json"],
            "{\"a\": \"\\n\"}",
        ),
        ("curl https://a --data-raw @x", &[form], "@x"),
        ("curl https://a -u me:secret", &["authorization: Basic bWU6c2VjcmV0"], ""),
        ("curl https://a --oauth2-bearer t -b a=1", &["authorization: Bearer t", "cookie: a=1"], ""),
        ("curl https://a -d \"{\\\"a\\\": \\\"\\d\\\"}\"", &[form], "{\"a\": \"\\d\"}"),
        ("curl -G -d q=1 https://a", &[], ""),
    ] {
        let (lines, text) = carried(command);
        assert_eq!(
            (lines, text.as_str()),
            (headers.iter().map(|h| (*h).to_owned()).collect(), body),
            "{command}"
        );
    }
    for command in ["-d @file", "-F a=b", "-T file", "-b jar", "-H @file", "--data-urlencode a@file"] {
        let asked = read(&format!("curl https://a {command}")).unwrap();
        assert!(matches!(asked.carried, Carried::Elsewhere(_)), "{command}");
    }
}

#[test]
fn what_is_carried_is_not_in_debug_output() {
    let asked = read("curl https://a -H 'Authorization: Bearer hunter2' -d hunter3").unwrap();
    assert!(!format!("{asked:?}").contains("hunter"), "{asked:?}");
}
