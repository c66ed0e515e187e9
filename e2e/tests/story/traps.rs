//! The traps that authorization in front of an application falls into, each with the one sentence that must hold.

use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use victim::matrix::rule::leaks;
use victim::{Answer, Gateway, Person, Request, Stage, ada, ana, ben};

/// The application with the gateway before it.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) gateway: Gateway,
}

impl Scene {
    pub(crate) fn set(name: &str) -> Self {
        Self::with(name, 0, &[])
    }

    /// `changes`: in the bindings, what stands there and what stands there instead.
    pub(crate) fn with(name: &str, pause_us_max: u64, changes: &[(&str, &str)]) -> Self {
        let stage = Stage::set(&e2e::folder(&format!("trap-{name}")), pause_us_max).unwrap();
        let bindings = bindings(changes);
        let gateway = stage.gateway_with(&e2e::program(), "", &[("bindings.yaml", bindings)]);
        Self { gateway: gateway.unwrap_or_else(|said| panic!("{said}")), stage }
    }

    pub(crate) fn ask(&self, person: &Person, method: &str, target: &str, body: &str) -> Answer {
        self.send(Some(person), Request::new(method, target, "").body(body))
    }

    pub(crate) fn send(&self, person: Option<&Person>, request: Request) -> Answer {
        self.stage.ask(self.gateway.address, person, request).unwrap()
    }

    pub(crate) fn value(&self, table: &str, id: u64, property: &str) -> serde_json::Value {
        self.stage.weak.app.state().get(table, id).map(|record| record[property].clone()).unwrap_or_default()
    }

    pub(crate) fn calls(&self, start: &str) -> usize {
        self.stage.weak.app.seen().iter().filter(|seen| seen.target.starts_with(start)).count()
    }
}

pub(crate) fn bindings(changes: &[(&str, &str)]) -> String {
    let mut text = victim::BINDINGS.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "the bindings say `{from}`");
        text = text.replace(from, to);
    }
    text
}

pub(crate) fn nothing_leaks(person: &Person, answer: &Answer, about: &str) {
    let shown = leaks(Some(person), &format!("{};{}", answer.head, answer.text()));
    assert!(shown.is_empty(), "{about}: shown {shown:?}");
}

#[test]
fn a_get_with_an_effect_is_decided_before_it_takes_effect() {
    let scene = Scene::set("effect");
    let refused = scene.ask(&ben(), "GET", "/invoices/51/remind", "");
    assert_eq!((refused.status, scene.value("invoices", 51, "reminders")), (404, json!(0)));
    assert_eq!(scene.ask(&ana(), "GET", "/invoices/51/remind", "").status, 200);
    assert_eq!(scene.value("invoices", 51, "reminders"), json!(1));
    // Declared with nothing but its own answer as evidence, it does not come to pass.
    let from = "remindInvoice: { action: act, safe: false, object: { type: Invoice, id: path.invoice_id }, evidence: [resolver]";
    let to = "remindInvoice: { action: act, safe: false, object: { type: Invoice, id: path.invoice_id }, evidence: [response]";
    let stage = Stage::set(&e2e::folder("trap-effect-late"), 0).unwrap();
    let started = stage.gateway_with(&e2e::program(), "", &[("bindings.yaml", bindings(&[(from, to)]))]);
    if let Ok(gateway) = started {
        let request = Request::new("GET", "/invoices/51/remind", "");
        let answer = stage.ask(gateway.address, Some(&ben()), request).unwrap();
        assert!(answer.status >= 400);
    }
    let reminders = stage.weak.app.state().get("invoices", 51).map(|invoice| invoice["reminders"].clone());
    assert_eq!(reminders, Some(json!(0)));
}

