//! Sealed ids before the application that counts its own: what callers are shown, what they may send back, and what a
//! thief can do with it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use victim::{Answer, Gateway, Person, Request, Stage, ana, ben, oto, sue};

use super::traps::bindings;

/// What is added to the application's bindings.
const SEALED: [(&str, &str); 7] = [
    (
        "  Invoice:\n    id: id\n",
        "  Invoice:\n    id: id\n    seal: inv\n    references: [{ at: client_id, type: Client }]\n",
    ),
    ("  Client:\n    id: id\n", "  Client:\n    id: id\n    seal: { prefix: cli }\n"),
    ("  Task:\n    id: id\n", "  Task:\n    id: id\n    seal: task\n"),
    (
        "  listTasks: { action: list, free: [query.after] }",
        "  listTasks: { action: list, shows: { type: Task, at: \"$.tasks[*]\" }, ids: [{ at: query.after, type: Task }], shows_ids: [{ at: $.next, type: Task }] }",
    ),
    (
        "object: { type: Client, id: body.client_id }, evidence: [resolver], takes: Invoice",
        "object: { type: Client, id: body.client_id }, evidence: [sealed, resolver], takes: Invoice",
    ),
    ("drop: [$.facets, $.next]", "drop: [$.facets, $.next]"),
    ("  getTask: {", "  getTask: {"),
];

const KEYS: &str = "      sealing: { keys: [KEYS] }\n";

struct Scene {
    stage: Stage,
    gateway: Gateway,
}

impl Scene {
    fn set(name: &str, more: &str) -> Self {
        let stage = Stage::set(&e2e::folder(&format!("sealed-{name}")), 0).unwrap();
        let gateway = start(&stage, name, &[(1, "one")], more);
        Self { stage, gateway }
    }

    fn ask(&self, person: &Person, method: &str, target: &str, body: &str) -> Answer {
        self.send(person, Request::new(method, target, "").body(body))
    }

    fn send(&self, person: &Person, request: Request) -> Answer {
        self.stage.ask(self.gateway.address, Some(person), request).unwrap()
    }

    fn invoices(&self, person: &Person) -> Vec<Value> {
        let answer = self.ask(person, "GET", "/invoices", "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["items"].as_array().cloned().unwrap_or_default()
    }
}

/// The gateway with these keys, the first of which seals.
fn start(stage: &Stage, name: &str, keys: &[(u8, &str)], more: &str) -> Gateway {
    let folder = e2e::folder(&format!("sealed-keys-{name}"));
    let entry = |(number, name): &(u8, &str)| {
        let file = folder.join(format!("{name}.key"));
        std::fs::write(&file, format!("{name:-<40}")).unwrap();
        format!("{{ number: {number}, key: \"${{file:{}}}\" }}", file.display())
    };
    let keys = keys.iter().map(entry).collect::<Vec<_>>().join(", ");
    let lines = format!("{}{more}", KEYS.replace("KEYS", &keys));
    let gateway = stage.gateway_with(&e2e::program(), &lines, &[("bindings.yaml", bindings(&SEALED))]);
    gateway.unwrap_or_else(|said| panic!("{said}"))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("`{name}` is a text in {value}"))
}

/// The answer without what differs from request to request.
fn told(answer: &Answer) -> (u16, Vec<String>, Value) {
    let names = answer.head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let names: BTreeSet<String> = names.map(|(name, _)| name.to_ascii_lowercase()).collect();
    let mut body = answer.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
        body.remove("instance");
    }
    (answer.status, names.into_iter().collect(), body)
}

