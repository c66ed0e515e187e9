//! The traps that lie in what is answered, and in how a request is spelled.

use std::time::Instant;

use serde_json::json;
use victim::{Request, Stage, ada, ana, ben};

use crate::traps::{Scene, bindings, nothing_leaks};

/// How the weak twin can be made to answer what a filter cannot read; `true`: a filter might.
const FORMS: &[(&str, bool)] = &[
    ("csv", false),
    ("none", false),
    ("ndjson", false),
    ("lines", false),
    ("utf16", false),
    ("gzip", false),
    ("partial", false),
    ("twice", false),
    ("twice_escaped", false),
    ("bom", true),
    ("cut", false),
    ("list", true),
    ("text", false),
    ("deep", false),
    ("large", false),
    ("stream", false),
];

#[test]
fn an_answer_that_cannot_be_read_for_certain_is_not_passed_on() {
    let scene = Scene::set("forms");
    for (form, readable) in FORMS {
        let target = format!("/invoices/51?format={form}");
        let bare = scene
            .stage
            .ask(scene.stage.weak.address, Some(&ben()), Request::new("GET", &target, ""))
            .unwrap();
        assert!(bare.status < 300, "the application answers {form}");
        for person in [ben(), ana()] {
            let answer = scene.ask(&person, "GET", &target, "");
            nothing_leaks(&person, &answer, form);
            let may_pass = *readable && person == ana();
            assert!(answer.status >= 400 || may_pass, "{form} to {}: {}", person.name, answer.status);
            if person == ana() && !may_pass {
                // Whole JSON in which there is no object is an object that is not there.
                assert!(matches!(answer.status, 404 | 502), "{form}: {}", answer.text());
            }
        }
        let list = scene.ask(&ben(), "GET", &format!("/invoices?format={form}"), "");
        nothing_leaks(&ben(), &list, form);
        assert!(list.status == 502 || *readable, "{form} of a list: {}", list.status);
    }
    assert_eq!(
        scene.ask(&ana(), "GET", "/invoices/51?format=plain", "").status,
        200,
        "the form it has itself"
    );
}

#[test]
fn a_request_body_of_an_undeclared_media_type_is_refused() {
    let scene = Scene::set("media");
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"] {
        let request = Request::new("POST", "/payments", "")
            .header("Content-Type", media)
            .body(r#"{"payment":{"invoice_id":51,"amount":5}}"#);
        let answer = scene.send(Some(&ana()), request);
        assert!(matches!(answer.status, 400 | 415), "{media}: {}", answer.status);
    }
    assert_eq!(scene.value("invoices", 51, "paid"), json!(0));
}