#[test]
fn a_write_that_changes_another_object_than_its_resolver_showed_is_not_answered() {
    let right = Scene::set("resolves");
    // The project numbered 94 is the peer's, and the one named 94 is not.
    assert_eq!(right.ask(&ben(), "PUT", "/projects/94", r#"{"about":"mine"}"#).status, 404);
    assert_eq!(right.ask(&ana(), "PUT", "/projects/94", r#"{"about":"hers"}"#).status, 200);
    assert_eq!(right.value("projects", 95, "about"), json!("hers"));
    let from = "    object: { type: ProjectByName, id: path.key }
    evidence: [{ list: { operation: listProjects, items: \"$.projects[*]\", id: $.name, owner: $.owner_id } }]";
    let to = "    object: { type: Project, id: path.key }
    evidence: [resolver]
    shows: Project";
    let wrong = Scene::with("resolves-otherwise", 0, &[(from, to)]);
    let answer = wrong.ask(&ben(), "PUT", "/projects/94", r#"{"about":"mine"}"#);
    assert!(matches!(answer.status, 404 | 502), "{}", answer.text());
    nothing_leaks(&ben(), &answer, "a write's answer about another object");
}

#[test]
fn of_two_hundred_writes_at_once_to_an_object_that_changes_hands_none_of_the_thief_s_lands() {
    const ROUNDS: usize = 15;
    const WRITES: usize = 200;
    let scene = Scene::with("race", 700, &[]);
    for round in 0..ROUNDS {
        scene.stage.weak.app.reset();
        let made = scene.ask(&ben(), "POST", "/invoices", r#"{"client_id":12,"amount":1}"#);
        assert_eq!(made.status, 201, "{}", made.text());
        let id = made.json()["id"].as_u64().unwrap();
        let target = format!("/invoices/{id}");
        let crowd = Crowd::default();
        let create = |scene: &Scene| scene.ask(&ana(), "POST", "/invoices", r#"{"client_id":11,"amount":2}"#);
        let write = |scene: &Scene, person: &Person, amount: u64| {
            scene.ask(person, "PUT", &target, &json!({ "amount": amount }).to_string())
        };
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let one = |number: usize| {
                let (scene, target, crowd, create, write) =
                    (&scene, target.as_str(), &crowd, &create, &write);
                scope.spawn(move || {
                    let status = match (number + round) % WRITES {
                        // The object's owner deletes it, and somebody else is given its number, while all others write.
                        60 => {
                            let before = crowd.through(|| write(scene, &ben(), 666)).status;
                            let gone = crowd.through(|| scene.ask(&ben(), "DELETE", target, "")).status;
                            let again = crowd.through(|| create(scene)).status;
                            let after = crowd.through(|| write(scene, &ana(), 3)).status;
                            assert_eq!((before, gone, again, after), (200, 204, 201, 200), "round {round}");
                            after
                        }
                        place if place % 40 == 39 => {
                            (0..4).map(|_| crowd.through(|| create(scene)).status).max().unwrap()
                        }
                        place if place % 4 == 0 => write(scene, &ana(), 3).status,
                        _ => write(scene, &ben(), 666).status,
                    };
                    crowd.left();
                    status
                })
            };
            let threads: Vec<_> = (0..WRITES).map(one).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(statuses.iter().all(|status| *status != 500), "{statuses:?}");
        let state = scene.stage.weak.app.state();
        for (id, invoice) in state.table("invoices") {
            let amount = invoice["amount"].as_u64();
            assert!(invoice["owner_id"] != 101 || amount != Some(666), "round {round}: the thief wrote {id}");
            assert!(
                invoice["owner_id"] != 102 || amount != Some(3),
                "round {round}: the other way round, {id}"
            );
        }
        let owner = state.get("invoices", id).map(|invoice| invoice["owner_id"].clone());
        assert_eq!(owner, Some(json!(101)), "round {round}: the number was given to another owner");
    }
}

/// Many who write to one object: the gateway lets a few of them wait and tells the others to come again.
#[derive(Default)]
struct Crowd {
    left: Mutex<usize>,
    changed: Condvar,
}

impl Crowd {
    /// Asks again whenever another has left, or after a while where nobody does, until the object is not busy.
    fn through(&self, send: impl Fn() -> Answer) -> Answer {
        let deadline = Instant::now() + 2 * e2e::PATIENCE;
        loop {
            let answer = send();
            if answer.status != 503 {
                return answer;
            }
            assert!(Instant::now() < deadline, "the object stays busy");
            let left = self.left.lock().unwrap();
            let _ = self.changed.wait_timeout(left, Duration::from_millis(20)).unwrap();
        }
    }

    fn left(&self) {
        *self.left.lock().unwrap() += 1;
        self.changed.notify_all();
    }
}

#[test]
fn an_id_that_is_given_again_belongs_to_whom_it_was_given_last() {
    let scene = Scene::set("reuse");
    let made = scene.ask(&ana(), "POST", "/tickets", r#"{"text":"first"}"#);
    assert_eq!(made.status, 201, "{}", made.text());
    let target = format!("/tickets/{}", made.json()["id"]);
    assert_eq!(scene.ask(&ana(), "GET", &target, "").status, 200);
    assert_eq!(scene.ask(&ana(), "DELETE", &target, "").status, 204);
    let again = scene.ask(&ben(), "POST", "/tickets", r#"{"text":"second"}"#);
    assert_eq!(again.json()["id"], made.json()["id"], "the number was given again");
    assert_eq!(scene.ask(&ana(), "GET", &target, "").status, 404);
    assert_eq!(scene.ask(&ana(), "PUT", &target, r#"{"text":"stolen"}"#).status, 404);
    assert_eq!(scene.ask(&ana(), "DELETE", &target, "").status, 404);
    assert_eq!(scene.ask(&ben(), "GET", &target, "").status, 200);
    assert_eq!(scene.ask(&ben(), "PUT", &target, r#"{"text":"mine"}"#).status, 200);
    // The application gives it to somebody else while nobody looks: what was learned changes nothing.
    let id = made.json()["id"].as_u64().unwrap();
    scene.stage.weak.app.change(|state| {
        let ticket = state.get_mut("tickets", id).unwrap();
        ticket["_owner"] = json!(101);
    });
    assert_eq!(scene.ask(&ben(), "PUT", &target, r#"{"text":"stolen"}"#).status, 404);
    assert_eq!(scene.ask(&ben(), "DELETE", &target, "").status, 404);
    assert_eq!(scene.value("tickets", id, "text"), json!("mine"));
}

#[test]
fn an_object_older_than_the_gateway_is_nobody_s_to_those_who_only_learn() {
    let scene = Scene::with("older", 0, &[("evidence: [learned, producer]", "evidence: [learned]")]);
    for person in [ana(), ben()] {
        let answer = scene.ask(&person, "PUT", "/tickets/81", r#"{"text":"taken"}"#);
        assert!(matches!(answer.status, 404 | 503), "{}", answer.text());
    }
    assert_ne!(scene.value("tickets", 81, "text"), json!("taken"));
    let made = scene.ask(&ana(), "POST", "/tickets", r#"{"text":"first"}"#);
    let target = format!("/tickets/{}", made.json()["id"]);
    assert_eq!(scene.ask(&ana(), "GET", &target, "").status, 200);
    assert_eq!(scene.ask(&ben(), "GET", &target, "").status, 404);
}

#[test]
fn a_subject_that_is_not_the_owner_s_value_is_asked_for_and_a_cached_role_is_not_a_revoked_one() {
    let whoami = "principals:
  whoami: { operation: getMe, subject: $.id, tenant: $.tenant, roles: $.role, cache: 0s }";
    let scene = Scene::with("whoami", 0, &[("principals:\n  roles: roles", whoami)]);
    let token = |person: &Person, name: &str| {
        let mut claims = scene.stage.issuer.claims(person);
        claims.insert("sub".into(), name.into());
        claims.insert("uid".into(), person.id.into());
        scene.stage.issuer.sign(&claims).unwrap()
    };
    let send = |token: &str, method: &str, target: &str| {
        victim::send(scene.gateway.address, &Request::new(method, target, token)).unwrap().status
    };
    let (ana, ben, ada) =
        (token(&ana(), "ana@north"), token(&ben(), "ben@north"), token(&ada(), "ada@north"));
    assert_eq!((send(&ana, "GET", "/invoices/51"), send(&ben, "GET", "/invoices/51")), (200, 404));
    assert_eq!(send(&ada, "POST", "/invoices/51/approve"), 200);
    scene.stage.weak.app.change(|state| {
        if let Some(person) = state.get_mut("people", 104) {
            person["role"] = json!("member");
        }
    });
    assert_eq!(send(&ada, "POST", "/invoices/52/approve"), 403);
    assert_eq!(scene.value("invoices", 52, "status"), json!("draft"));
}

#[test]
fn the_application_sees_one_credential_wherever_others_are_hidden() {
    let scene = Scene::set("credential");
    let hers = scene.stage.issuer.token(&ana()).unwrap();
    let hidden = [
        Request::new("GET", "/me", "").header("Cookie", &format!("token={hers}")),
        Request::new("GET", "/me", "").header("Bartizan-Assertion", &hers),
        Request::new("GET", &format!("/me?token={hers}"), ""),
        Request::new("GET", "/me", "").header("Authorization", &format!("Bearer {hers}")),
    ];
    for request in hidden {
        let about = format!("{request:?}");
        let answer = scene.send(Some(&ben()), request);
        assert!(answer.status >= 400 || answer.json()["id"] == 102, "{about}: {}", answer.text());
    }
    // The application itself would believe each of them.
    let cookie = Request::new("GET", "/me", "").header("Cookie", &format!("token={hers}"));
    let bare = scene.stage.ask(scene.stage.weak.address, Some(&ben()), cookie).unwrap();
    assert_eq!(bare.json()["id"], 101);
    let mut forged = hers.rsplit_once('.').map(|(signed, _)| signed.to_owned()).unwrap();
    forged.push_str(".c2lnbmF0dXJl");
    let bare = victim::send(scene.stage.weak.address, &Request::new("GET", "/me", &forged)).unwrap();
    assert_eq!(bare.status, 200);
    let answer = victim::send(scene.gateway.address, &Request::new("GET", "/me", &forged)).unwrap();
    assert_eq!(answer.status, 401);
}