#[test]
fn callers_walk_from_a_list_to_its_items_and_never_see_a_counted_id() {
    let scene = Scene::set("walk", "");
    let items = scene.invoices(&ana());
    assert_eq!(items.len(), 10);
    let lengths: BTreeSet<usize> = items.iter().map(|item| text(item, "id").len()).collect();
    assert_eq!(lengths.len(), 1, "sealed ids are of one length");
    for item in &items {
        let id = text(item, "id");
        assert!(id.starts_with("inv_") && text(item, "client_id").starts_with("cli_"), "{item}");
        let got = scene.ask(&ana(), "GET", &format!("/invoices/{id}"), "");
        assert_eq!((got.status, text(&got.json(), "id").to_owned()), (200, id.to_owned()), "{}", got.text());
        assert_eq!(got.json()["amount"], item["amount"]);
    }
    // From an invoice to the client it is for.
    let client = text(&items[0], "client_id");
    let got = scene.ask(&ana(), "GET", &format!("/clients/{client}"), "");
    assert_eq!((got.status, text(&got.json(), "id").to_owned()), (200, client.to_owned()));
    // An action answers with the id as well, and nobody declared it.
    let sent = scene.ask(&ana(), "POST", &format!("/invoices/{}/send", text(&items[0], "id")), "");
    assert_eq!((sent.status, sent.json()), (200, json!({ "id": items[0]["id"], "ok": true })));
}

#[test]
fn where_something_was_made_and_what_refers_to_it_are_sealed_alike() {
    let scene = Scene::set("made", "");
    let client = text(&scene.invoices(&ana())[0], "client_id").to_owned();
    let body = json!({ "client_id": client, "amount": 7 }).to_string();
    let made = scene.ask(&ana(), "POST", "/invoices", &body);
    assert_eq!(made.status, 201, "{}", made.text());
    let id = text(&made.json(), "id").to_owned();
    assert_eq!(made.header("location"), Some(format!("/invoices/{id}").as_str()));
    assert_eq!(text(&made.json(), "client_id"), client);
    // The service has its own.
    let state = scene.stage.weak.app.state();
    assert!(state.table("invoices").all(|(_, record)| record["client_id"].is_u64()));
    for (target, body) in [
        ("/invoices/lookup", json!({ "invoice_id": id })),
        ("/invoices/archive", json!({ "ids": [id] })),
        ("/payments", json!({ "payment": { "invoice_id": id, "amount": 3 } })),
    ] {
        let answer = scene.ask(&ana(), "POST", target, &body.to_string());
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    }
    let paid = scene.ask(&ana(), "GET", &format!("/invoices/{id}"), "").json();
    assert_eq!(paid["paid"], json!(3));
}

#[test]
fn nobody_has_an_id_sealed_by_writing_it_into_a_text() {
    let scene = Scene::set("oracle", "");
    let own = scene.invoices(&ana());
    let client = text(&own[0], "client_id").to_owned();
    // Of one tenant, and so sealed alike for both.
    let peers: Vec<String> = scene.invoices(&ben()).iter().map(|item| text(item, "id").to_owned()).collect();
    for note in [
        "/invoices/52",
        "http://x.example/invoices/52?a=b",
        "HTTPS://x.example/invoices/52",
        "../invoices/52",
    ] {
        let body = json!({ "client_id": client, "amount": 7, "note": note }).to_string();
        let made = scene.ask(&ana(), "POST", "/invoices", &body);
        assert_eq!(made.status, 201, "{}", made.text());
        let got = scene.ask(&ana(), "GET", &format!("/invoices/{}", text(&made.json(), "id")), "");
        assert_eq!(got.status, 200, "{}", got.text());
        for answer in [&made, &got] {
            let whole = format!("{}{}", answer.head, answer.text());
            assert!(peers.iter().all(|id| !whole.contains(id.as_str())), "{note}: {whole}");
        }
    }
    // What a raw id in the place of a sealed one would do.
    for body in
        [json!({ "Client_id": 12, "client_id": client, "amount": 7 }), json!({ "clientId": 12, "amount": 7 })]
    {
        let answer = scene.ask(&ana(), "POST", "/invoices", &body.to_string());
        assert!((400..500).contains(&answer.status), "{body}: {}", answer.text());
    }
}

