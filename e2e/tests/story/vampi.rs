//! VAmPI, an application of others, unmodified behind the gateway (`examples/vampi`).
//!
//! `VAMPI_URL` names an instance; `VAMPI_SAFE_URL` may name a second one with `vulnerable=0`. Which mode an instance is
//! in, it says itself.

use std::path::PathBuf;

use e2e::{Client, Gateway};

use crate::application::{Application, raw, refused, seen, send_json};

struct Vampi {
    application: Application,
    gateway: Gateway,
    vulnerable: bool,
}

/// The running instance with an empty book shelf but for the three of `createdb`, or a line that says why there is none.
fn vampi(variable: &str, story: &str) -> Option<Vampi> {
    let application = Application::named(variable)?;
    let data =
        std::env::var_os("BARTIZAN_DATA").map_or_else(|| e2e::root().join("../shared/data"), PathBuf::from);
    let spec = data.join("specs/vampi.yml");
    if !spec.is_file() {
        eprintln!("skipped: {} is not there", spec.display());
        return None;
    }
    let secret = std::env::var("VAMPI_SECRET").unwrap_or_else(|_| "random".to_owned());
    let folder = e2e::folder(&format!("{story}-{}", variable.to_lowercase()));
    std::fs::copy(spec, folder.join("openapi3.yml")).unwrap();
    let direct = application.direct("");
    fill(&direct);
    let vulnerable = direct.get("/").json()["vulnerable"] == 1;
    let gateway =
        application.behind(&folder, "vampi", "http://127.0.0.1:5000", ("VAMPI_SECRET", secret.as_str()));
    Some(Vampi { application, gateway, vulnerable })
}

/// It draws the titles of its books, and fails when it draws one twice.
fn fill(direct: &Client) {
    assert!((0..5).any(|_| direct.get("/createdb").status == 200));
}