#[test]
fn no_spelling_of_a_request_names_another_object_to_the_gateway_than_to_the_application() {
    let scene = Scene::set("spellings");
    let bodies = [
        r#"{"payment":{"invoice_id":52,"invoice_id":51,"amount":5}}"#,
        r#"{"payment":{"invoice_id":51,"invoice_id":52,"amount":5}}"#,
        r#"{"payment":{"invoice_id":52,"invoice\u005fid":51,"amount":5}}"#,
        r#"{"payment":{"invoice_id":52,"amount":5},"payment":{"invoice_id":51,"amount":5}}"#,
        r#"{"payment":{"__proto__":{"invoice_id":52},"invoice_id":51,"amount":5}}"#,
        r#"{"payment":{"invoice_id":51.0,"amount":5}}"#,
        r#"{"payment":{"invoice_id":5.1e1,"amount":5}}"#,
        r#"{"payment":{"invoice_id":"51","amount":5}}"#,
        r#"{"payment":{"invoice_id":[51],"amount":5}}"#,
        r#"{"payment":{"invoice_id":true,"amount":5}}"#,
        r#"{"payment":{"invoice_id":52,"invoiceId":51,"amount":5}}"#,
        r#"{"payment":{"invoice_id":52,"amount":5},"Payment":{"invoice_id":51,"amount":5}}"#,
        r#"{"Payment":{"invoice_id":51,"amount":5}}"#,
        r#"{"payment":{"invoice_id":52,"amount":5},"_method":"PUT"}"#,
        "\u{feff}{\"payment\":{\"invoice_id\":51,\"amount\":5}}",
    ];
    for body in bodies {
        let answer = scene.ask(&ben(), "POST", "/payments", body);
        assert!(matches!(answer.status, 400 | 403 | 404 | 422), "{body}: {}", answer.status);
        assert_eq!(scene.value("invoices", 51, "paid"), json!(0), "{body}");
    }
    let targets = [
        "/invoices/%35%31",
        "/invoices/051",
        "/invoices/51.0",
        "/invoices/+51",
        "/invoices/51;x=1",
        "/invoices/51/",
        "//invoices/51",
        "/invoices//51",
        "/invoices/52/../51",
        "/invoices/52/%2e%2e/51",
        "/invoices/52%2f..%2f51",
        "/invoices/51.json",
        "/invoices/51%00",
        "/Invoices/51",
        "/invoices/lookup",
        "/invoices/51%20",
        "/./invoices/51",
        "/invoices/51?invoice_id=52",
        "/%69nvoices/51",
    ];
    for target in targets {
        for method in ["GET", "PUT", "DELETE"] {
            let answer =
                scene.ask(&ben(), method, target, if method == "PUT" { r#"{"amount":4}"# } else { "" });
            assert!((400..500).contains(&answer.status), "{method} {target}: {}", answer.status);
            nothing_leaks(&ben(), &answer, target);
        }
    }
    for name in ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"] {
        let own = Request::new("POST", "/invoices/52/send", "").header(name, "DELETE");
        scene.send(Some(&ben()), own);
        assert!(scene.stage.weak.app.state().get("invoices", 52).is_some());
        let forwarded = scene.stage.weak.app.seen();
        let lower = name.to_ascii_lowercase();
        assert!(forwarded.iter().all(|seen| !seen.headers.contains(&lower)), "{name} went through");
    }
    assert_eq!(scene.value("invoices", 51, "amount"), json!(510));
}

#[test]
fn what_is_missing_and_what_is_denied_take_the_same_steps_and_a_name_that_is_taken_shows_nobody() {
    let scene = Scene::set("missing");
    let pairs = [
        ("GET", "/invoices/51", "/invoices/9999", ""),
        ("PUT", "/invoices/51", "/invoices/9999", r#"{"amount":4}"#),
        ("DELETE", "/cards/21", "/cards/9999", ""),
        ("POST", "/cards/21/freeze", "/cards/9999/freeze", ""),
        ("GET", "/notes/1072", "/notes/9999", ""),
        ("GET", "/tickets/81", "/tickets/9999", ""),
        ("PUT", "/people/101", "/people/9999", r#"{"name":"x"}"#),
    ];
    for (method, denied, missing, body) in pairs {
        let steps = |target: &str| {
            scene.stage.weak.app.reset();
            let answer = scene.ask(&ben(), method, target, body);
            let id = answer.header("x-request-id").unwrap_or_default().to_owned();
            let head = answer.head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("date:"));
            let head = head.collect::<Vec<_>>().join("\n").replace(&id, "ID");
            (answer.status, head, answer.text().replace(&id, "ID"))
        };
        // Once before, so that what is kept for a while is kept for both.
        let _ = steps(denied);
        let first = steps(denied);
        let second = steps(missing);
        assert_eq!(first, second, "{method} {denied}");
    }
    let taken = scene.ask(&ben(), "POST", "/clients", r#"{"name":"mark-clients-11;"}"#);
    nothing_leaks(&ben(), &taken, "a name that is taken");
}

#[test]
fn a_page_of_a_list_says_nothing_of_what_it_does_not_show() {
    let scene = Scene::set("list");
    let page = scene.ask(&ben(), "GET", "/invoices?limit=5", "");
    assert_eq!(page.status, 200, "{}", page.text());
    nothing_leaks(&ben(), &page, "a page");
    let page = page.json();
    let items = page["items"].as_array().unwrap();
    assert!(!items.is_empty() && items.iter().all(|item| item["owner_id"] == 102));
    assert!(page["total"].as_u64().is_none_or(|total| total <= 10), "{}", page["total"]);
    assert_eq!(page["facets"], json!(null));
    let hers = scene.ask(&ben(), "GET", "/invoices?limit=5&owner=101", "");
    assert_eq!(hers.json()["items"], json!([]), "{}", hers.text());
    assert!(hers.json()["total"].as_u64().is_none_or(|total| total == 0), "{}", hers.text());
    // Page by page, everything that is one's own comes, and ends.
    let mut own: Vec<u64> = Vec::new();
    for offset in [0, 5, 10] {
        let page = scene.ask(&ben(), "GET", &format!("/invoices?limit=5&offset={offset}"), "").json();
        own.extend(page["items"].as_array().into_iter().flatten().filter_map(|item| item["id"].as_u64()));
    }
    assert_eq!(own, (0..10).map(|place| 52 + 3 * place).collect::<Vec<u64>>());
}

#[test]
fn what_was_filtered_is_kept_by_no_cache_and_compared_with_no_tag_of_the_whole() {
    let scene = Scene::set("caches");
    let request = Request::new("GET", "/invoices/51?format=headers", "")
        .header("If-None-Match", "\"whole-record\"")
        .header("Range", "bytes=0-99");
    let answer = scene.send(Some(&ana()), request);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cache = answer.header("cache-control").unwrap_or_default();
    assert!(cache.contains("no-store") && cache.contains("private") && !cache.contains("public"), "{cache}");
    assert_eq!(answer.header("etag"), None);
    for seen in scene.stage.weak.app.seen() {
        assert!(!seen.headers.iter().any(|name| name == "if-none-match" || name == "range"), "{seen:?}");
    }
}

#[test]
fn a_stream_or_a_tunnel_does_not_carry_what_a_filter_must_read() {
    let scene = Scene::set("stream");
    let stream = scene.ask(&ana(), "GET", "/invoices/51?format=stream", "");
    // The answer was to say whose it is: what says nothing is as good as not there.
    assert_eq!((stream.status, stream.code()), (404, "object_not_found".to_owned()));
    let tunnel = Request::new("GET", "/invoices/51", "")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    let answer = scene.send(Some(&ben()), tunnel);
    assert!(answer.status >= 400);
    nothing_leaks(&ben(), &answer, "an upgrade");
}

#[test]
fn an_id_that_nothing_binds_is_told_by_check() {
    let stage = Stage::set(&e2e::folder("trap-unbound"), 0).unwrap();
    let file = stage.write_files().unwrap();
    let folder = file.parent().unwrap();
    let check = || {
        let output = e2e::verb_in(folder, &["check", "--json", "--config", file.to_str().unwrap()]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let whole = check();
    assert!(!whole.contains("B4201"), "{whole}");
    let from = "object: { type: Invoice, id: body.payment.invoice_id }, evidence: [resolver]";
    let text = bindings(&[(from, "object: { type: Client, id: body.payment.amount }, evidence: [resolver]")]);
    std::fs::write(folder.join("bindings.yaml"), text).unwrap();
    let said = check();
    assert!(said.contains("B4201") && said.contains("payInvoice") && said.contains("invoice_id"), "{said}");
}

#[test]
fn an_operation_that_no_binding_names_is_refused_to_everybody() {
    let from =
        "  listProjects: { action: list, list: { type: Project, items: \"$.projects[*]\", filter: true } }\n";
    let stage = Stage::set(&e2e::folder("trap-unlisted"), 0).unwrap();
    let evidence = "evidence: [{ list: { operation: listProjects, items: \"$.projects[*]\", id: $.name, owner: $.owner_id } }]";
    let text = bindings(&[
        (from, ""),
        (evidence, "evidence: [resolver]"),
        ("ProjectByName, id: path.key", "Project, id: path.key"),
    ]);
    let gateway = stage.gateway_with(&e2e::program(), "", &[("bindings.yaml", text)]).unwrap();
    for person in [ana(), ada()] {
        let request = Request::new("GET", "/projects", "");
        let answer = stage.ask(gateway.address, Some(&person), request).unwrap();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "authorization_undeclared"),
            "{}",
            answer.text()
        );
    }
    assert!(stage.weak.app.seen().is_empty());
    let reset = stage.ask(gateway.address, Some(&ada()), Request::new("GET", "/admin/reset", "")).unwrap();
    assert_eq!(reset.status, 403);
    assert!(stage.weak.app.seen().is_empty());
}

#[test]
fn a_description_that_lists_a_secret_or_another_shape_does_not_show_it() {
    let scene = Scene::set("lies");
    let card = scene.ask(&ana(), "GET", "/cards/21", "");
    assert_eq!(card.status, 200, "{}", card.text());
    assert_eq!((card.json()["cvc"].clone(), card.json()["limit"].clone()), (json!(null), json!(1000)));
    let cards = scene.ask(&ana(), "GET", "/clients/11/cards", "");
    assert_eq!(cards.json()["cards"][0]["limit"], json!(1000), "{}", cards.text());
    nothing_leaks(&ana(), &cards, "cards in a list");
    // An object where the description says an array, an array where it says an object.
    let page = scene.ask(&ana(), "GET", "/invoices?limit=100", "");
    assert_eq!(page.json()["items"].as_array().map(Vec::len), Some(10));
    let listed = scene.ask(&ana(), "GET", "/invoices/51?format=list", "");
    nothing_leaks(&ana(), &listed, "an object in an array");
    assert_eq!(scene.ask(&ben(), "GET", "/invoices/51?format=list", "").status, 404);
}

#[test]
fn many_readers_of_one_s_own_objects_cost_the_application_few_calls() {
    let scene = Scene::set("preflight");
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for place in 0..24 {
            let scene = &scene;
            scope.spawn(move || {
                let answer = scene.ask(&ana(), "GET", &format!("/notes/{}", 1000 + 3 * place), "");
                assert_eq!(answer.status, 200, "{}", answer.text());
            });
        }
    });
    assert_eq!(scene.calls("/notes/"), 24);
    // Three pages a list; two seconds are kept, and what is asked at once is asked once.
    let lists = 4 + usize::try_from(begun.elapsed().as_secs() / 2).unwrap();
    assert!(scene.calls("/notes?") <= 3 * lists, "{} calls for {lists} lists", scene.calls("/notes?"));
}

#[test]
fn the_body_of_an_error_and_debug_headers_carry_nothing_of_the_record() {
    let scene = Scene::set("errors");
    let conflict = scene.ask(&ana(), "PUT", "/clients/11", r#"{"name":"Newer","version":7}"#);
    assert_eq!(conflict.status, 409);
    nothing_leaks(&ana(), &conflict, "a conflict");
    assert!(!conflict.text().contains("credit_score") && !conflict.text().contains("tax_id"));
    let debug = scene.ask(&ana(), "GET", "/invoices/51?format=headers", "");
    assert_eq!((debug.status, debug.header("x-debug-record")), (200, None), "{}", debug.head);
    nothing_leaks(&ana(), &debug, "debug headers");
}