#[test]
fn a_thief_with_counted_ids_or_with_those_of_another_tenant_finds_nothing() {
    let scene = Scene::set("thief", "");
    let own = text(&scene.invoices(&ana())[0], "id").to_owned();
    let foreign = text(&scene.invoices(&sue())[0], "id").to_owned();
    let peers = text(&scene.invoices(&ben())[0], "id").to_owned();
    let client = text(&scene.invoices(&ana())[0], "client_id").to_owned();
    // What is gone says how a missing one is told.
    let body = json!({ "client_id": client, "amount": 7 }).to_string();
    let gone = text(&scene.ask(&ana(), "POST", "/invoices", &body).json(), "id").to_owned();
    assert_eq!(scene.ask(&ana(), "DELETE", &format!("/invoices/{gone}"), "").status, 204);
    let of = |id: &str, method: &str| scene.ask(&ana(), method, &format!("/invoices/{id}"), "");
    let missing = told(&of(&gone, "GET"));
    assert_eq!(missing.0, 404);
    let changed =
        format!("{}{}", own.get(..own.len() - 1).unwrap(), if own.ends_with('A') { 'B' } else { 'A' });
    let before = scene.stage.weak.app.seen().len();
    for id in ["51", "52", "99999", "inv_51", "inv_", &foreign, &client, &changed] {
        for method in ["GET", "DELETE"] {
            assert_eq!(told(&of(id, method)), missing, "{method} {id}");
        }
    }
    for (target, body) in [
        ("/invoices/lookup", json!({ "invoice_id": 52 })),
        ("/invoices/lookup", json!({ "invoice_id": foreign })),
        ("/invoices/archive", json!({ "ids": [own, 52] })),
        ("/payments", json!({ "payment": { "invoice_id": foreign, "amount": 1 } })),
        ("/invoices", json!({ "client_id": 12, "amount": 1 })),
    ] {
        let answer = scene.ask(&ana(), "POST", target, &body.to_string());
        assert_eq!(told(&answer), missing, "{target} {body}");
    }
    assert_eq!(scene.stage.weak.app.seen().len(), before, "the service was asked nothing");
    // A tenant's own sealed ids open there, and are authorized as any other.
    assert_eq!(told(&of(&peers, "GET")), missing);
    assert_eq!(scene.ask(&oto(), "GET", &format!("/invoices/{own}"), "").status, 404);
}

#[test]
fn cursors_that_are_ids_lead_from_page_to_page() {
    let scene = Scene::set("cursors", "");
    let (mut target, mut seen) = ("/tasks".to_owned(), BTreeSet::new());
    for _ in 0..20 {
        let page = scene.ask(&ana(), "GET", &target, "");
        assert_eq!(page.status, 200, "{}", page.text());
        for task in page.json()["tasks"].as_array().into_iter().flatten() {
            assert!(seen.insert(text(task, "id").to_owned()));
        }
        match page.json()["next"].as_str() {
            Some(next) if next.starts_with("task_") => target = format!("/tasks?after={next}"),
            Some(other) => panic!("a cursor is sealed: {other}"),
            None => break,
        }
    }
    assert!(seen.len() >= 25 && seen.iter().all(|id| id.starts_with("task_")), "{}", seen.len());
    assert_eq!(scene.ask(&ana(), "GET", "/tasks?after=2000", "").status, 404);
}

#[test]
fn ids_sealed_with_the_key_before_still_open_and_those_of_a_key_that_is_gone_do_not() {
    let stage = Stage::set(&e2e::folder("sealed-rotation"), 0).unwrap();
    let ask = |gateway: &Gateway, target: &str| {
        stage.ask(gateway.address, Some(&ana()), Request::new("GET", target, "")).unwrap()
    };
    let first = |gateway: &Gateway| text(&ask(gateway, "/invoices").json()["items"][0], "id").to_owned();
    let old = start(&stage, "rotation", &[(1, "one")], "");
    let before = first(&old);
    drop(old);
    let both = start(&stage, "rotation", &[(2, "two"), (1, "one")], "");
    let after = first(&both);
    assert_ne!(before, after);
    for id in [&before, &after] {
        let got = ask(&both, &format!("/invoices/{id}"));
        assert_eq!((got.status, text(&got.json(), "id")), (200, after.as_str()), "{id}");
    }
    drop(both);
    let new = start(&stage, "rotation", &[(2, "two")], "");
    assert_eq!(first(&new), after);
    assert_eq!(ask(&new, &format!("/invoices/{before}")).status, 404);
    assert_eq!(ask(&new, &format!("/invoices/{after}")).status, 200);
}