fn token(client: &Client, name: &str, password: &str) -> Option<String> {
    let body = format!(r#"{{"username":"{name}","password":"{password}"}}"#);
    let answer = client.post_json("/users/v1/login", &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["auth_token"].as_str().map(str::to_owned)
}

fn registration(name: &str) -> String {
    format!(r#"{{"username":"{name}","password":"pass","email":"{name}@example.com"}}"#)
}

impl Vampi {
    fn direct(&self) -> Client {
        self.application.direct("")
    }

    fn login(&self, name: &str, password: &str) -> Client {
        self.gateway.client_with(&token(&self.gateway.client(), name, password).unwrap())
    }

    /// What the application itself keeps of a user, by the operation that the gateway refuses.
    fn kept(&self, name: &str) -> serde_json::Value {
        let all = self.direct().get("/users/v1/_debug").json();
        let users = all["users"].as_array().unwrap();
        users.iter().find(|user| user["username"] == name).cloned().unwrap_or_default()
    }

    fn title_of(&self, owner: &str) -> String {
        let all = self.direct().get("/books/v1").json();
        let books = all["Books"].as_array().unwrap();
        let book = books.iter().find(|book| book["user"] == owner).unwrap();
        book["book_title"].as_str().unwrap().to_owned()
    }
}

#[test]
fn vampi_answers_its_documented_honest_requests() {
    for variable in ["VAMPI_URL", "VAMPI_SAFE_URL"] {
        if let Some(vampi) = vampi(variable, "vampi-honest") {
            honest_walk(&vampi);
        }
    }
}

fn honest_walk(vampi: &Vampi) {
    let public = vampi.gateway.client();
    for target in ["/", "/users/v1", "/books/v1", "/users/v1/name1"] {
        let (through, direct) = (public.get(target), vampi.direct().get(target));
        assert_eq!((through.status, through.json()), (200, direct.json()), "{target}: {}", through.text());
    }
    assert_eq!(public.get("/users/v1/nobody").status, 404);
    let name = format!("story{}", e2e::now_s());
    let registered = public.post_json("/users/v1/register", &registration(&name));
    assert_eq!((registered.status, registered.json()["status"].as_str()), (200, Some("success")));
    let user = vampi.login(&name, "pass");
    let me = user.get("/me");
    assert_eq!((me.status, me.json()["data"]["admin"].as_bool()), (200, Some(false)), "{}", me.text());
    for target in ["/", "/users/v1", "/books/v1", "/users/v1/name1", &format!("/users/v1/{name}")] {
        assert_eq!(user.get(target).status, 200, "{target} with a token");
    }
    for count in 0..3 {
        let book = format!(r#"{{"book_title":"{name}-{count}","secret":"s{count}"}}"#);
        assert_eq!(user.post_json("/books/v1", &book).status, 200);
        let shown = user.get(&format!("/books/v1/{name}-{count}"));
        assert_eq!(shown.status, 200, "{}", shown.text());
        assert_eq!(shown.json()["secret"], format!("s{count}"));
    }
    let email = format!(r#"{{"email":"{name}@example.org"}}"#);
    let changed = send_json(&user, "PUT", &format!("/users/v1/{name}/email"), &email);
    assert_eq!(changed.status, 204, "{}", changed.text());
    let changed = send_json(&user, "PUT", &format!("/users/v1/{name}/password"), r#"{"password":"other"}"#);
    assert_eq!(changed.status, 204, "{}", changed.text());
    assert_eq!(vampi.kept(&name)["email"], format!("{name}@example.org"));
    vampi.login(&name, "other");
    // Somebody without books: VAmPI's list of books fails once the owner of one is gone.
    let leaver = format!("leaver{}", e2e::now_s());
    assert_eq!(public.post_json("/users/v1/register", &registration(&leaver)).status, 200);
    let admin = vampi.login("admin", "pass1");
    let gone = send_json(&admin, "DELETE", &format!("/users/v1/{leaver}"), "");
    assert_eq!(gone.status, 200, "{}", gone.text());
    assert_eq!(public.get(&format!("/users/v1/{leaver}")).status, 404);
}

#[test]
fn vampi_gives_no_object_function_or_property_away_to_a_thief() {
    for variable in ["VAMPI_URL", "VAMPI_SAFE_URL"] {
        let Some(vampi) = vampi(variable, "vampi-thief") else { continue };
        if vampi.vulnerable {
            exploits_work_directly(&vampi);
        }
        exploits_are_refused(&vampi);
    }
}

/// That the application has the flaws, so that what follows could fail. Leaves it as `createdb` does.
fn exploits_work_directly(vampi: &Vampi) {
    let direct = vampi.direct();
    assert_eq!(direct.post_json("/users/v1/register", &registration("thief")).status, 200);
    let thief = vampi.application.direct(&token(&direct, "thief", "pass").unwrap());
    let theirs = thief.get(&format!("/books/v1/{}", vampi.title_of("name1")));
    assert_eq!((theirs.status, theirs.json()["owner"].as_str()), (200, Some("name1")));
    assert_eq!(send_json(&thief, "PUT", "/users/v1/name1/password", r#"{"password":"taken"}"#).status, 204);
    assert_eq!(vampi.kept("name1")["password"], "taken");
    let email = r#"{"email":"thief@example.org"}"#;
    assert_eq!(send_json(&thief, "PUT", "/users/v1/name2/email", email).status, 204);
    let body = r#"{"username":"boss","password":"pass","email":"boss@example.com","admin":true}"#;
    assert_eq!(direct.post_json("/users/v1/register", body).status, 200);
    assert_eq!(vampi.kept("boss")["admin"], true);
    let boss = vampi.application.direct(&token(&direct, "boss", "pass").unwrap());
    assert_eq!(send_json(&boss, "DELETE", "/users/v1/thief", "").status, 200);
    let injected =
        "/users/v1/x'%20UNION%20SELECT%201,username,3,password,5%20FROM%20users%20WHERE%20username='name2";
    assert!(direct.get(injected).text().contains("pass2"));
    let wrong = |name| direct.post_json("/users/v1/login", &login(name, "wrong")).text();
    assert_ne!(wrong("name1"), wrong("nobody"));
    fill(&direct);
    assert!(vampi.kept("boss").is_null(), "a GET has wiped the database");
}

fn login(name: &str, password: &str) -> String {
    format!(r#"{{"username":"{name}","password":"{password}"}}"#)
}

fn exploits_are_refused(vampi: &Vampi) {
    let public = vampi.gateway.client();
    let registered = public.post_json("/users/v1/register", &registration("thief"));
    assert_eq!(registered.status, 200, "{}", registered.text());
    let thief = vampi.login("thief", "pass");
    let before = (vampi.kept("name1"), vampi.kept("name2"), vampi.kept("thief"));
    let title = vampi.title_of("name1");
    let admin = r#"{"username":"boss","password":"pass","email":"boss@example.com","admin":true}"#;
    let injected =
        "/users/v1/x'%20UNION%20SELECT%201,username,3,password,5%20FROM%20users%20WHERE%20username='name2";
    let slow = r#"{"email":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}"#;
    let put = |target: &str, body: &str| send_json(&thief, "PUT", target, body);
    let rows = [
        ("another's book", thief.get(&format!("/books/v1/{title}")), 404, "object_not_found"),
        ("a book that is not there", thief.get("/books/v1/none"), 404, "object_not_found"),
        (
            "another's password",
            put("/users/v1/name1/password", r#"{"password":"taken"}"#),
            404,
            "object_not_found",
        ),
        (
            "another's e-mail",
            put("/users/v1/name2/email", r#"{"email":"t@example.org"}"#),
            404,
            "object_not_found",
        ),
        (
            "nobody's password",
            put("/users/v1/none/password", r#"{"password":"taken"}"#),
            404,
            "object_not_found",
        ),
        ("admin by registration", public.post_json("/users/v1/register", admin), 403, "property_denied"),
        (
            "admin by an update",
            put("/users/v1/thief/email", r#"{"email":"t@example.org","admin":true}"#),
            403,
            "property_denied",
        ),
        ("a deletion by a user", send_json(&thief, "DELETE", "/users/v1/name2", ""), 403, "function_denied"),
        ("one's own deletion", send_json(&thief, "DELETE", "/users/v1/thief", ""), 403, "function_denied"),
        ("another's e-mail by injection", public.get(injected), 400, "parameter_invalid"),
        ("an address that costs a minute", put("/users/v1/thief/email", slow), 400, "body_invalid"),
        ("_debug", public.get("/users/v1/_debug"), 403, "security_undeclared"),
        (
            "_debug, escaped",
            raw(&vampi.gateway, &thief.token, "GET", "/users/v1/%5Fdebug"),
            403,
            "security_undeclared",
        ),
        ("createdb", thief.get("/createdb"), 403, "security_undeclared"),
    ];
    refused(&vampi.gateway, &rows);
    let missing = seen(&rows[1].1);
    assert_eq!(seen(&rows[0].1), missing, "a book of others answers as one that is not there");
    for target in
        [format!("/books/v1//{title}"), format!("/books/v1/x/../{title}"), format!("/books/v1/{title}/")]
    {
        let answer = raw(&vampi.gateway, &thief.token, "GET", &target);
        assert!(!answer.text().contains("secret"), "{target}: {}", answer.text());
    }
    assert!(!raw(&vampi.gateway, &thief.token, "HEAD", &format!("/books/v1/{title}")).head.contains(" 200 "));
    let wrong = |name| public.post_json("/users/v1/login", &login(name, "wrong")).text();
    assert_eq!(wrong("name1"), wrong("nobody"), "an answer does not tell which names there are");
    assert_eq!(
        (vampi.kept("name1"), vampi.kept("name2"), vampi.kept("thief")),
        before,
        "nothing has changed"
    );
    assert!(vampi.kept("boss").is_null());
}

#[test]
fn vampi_is_not_reached_by_what_is_undeclared_forged_or_malformed() {
    let Some(vampi) = vampi("VAMPI_URL", "vampi-hostile") else { return };
    let public = vampi.gateway.client();
    let now = e2e::now_s();
    let claims = serde_json::json!({ "exp": now + 60, "iat": now, "sub": "admin" });
    let forged = token::sign_hs256(b"not the application's secret key", claims.as_object().unwrap()).unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", forged.split('.').nth(1).unwrap());
    let rows = [
        ("a forged token", vampi.gateway.client_with(&forged).get("/me"), 401, "token_signature"),
        ("no signature", vampi.gateway.client_with(&unsigned).get("/me"), 401, "token_algorithm"),
        ("Flask's debugger", public.get("/console"), 404, "operation_undeclared"),
        ("a method", send_json(&public, "DELETE", "/books/v1", ""), 405, "method_undeclared"),
        ("no token", public.get("/me"), 401, "credential_missing"),
        ("a parameter", public.get("/books/v1?x=1"), 400, "parameter_undeclared"),
        ("half a body", public.post_json("/users/v1/login", "{"), 400, "body_malformed"),
        (
            "a number",
            public.post_json("/users/v1/login", r#"{"username":1,"password":"p"}"#),
            400,
            "body_invalid",
        ),
        (
            "twice",
            public.post_json("/users/v1/login", r#"{"username":"a","username":"b"}"#),
            400,
            "body_malformed",
        ),
    ];
    refused(&vampi.gateway, &rows);
}
