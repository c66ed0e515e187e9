//! Services of shapes that are common, each as careless as they come, behind bindings that say whose their objects are.

use e2e::{Answer, Client, Gateway, Reply, Request, Server};
use serde_json::{Value, json};

const SECRET: &str = "a secret of these stories that is long enough";
const ORG: &str = "11111111-1111-4111-8111-111111111111";
const OTHER_ORG: &str = "22222222-2222-4222-8222-222222222222";

struct Shape {
    gateway: Gateway,
    service: Server,
}

fn signed(claims: &Value) -> String {
    let mut claims = claims.clone();
    claims["exp"] = json!(e2e::now_s() + 600);
    token::sign_hs256(SECRET.as_bytes(), claims.as_object().unwrap()).unwrap()
}

fn shape(name: &str, scheme: &str, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Shape {
    shape_where(name, scheme, "", answer)
}

/// `says` is added to what verifies the tokens.
fn shape_where(
    name: &str,
    scheme: &str,
    says: &str,
    answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> Shape {
    let folder = e2e::folder(&format!("shape-{name}{}", if says.is_empty() { "" } else { "-said" }));
    let fixtures = e2e::root().join("crates/policy/fixtures");
    for kind in ["openapi", "bindings"] {
        let file = format!("{name}.{kind}.yaml");
        let mut text = std::fs::read_to_string(fixtures.join(&file)).unwrap();
        if !says.is_empty() {
            text = text.replace("  subject: $.sub\n", "");
        }
        std::fs::write(folder.join(&file), text).unwrap();
    }
    let service = Server::start(answer);
    let text = format!(
        "tenant: {{ claim: $.org.id }}\napis:\n  {name}:\n    spec: {name}.openapi.yaml\n    upstream: http://{}\n    identity: {{ \
         forward_credential: true }}\n    authorization: {{ bindings: {name}.bindings.yaml }}\nauth:\n  {scheme}:\n    issuer: \
         {name}\n    secret: \"${{env:SHAPE_SECRET}}\"\n    algorithms: [HS256]\n    insecure: {{ legacy_token: true }}\n{says}",
        service.address
    );
    let gateway = Gateway::start_with(&folder, &text, &[("SHAPE_SECRET", SECRET)]);
    Shape { gateway, service }
}

fn found(value: Option<Value>) -> Reply {
    value.map_or_else(|| Reply::json(404, "{}"), |value| Reply::json(200, &value.to_string()))
}

fn held(rows: &[(&str, Answer, u16, &str)]) {
    for (what, answer, status, code) in rows {
        assert_eq!((answer.status, answer.code().as_str()), (*status, *code), "{what}: {}", answer.text());
    }
}

/// With the word of a framework in place of `Bearer`.
fn with_word(client: &Client, token: &str, method: &str, target: &str, body: &str) -> Answer {
    let value = format!("Token {token}");
    let mut headers = vec![("Authorization", value.as_str())];
    if !body.is_empty() {
        headers.push(("Content-Type", "application/json"));
    }
    client.send(method, target, &headers, body.as_bytes())
}

const RETITLED: &str = r#"{"article":{"title":"a2"}}"#;
const GIVEN: &str = r#"{"article":{"title":"a3","body":"lee"}}"#;

fn blog(request: &Request, kim: &str) -> Reply {
    let article =
        |slug: &str, author: &str| json!({ "slug": slug, "title": slug, "author": { "username": author } });
    let comment = |id: u32, author: &str| json!({ "id": id, "body": "b", "author": { "username": author } });
    match request.target() {
        "/user" => {
            let is_kim = request.header("authorization").is_some_and(|value| value.ends_with(kim));
            let written = || serde_json::from_slice::<Value>(&request.body).ok();
            let new = written().and_then(|body| Some(body["user"]["username"].as_str()?.to_owned()));
            let name = new.unwrap_or_else(|| if is_kim { "kim" } else { "lee" }.to_owned());
            found(Some(json!({ "user": { "username": name, "email": "e@example.com" } })))
        }
        // The slug follows the title; the service forgets to ask whose it is, and to whom it gives it.
        "/articles/a1" if request.line.starts_with("PUT") => {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            let (title, author) = (&body["article"]["title"], &body["article"]["body"]);
            found(Some(json!({ "article": {
                "slug": title.as_str().unwrap_or("a1"), "title": title, "author": { "username": author.as_str().unwrap_or("kim") },
            } })))
        }
        "/articles/a1" => found(Some(json!({ "article": article("a1", "kim") }))),
        "/articles/b1" => found(Some(json!({ "article": article("b1", "lee") }))),
        "/articles/a1/comments" => found(Some(json!({ "comments": [comment(1, "lee"), comment(2, "kim")] }))),
        "/articles/b1/comments" => found(Some(json!({ "comments": [comment(3, "kim")] }))),
        target if target.contains("/comments/") => found(Some(json!({}))),
        _ => found(None),
    }
}

#[test]
fn a_blog_with_slugs_nested_authors_and_comments_gives_nothing_away() {
    let [kim, lee] = ["7", "8"].map(|id| signed(&json!({ "sub": id })));
    let known = kim.clone();
    let blog = shape("blog", "token", move |request| blog(request, &known));
    let client = blog.gateway.client();
    let send =
        |token: &str, method: &str, target: &str, body: &str| with_word(&client, token, method, target, body);
    let title = r#"{"article":{"title":"t"}}"#;
    held(&[
        ("reading is for everybody", client.get("/articles/a1"), 200, ""),
        ("no article", client.get("/articles/none"), 404, "object_not_found"),
        ("one's own article", send(&kim, "PUT", "/articles/a1", title), 200, ""),
        ("one that is called otherwise after it", send(&kim, "PUT", "/articles/a1", RETITLED), 200, ""),
        ("one that is another's after it", send(&kim, "PUT", "/articles/a1", GIVEN), 404, "object_not_found"),
        ("one's own name", send(&kim, "PUT", "/user", r#"{"user":{"username":"kimberly"}}"#), 200, ""),
        ("another's article", send(&lee, "PUT", "/articles/a1", title), 404, "object_not_found"),
        ("another's, deleted", send(&kim, "DELETE", "/articles/b1", ""), 404, "object_not_found"),
        (
            "an author",
            send(&kim, "PUT", "/articles/a1", r#"{"article":{"author":{"username":"lee"}}}"#),
            403,
            "property_denied",
        ),
        ("a role", send(&kim, "PUT", "/user", r#"{"user":{"role":"admin"}}"#), 403, "property_denied"),
        ("one's own comment", send(&kim, "DELETE", "/articles/a1/comments/2", ""), 200, ""),
        ("another's comment", send(&kim, "DELETE", "/articles/a1/comments/1", ""), 404, "object_not_found"),
        ("of another article", send(&kim, "DELETE", "/articles/b1/comments/2", ""), 404, "object_not_found"),
        ("of the article", send(&kim, "DELETE", "/articles/b1/comments/3", ""), 200, ""),
    ]);
    let changes =
        blog.service.requests().into_iter().filter(|request| !request.line.starts_with("GET ")).count();
    assert_eq!(changes, 6, "what was refused has not arrived");
    let refused = send(&kim, "PUT", "/articles/a1", r#"{"article":{"author":{"username":"lee"}}}"#);
    assert_eq!(refused.json()["violations"][0]["pointer"], "/article/author");
}

/// A ticket by the last digit of its id: 1 is shared, 2 is lee's, 3 another organisation's.
fn ticket(digit: &str) -> Option<Value> {
    let (org, people) = match digit {
        "1" => (ORG, json!([{ "id": "lee" }, { "id": "kim" }])),
        "2" => (ORG, json!([{ "id": "lee" }])),
        "3" => (OTHER_ORG, json!([{ "id": "kim" }])),
        _ => return None,
    };
    Some(json!({ "id": ticket_id(digit), "org": org, "subject": "s", "participants": people }))
}

fn ticket_id(digit: &str) -> String {
    format!("00000000-0000-4000-8000-00000000000{digit}")
}

fn helpdesk(request: &Request) -> Reply {
    let (path, query) = request.target().split_once('?').unwrap_or((request.target(), ""));
    let last = path.get(path.len() - 1..).unwrap_or_default();
    if path.ends_with("/tickets") && request.line.starts_with("POST") {
        return Reply::json(201, &ticket("1").unwrap().to_string());
    }
    if path.ends_with("/tickets") {
        let (next, page) = match query {
            "" => (json!("http://elsewhere.example/x?cursor=2"), ticket("2")),
            _ => (Value::Null, ticket("1")),
        };
        return found(Some(json!({ "count": 2, "next": next, "results": [page] })));
    }
    if path.starts_with("/attachments/") {
        return found(Some(
            json!({ "id": ticket_id(last), "ticket": ticket_id(last), "org": ORG, "url": "u" }),
        ));
    }
    if let Some(user) = path.strip_prefix("/users/") {
        return found(Some(json!({ "id": user, "name": "n", "phone": "1", "org": ORG })));
    }
    found(ticket(last))
}

#[test]
fn a_helpdesk_with_tenants_in_its_paths_and_shared_tickets_gives_nothing_away() {
    let desk = shape("helpdesk", "sso", helpdesk);
    let claims =
        |roles: Value| json!({ "sub": "kim", "org": { "id": ORG }, "realm_access": { "roles": roles } });
    let kim = desk.gateway.client_with(&signed(&claims(json!(["user"]))));
    let at = |org: &str, digit: &str| format!("/orgs/{org}/tickets/{}", ticket_id(digit));
    let patch = |digit: &str, body: &str| {
        let headers = [("Content-Type", "application/merge-patch+json")];
        kim.send("PATCH", &at(ORG, digit), &headers, body.as_bytes())
    };
    let attachment = |digit: &str| kim.get(&format!("/attachments/{}", ticket_id(digit)));
    held(&[
        ("shared with the caller", kim.get(&at(ORG, "1")), 200, ""),
        ("somebody else's", kim.get(&at(ORG, "2")), 404, "object_not_found"),
        ("of another organisation, by its path", kim.get(&at(OTHER_ORG, "3")), 404, "object_not_found"),
        ("of another organisation, by one's own", kim.get(&at(ORG, "3")), 404, "object_not_found"),
        ("no ticket", kim.get(&at(ORG, "9")), 404, "object_not_found"),
        ("a subject", patch("1", r#"{"subject":"t"}"#), 200, ""),
        ("another's subject", patch("2", r#"{"subject":"t"}"#), 404, "object_not_found"),
        ("those who share it", patch("1", r#"{"participants":[]}"#), 403, "property_denied"),
        ("a status", patch("1", r#"{"status":"closed"}"#), 403, "property_denied"),
        ("an attachment of it", attachment("1"), 200, ""),
        ("an attachment of another", attachment("2"), 404, "object_not_found"),
        ("oneself", kim.get("/users/kim"), 200, ""),
        ("a colleague", kim.get("/users/lee"), 404, "object_not_found"),
    ]);
    assert!(kim.get("/users/kim").json().get("phone").is_none(), "a scope is wanted for it");
    // Tokens that call everybody the same in `sub`, and say who it is elsewhere.
    let says = "    subject: $.user.name\n";
    let desk_of_names = shape_where("helpdesk", "sso", says, helpdesk);
    let named = |name: &str| {
        let claims = json!({ "sub": "access", "user": { "name": name }, "org": { "id": ORG }, "realm_access": { "roles": ["user"] } });
        desk_of_names.gateway.client_with(&signed(&claims))
    };
    held(&[
        ("shared with kim", named("kim").get(&at(ORG, "1")), 200, ""),
        ("lee's alone, for kim", named("kim").get(&at(ORG, "2")), 404, "object_not_found"),
        ("lee's alone, for lee", named("lee").get(&at(ORG, "2")), 200, ""),
    ]);
    let made =
        kim.post_json(&format!("/orgs/{ORG}/tickets"), &format!(r#"{{"subject":"s","org":"{OTHER_ORG}"}}"#));
    assert_eq!(made.status, 201, "{}", made.text());
    let sent = desk.service.requests().into_iter().rfind(|request| request.line.starts_with("POST")).unwrap();
    let sent: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(sent["org"], ORG, "set from the principal over what was sent");
    let listed = kim.get(&format!("/orgs/{ORG}/tickets?cursor=2"));
    assert_eq!((listed.status, listed.json()["count"].as_u64()), (200, Some(1)), "{}", listed.text());
    let listed = kim.get(&format!("/orgs/{ORG}/tickets"));
    assert_eq!(listed.json()["results"], json!([]), "{}", listed.text());
}