#[test]
fn where_sealing_is_watched_the_service_s_own_ids_pass_and_are_counted() {
    let scene = Scene::set("watched", "    checks: { sealed_ids: watch }\n");
    let items = scene.invoices(&ana());
    let id = items[0]["id"].as_u64().unwrap();
    assert_eq!(scene.ask(&ana(), "GET", &format!("/invoices/{id}"), "").status, 200);
    let sent = scene.ask(&ana(), "POST", &format!("/invoices/{id}/send"), "");
    assert_eq!((sent.status, sent.json()["id"].clone()), (200, json!(id)));
    let listed = scene.ask(&ana(), "GET", "/invoices", "");
    let id = listed.header("x-request-id").unwrap().to_owned();
    let file = scene.gateway.file.display().to_string();
    let mut told = String::new();
    e2e::eventually("the record is written", || {
        let explain = ["explain", "--request-id", &id, "--config", &file];
        let said = std::process::Command::new(e2e::program()).args(explain).output().unwrap();
        told = String::from_utf8_lossy(&said.stdout).into_owned();
        said.status.success()
    });
    // Ten invoices, each with its own id and its client's.
    assert!(told.contains("ids sealed: 20"), "{told}");
}

#[test]
fn status_tells_how_authorization_stands_and_how_guessable_the_ids_are() {
    let scene =
        Scene::set("status", "    operations: { getCard: { checks: { shown_properties: watch } } }\n");
    let id = text(&scene.invoices(&ana())[0], "id").to_owned();
    assert_eq!(scene.ask(&ana(), "GET", &format!("/invoices/{id}"), "").status, 200);
    let status = |form: &[&str]| {
        let mut arguments = vec!["status", "--config"];
        let file = scene.gateway.file.display().to_string();
        arguments.push(&file);
        arguments.extend(form);
        let said = std::process::Command::new(e2e::program()).args(arguments).output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).unwrap()
    };
    let told: Value = serde_json::from_str(&status(&["--json"])).unwrap();
    let told = told.get("status").unwrap_or(&told);
    let authorization = &told["apis"][0]["authorization"];
    assert_eq!(authorization["operations_denied"], json!(1), "{told}");
    assert!(authorization["policies"].as_u64() > Some(2), "{authorization}");
    let find = |list: &str, key: &str, name: &str| {
        let mut all = authorization[list].as_array().into_iter().flatten();
        all.find(|one| one[key] == *name).cloned().unwrap_or_else(|| panic!("{name} in {authorization}"))
    };
    let invoice = find("types", "type", "Invoice");
    assert_eq!(
        (&invoice["sealed"], &invoice["ids"]["grade"]),
        (&json!("inv"), &json!("enumerable")),
        "{invoice}"
    );
    assert!(invoice["ids"]["seen"].as_u64() > Some(10), "{invoice}");
    assert!(
        invoice["sources"].as_array().is_some_and(|sources| sources.contains(&json!("resolver"))),
        "{invoice}"
    );
    assert!(find("types", "type", "Person").get("sealed").is_none());
    assert_eq!(find("checks", "check", "shown_properties")["watch"], json!(1));
    assert_eq!(authorization["sealing_keys"], json!([1]));
    assert_eq!(told["objects"]["locked"], json!(0));
    let text = status(&[]);
    for line in [
        "type Invoice: ",
        "; sealed as inv_...; ids are enumerable by ",
        "ids are sealed with key 1",
        "authorization: ",
    ] {
        assert!(text.contains(line), "`{line}` in\n{text}");
    }
}
