//! The WAF as people use it: what it sees while it watches, what it refuses when it is told to, why, and how to be rid of
//! a false alarm.

use std::path::{Path, PathBuf};

use e2e::{Gateway, Reply, Server, verb_in};
use serde_json::Value;

const SPEC: &str = r#"
openapi: 3.1.0
info: { title: Notes, version: "1" }
paths:
  /notes:
    get:
      operationId: findNotes
      security: []
      parameters: [{ name: text, in: query, schema: { type: string } }]
      responses: { "200": { description: ok } }
    post:
      operationId: createNote
      security: []
      requestBody:
        content: { application/json: { schema: { type: object, properties: { note: { type: string } } } } }
      responses: { "200": { description: ok } }
"#;

/// A statement that goes on in a parameter, with a word of its own to look for.
const ATTACK: &str =
    "/notes?text=1%27%20or%20%271%27%3D%271%27%20union%20select%20canaryword%20from%20users--%20";

struct Stage {
    folder: PathBuf,
    server: Server,
    gateway: Gateway,
}

fn gateway_file(server: &Server, more: &str) -> String {
    format!(
        "version: 1\nlisten: 127.0.0.1:0\nstate_dir: state\napis:\n  notes:\n    spec: notes.yaml\n    upstream: http://{}\n{more}",
        server.address
    )
}

impl Stage {
    fn set(story: &str, more: &str, answer: &'static str) -> Self {
        let folder = e2e::folder(story);
        std::fs::write(folder.join("notes.yaml"), SPEC).unwrap();
        let server = Server::start(move |_| Reply::json(200, answer));
        let gateway = Gateway::start(&folder, &gateway_file(&server, more));
        Self { folder, server, gateway }
    }

    /// What the verb writes, once it knows of the request.
    fn explained(&self, id: &str) -> String {
        let mut text = String::new();
        e2e::eventually("the record is written", || {
            let output = self.gateway.verb(&["waf", "explain", id]);
            text = String::from_utf8_lossy(&output.stdout).into_owned();
            output.status.code() == Some(0)
        });
        text
    }
}

