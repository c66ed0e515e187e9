//! VAmPI, an application of others, unmodified behind the gateway (`examples/vampi`).

use std::path::PathBuf;

use e2e::{Client, Gateway};

struct Vampi {
    gateway: Gateway,
}

/// The running instance, or a line that says why there is none.
fn vampi(story: &str) -> Option<Vampi> {
    let Ok(url) = std::env::var("VAMPI_URL") else {
        eprintln!("skipped: VAMPI_URL names no running VAmPI");
        return None;
    };
    let data =
        std::env::var_os("BARTIZAN_DATA").map_or_else(|| e2e::root().join("../shared/data"), PathBuf::from);
    let spec = data.join("specs/vampi.yml");
    if !spec.is_file() {
        eprintln!("skipped: {} is not there", spec.display());
        return None;
    }
    let secret = std::env::var("VAMPI_SECRET").unwrap_or_else(|_| "random".to_owned());
    let folder = e2e::folder(story);
    std::fs::copy(spec, folder.join("openapi3.yml")).unwrap();
    let example = e2e::root().join("examples/vampi");
    std::fs::copy(example.join("overlay.yaml"), folder.join("overlay.yaml")).unwrap();
    let text = std::fs::read_to_string(example.join("bartizan.yaml")).unwrap();
    let text = text.replace("http://127.0.0.1:5000", url.trim_end_matches('/'));
    let text = text.replace("listen: 127.0.0.1:8080", "listen: 127.0.0.1:0");
    let gateway = Gateway::start_with(&folder, &text, &[("VAMPI_SECRET", &secret)]);
    Some(Vampi { gateway })
}

impl Vampi {
    fn login(&self, name: &str, password: &str) -> Client {
        let body = format!(r#"{{"username":"{name}","password":"{password}"}}"#);
        let answer = self.gateway.client().post_json("/users/v1/login", &body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.gateway.client_with(answer.json()["auth_token"].as_str().unwrap())
    }
}

#[test]
fn vampi_answers_its_documented_honest_requests() {
    let Some(vampi) = vampi("vampi-honest") else { return };
    let public = vampi.gateway.client();
    for target in ["/", "/users/v1", "/books/v1", "/users/v1/name1"] {
        assert_eq!(public.get(target).status, 200, "{target}");
    }
    let name = format!("story{}", e2e::now_s());
    let body = format!(r#"{{"username":"{name}","password":"pass","email":"{name}@example.com"}}"#);
    assert_eq!(public.post_json("/users/v1/register", &body).status, 200);
    let user = vampi.login(&name, "pass");
    assert_eq!(user.get("/me").status, 200);
    let book = format!(r#"{{"book_title":"{name}","secret":"s"}}"#);
    assert_eq!(user.post_json("/books/v1", &book).status, 200);
    assert_eq!(user.get(&format!("/books/v1/{name}")).status, 200);
    let json = [("Content-Type", "application/json")];
    let email = format!(r#"{{"email":"{name}@example.org"}}"#);
    assert_eq!(user.send("PUT", &format!("/users/v1/{name}/email"), &json, email.as_bytes()).status, 204);
    let password = br#"{"password":"other"}"#;
    assert_eq!(user.send("PUT", &format!("/users/v1/{name}/password"), &json, password).status, 204);
    // Somebody without books: VAmPI's list of books fails once the owner of one is gone.
    let leaver = format!("leaver{}", e2e::now_s());
    let body = format!(r#"{{"username":"{leaver}","password":"pass","email":"{leaver}@example.com"}}"#);
    assert_eq!(public.post_json("/users/v1/register", &body).status, 200);
    let admin = vampi.login("admin", "pass1");
    assert_eq!(admin.send("DELETE", &format!("/users/v1/{leaver}"), &[], b"").status, 200);
    assert_eq!(public.get(&format!("/users/v1/{leaver}")).status, 404);
}

#[test]
fn vampi_is_not_reached_by_what_is_undeclared_forged_or_malformed() {
    let Some(vampi) = vampi("vampi-hostile") else { return };
    let public = vampi.gateway.client();
    let now = e2e::now_s();
    let claims = serde_json::json!({ "exp": now + 60, "iat": now, "sub": "admin" });
    let forged = token::sign_hs256(b"not the application's secret key", claims.as_object().unwrap()).unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", forged.split('.').nth(1).unwrap());
    let rows = [
        (vampi.gateway.client_with(&forged).get("/me"), 401, "token_signature"),
        (vampi.gateway.client_with(&unsigned).get("/me"), 401, "token_algorithm"),
        (public.get("/console"), 404, "operation_undeclared"),
        (public.get("/users/v1/_debug"), 403, "security_undeclared"),
        (public.get("/createdb"), 403, "security_undeclared"),
        (public.send("DELETE", "/books/v1", &[], b""), 405, "method_undeclared"),
        (public.get("/me"), 401, "credential_missing"),
        (public.get("/books/v1?x=1"), 400, "parameter_undeclared"),
        (public.post_json("/users/v1/login", "{"), 400, "body_malformed"),
        (public.post_json("/users/v1/login", r#"{"username":1,"password":"p"}"#), 400, "body_invalid"),
        (public.post_json("/users/v1/login", r#"{"username":"a","username":"b"}"#), 400, "body_malformed"),
    ];
    for (answer, status, code) in &rows {
        assert_eq!((answer.status, answer.code().as_str()), (*status, *code), "{}", answer.text());
        let output = vampi.gateway.verb(&["explain", "--request-id", &answer.request_id()]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(code), "explain names {code}:\n{said}");
    }
}