#[test]
fn while_it_watches_an_attack_passes_and_is_explained_without_its_values() {
    let stage = Stage::set("waf-watch", "", "{}");
    let answer = stage.gateway.client().get(ATTACK);
    assert_eq!((answer.status, stage.server.count()), (200, 1));
    let text = stage.explained(&answer.request_id());
    assert!(text.contains("of bartizan") && text.contains("ARGS:text") && text.contains("score"), "{text}");
    assert!(text.contains("findNotes:") && text.contains("- { rule: "), "it says how to exclude: {text}");
    assert!(!text.contains("canaryword"), "{text}");
    let output = stage.gateway.verb(&["waf", "explain", &answer.request_id(), "--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["inspection"]["matches"][0]["rule"].as_u64().is_some(), "{document}");
    assert!(!document.to_string().contains("canaryword"));
}

#[test]
fn in_force_it_refuses_and_an_exclusion_of_one_operation_lets_that_operation_through() {
    let enforce = "    checks: { waf: enforce }\n";
    let stage = Stage::set("waf-enforce", enforce, "{}");
    let client = stage.gateway.client();
    let answer = client.get(ATTACK);
    assert_eq!((answer.status, stage.server.count()), (403, 0), "{}", answer.text());
    assert!(answer.text().contains("attack_suspected"));
    assert_eq!(client.get("/notes?text=lamps%20and%20O%27Brien").status, 200);
    let excluded = "    operations: { findNotes: { waf: { exclude: [{ tag: bartizan-rules, target: \"ARGS:text\" }] } } }\n";
    stage.gateway.rewrite(&gateway_file(&stage.server, &format!("{enforce}{excluded}")));
    let output = stage.gateway.verb(&["reload"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(client.get(ATTACK).status, 200);
    let body = r#"{"note":"1' or '1'='1' union select name from users-- "}"#;
    assert_eq!(client.post_json("/notes", body).status, 403, "another operation is as before");
}

#[test]
fn answers_are_looked_at_where_that_is_asked_for() {
    let trace = r#"{"error":"Traceback (most recent call last):\n  File \"/srv/app/main.py\", line 3, in <module>\n    run()\nValueError: x"}"#;
    let enforce = "    checks: { waf: enforce }\n";
    let plain = Stage::set("waf-answers-off", enforce, trace);
    assert_eq!(plain.gateway.client().get("/notes").status, 200);
    let stage = Stage::set("waf-answers-on", &format!("{enforce}    waf: {{ answers: true }}\n"), trace);
    let answer = stage.gateway.client().get("/notes");
    assert_eq!(answer.status, 502, "{}", answer.text());
    assert!(answer.text().contains("leak_suspected") && !answer.text().contains("Traceback"));
}

#[test]
fn what_is_too_much_to_inspect_is_refused() {
    let more = "    checks: { waf: enforce }\n    waf: { work_max: 10000 }\n";
    let stage = Stage::set("waf-work", more, "{}");
    let long = format!(r#"{{"note":"{}"}}"#, "word ".repeat(20_000));
    let answer = stage.gateway.client().post_json("/notes", &long);
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.text().contains("inspection_exceeded"));
    let text = stage.explained(&answer.request_id());
    assert!(text.contains("came to their limit work_max"), "{text}");
    let unknown = stage.gateway.verb(&["waf", "explain", "01nothing"]);
    assert_eq!(unknown.status.code(), Some(1), "{}", String::from_utf8_lossy(&unknown.stdout));
}

#[test]
fn what_the_rules_were_not_shown_is_refused_and_does_not_hide_an_attack() {
    let limits = "{ body_bytes_max: 4KiB, arguments_max: 20 }";
    let stage =
        Stage::set("waf-beyond", &format!("    checks: {{ waf: enforce }}\n    waf: {limits}\n"), "{}");
    let client = stage.gateway.client();
    let escaped = r"x' \u0075nion s\u0065lect name, password from users -- ";
    let list = |items: usize| format!(r#"{{"list":[{}],"note":"{escaped}"}}"#, vec!["1"; items].join(","));
    let long = |bytes: usize| format!(r#"{{"more":"{}","note":"{escaped}"}}"#, "word ".repeat(bytes / 5));
    for (body, code) in [
        (list(10), "attack_suspected"),
        (list(30), "inspection_exceeded"),
        (long(1_000), "attack_suspected"),
        (long(8_000), "inspection_exceeded"),
    ] {
        let answer = client.post_json("/notes", &body);
        assert_eq!(answer.status, 403, "{code}: {}", answer.text());
        assert!(answer.text().contains(code), "{code}: {}", answer.text());
    }
    assert_eq!(client.post_json("/notes", &list(30).replace(escaped, "hello")).status, 403);
    assert_eq!(client.post_json("/notes", &list(10).replace(escaped, "hello")).status, 200);
    let before = stage.server.count();
    let many = format!("/notes?{}&{}", vec!["text=a"; 30].join("&"), ATTACK.trim_start_matches("/notes?"));
    assert!(client.get(&many).status >= 400);
    assert_eq!(stage.server.count(), before);
}

#[test]
fn every_set_has_its_say_while_watching_and_a_message_repeats_nothing() {
    let more = "    waf: { rules: [own.conf], answers: true }\n";
    let folder = e2e::folder("waf-both");
    let rule =
        "SecRule ARGS \"@rx .\" \"id:100001,phase:2,deny,msg:'Saw %{MATCHED_VAR_NAME} = %{MATCHED_VAR}'\"\n";
    std::fs::write(folder.join("own.conf"), rule).unwrap();
    std::fs::write(folder.join("notes.yaml"), SPEC).unwrap();
    let server = Server::start(|_| Reply::json(200, "{}"));
    let checks = "    checks: { parameters: watch }\n";
    let gateway = Gateway::start(&folder, &gateway_file(&server, &format!("{checks}{more}")));
    let target = format!("{ATTACK}&sk_live_51HabCdEf0123456789=123456789012");
    let id = gateway.client().get(&target).request_id();
    let stage = Stage { folder, server, gateway };
    let text = stage.explained(&id);
    assert!(text.contains("of bartizan") && text.contains("rule 100001 of files"), "{text}");
    for secret in ["sk_live", "51Hab", "123456789012", "canaryword"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let record: Value = serde_json::from_str(&stage.gateway.explained(&id, &["--json"])).unwrap();
    let checks = record["record"]["checks"].as_array().unwrap();
    let refused = checks.iter().filter(|check| check["name"] == "waf" && check["verdict"] == "refuse");
    assert_eq!(refused.count(), 1, "{record}");
}

fn waf(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let arguments: Vec<&str> = std::iter::once("waf").chain(arguments.iter().copied()).collect();
    let output = verb_in(folder, &arguments);
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn rules_are_listed_and_tried_on_requests_in_files() {
    let folder = e2e::folder("waf-verbs");
    let (code, listed) = waf(&folder, &["rules", "--own", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(code, Some(0));
    assert!(listed["rules"].as_array().unwrap().len() > 50);
    let tests = e2e::root().join("crates/gateway/rules/tests");
    let (code, said) = waf(&folder, &["test", tests.to_str().unwrap(), "--own"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    std::fs::write(
        folder.join("own.conf"),
        "SecRule ARGS \"@contains attack\" \"id:1,phase:1,deny,msg:'Found'\"\n",
    )
    .unwrap();
    std::fs::write(folder.join("bad.txt"), "GET /?a=attack HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    std::fs::write(folder.join("good.txt"), "GET /?a=b HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let (code, said) = waf(&folder, &["test", "bad.txt", "--rules", "own.conf"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("bad.txt: refused") && said.contains("Found"), "{said}");
    let (code, said) = waf(&folder, &["test", "bad.txt", "--rules", "own.conf", "--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &said["requests"][0]["refused"]), (Some(1), &Value::Bool(true)), "{said}");
    assert_eq!(said["requests"][0]["rules"], serde_json::json!([1]), "{said}");
    let (code, said) = waf(&folder, &["test", "good.txt", "--rules", "own.conf"]);
    assert_eq!((code, said.contains("good.txt: passes")), (Some(0), true), "{said}");
    std::fs::write(folder.join("own.conf"), "SecRule ARGS \"@containz attack\" \"id:1,phase:1,deny\"\n")
        .unwrap();
    assert_eq!(waf(&folder, &["test", "good.txt", "--rules", "own.conf"]).0, Some(2));
}

#[test]
fn the_rules_of_each_api_are_those_that_its_requests_meet() {
    let folder = e2e::folder("waf-apis");
    let rule = |word: &str, id: u32| {
        format!("SecRule ARGS \"@contains {word}\" \"id:{id},phase:2,deny,msg:'The word {word}'\"\n")
    };
    std::fs::write(folder.join("all.conf"), rule("lamp", 100_001)).unwrap();
    std::fs::write(folder.join("own.conf"), rule("bolt", 100_002)).unwrap();
    std::fs::write(folder.join("notes.yaml"), SPEC).unwrap();
    let server = Server::start(|_| Reply::json(200, "{}"));
    let api = |name: &str, more: &str| {
        format!(
            "  {name}:\n    spec: notes.yaml\n    base_path: /{name}\n    upstream: http://{}\n    checks: {{ waf: enforce }}\n{more}",
            server.address
        )
    };
    let file = format!(
        "version: 1\nlisten: 127.0.0.1:0\nstate_dir: state\nwaf: {{ own_rules: false, rules: [all.conf] }}\napis:\n{}{}",
        api("one", ""),
        api("two", "    waf: { own_rules: false, rules: [own.conf] }\n")
    );
    let gateway = Gateway::start(&folder, &file);
    let client = gateway.client();
    for (target, status) in [
        ("/one/notes?text=a%20lamp", 403),
        ("/one/notes?text=a%20bolt", 200),
        ("/two/notes?text=a%20lamp", 200),
        ("/two/notes?text=a%20bolt", 403),
        // Neither has rules about it.
        ("/one/notes?text=1%27%20union%20select%20a%20from%20b--%20", 200),
    ] {
        assert_eq!(client.get(target).status, status, "{target}");
    }
    for (name, id, word) in [("one", 100_001, "lamp"), ("two", 100_002, "bolt")] {
        let output = gateway.verb(&["waf", "rules", "--api", name, "--json"]);
        let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
        let ids: Vec<_> = listed["rules"].as_array().unwrap().iter().map(|rule| &rule["rule"]).collect();
        assert_eq!(ids.last(), Some(&&Value::from(id)), "{name}");
        std::fs::write(folder.join("request"), format!("GET /?a={word} HTTP/1.1\r\nHost: a\r\n\r\n"))
            .unwrap();
        assert_eq!(gateway.verb(&["waf", "test", "request", "--api", name]).status.code(), Some(1), "{name}");
    }
    assert_eq!(gateway.verb(&["waf", "rules"]).status.code(), Some(2), "which of them?");
    for unclear in [&["--own"][..], &["--rules", "own.conf"]] {
        assert_eq!(
            gateway.verb(&[&["waf", "rules"], unclear].concat()).status.code(),
            Some(0),
            "{unclear:?}"
        );
        let both = [&["waf", "rules", "--api", "one"], unclear].concat();
        assert_eq!(gateway.verb(&both).status.code(), Some(2), "{both:?}");
    }
}

#[test]
fn rules_of_files_see_members_of_json_and_xml_without_more_ado() {
    let folder = e2e::folder("waf-members");
    let rule = "SecRule ARGS:json.note \"@contains lamp\" \"id:100001,phase:2,deny\"\n\
                SecRule XML:/* \"@contains bolt\" \"id:100002,phase:2,deny\"\n";
    std::fs::write(folder.join("own.conf"), rule).unwrap();
    let spec = SPEC.replace(
        "        content: { application/json",
        "        content: { application/vnd.notes+json: {}, application/xml: {}, application/json",
    );
    std::fs::write(folder.join("notes.yaml"), spec).unwrap();
    let server = Server::start(|_| Reply::json(200, "{}"));
    let more = "    checks: { waf: enforce }\n    waf: { own_rules: false, rules: [own.conf] }\n";
    let gateway = Gateway::start(&folder, &gateway_file(&server, more));
    let client = gateway.client();
    for (media, body, status) in [
        ("application/json", r#"{"note":"a \u006camp"}"#, 403),
        ("application/vnd.notes+json", r#"{"note":"a lamp"}"#, 403),
        ("application/json", r#"{"note":"a bolt"}"#, 200),
        ("application/xml", "<a><b>a bolt</b></a>", 403),
        ("application/xml", "<a><b>a lamp</b></a>", 200),
    ] {
        let answer = client.send("POST", "/notes", &[("Content-Type", media)], body.as_bytes());
        assert_eq!(answer.status, status, "{media} {body}: {}", answer.text());
        let request = format!(
            "POST /notes HTTP/1.1\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        std::fs::write(folder.join("request"), request).unwrap();
        let tried = waf(&folder, &["test", "request", "--rules", "own.conf"]).0;
        assert_eq!(tried, Some(i32::from(status == 403)), "{media} {body}");
    }
}

#[test]
fn what_matched_while_watching_is_counted_and_one_caller_alone_proposes_nothing() {
    let stage = Stage::set("waf-tune", "", "{}");
    for _ in 0..5 {
        stage.gateway.client().get(ATTACK);
    }
    let mut document = Value::Null;
    e2e::eventually("the records are written", || {
        let output = stage.gateway.verb(&["waf", "tune", "--json"]);
        document = serde_json::from_slice(&output.stdout).unwrap_or_default();
        document["matches"][0]["matches"] == 5
    });
    let first = &document["matches"][0];
    assert_eq!((&first["operation"], &first["variable"]), (&"findNotes".into(), &"ARGS:text".into()));
    assert_eq!((&first["callers"], &first["proposed"]), (&1.into(), &false.into()), "{document}");
    let before = std::fs::read(stage.folder.join("bartizan.yaml")).unwrap();
    let output = stage.gateway.verb(&["waf", "tune"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("# not proposed: - { rule: "));
    assert_eq!(std::fs::read(stage.folder.join("bartizan.yaml")).unwrap(), before, "nothing is applied");
}

#[test]
fn status_names_what_has_watched_for_more_than_fourteen_days() {
    let folder = e2e::folder("waf-status");
    std::fs::create_dir_all(folder.join("state")).unwrap();
    std::fs::write(
        folder.join("state/watched.json"),
        r#"{"version":1,"since":{"notes":{"waf":1700000000,"limits":1700000000}}}"#,
    )
    .unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder.join("state"), std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::write(folder.join("notes.yaml"), SPEC).unwrap();
    let server = Server::start(|_| Reply::json(200, "{}"));
    let gateway = Gateway::start(&folder, &gateway_file(&server, ""));
    let output = gateway.verb(&["status", "--json"]);
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    let long = status["status"]["long_watched"].as_array().unwrap();
    assert_eq!(long.len(), 1, "what no longer watches is forgotten: {status}");
    assert_eq!((&long[0]["api"], &long[0]["check"]), (&"notes".into(), &"waf".into()));
    assert!(long[0]["days"].as_u64().unwrap() > 14);
    let text = String::from_utf8_lossy(&gateway.verb(&["status"]).stdout).into_owned();
    assert!(text.contains("check waf of notes has only watched for"), "{text}");
}
