//! Damn Vulnerable RESTaurant, an application of others, unmodified behind the gateway (`examples/restaurant`).
//!
//! `RESTAURANT_URL` names an instance, `RESTAURANT_SECRET` its `JWT_SECRET_KEY`.

use std::sync::atomic::{AtomicU32, Ordering};

use e2e::{Answer, Client, Gateway};

use crate::application::{Application, refused, seen, send_json};

struct Restaurant {
    application: Application,
    gateway: Gateway,
}

fn restaurant(story: &str) -> Option<Restaurant> {
    let application = Application::named("RESTAURANT_URL")?;
    let secret = std::env::var("RESTAURANT_SECRET").unwrap_or_else(|_| "restaurant-secret".to_owned());
    let folder = e2e::folder(story);
    let description = application.direct("").get("/openapi.json");
    assert_eq!(description.status, 200);
    std::fs::write(folder.join("restaurant.openapi.json"), &description.body).unwrap();
    let gateway = application.behind(
        &folder,
        "restaurant",
        "http://127.0.0.1:8091",
        ("RESTAURANT_SECRET", secret.as_str()),
    );
    Some(Restaurant { application, gateway })
}

/// A number that no earlier run and no other story has used.
fn fresh() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{}{:03}", e2e::now_s(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn register(client: &Client, name: &str) -> Answer {
    let body = format!(
        r#"{{"username":"{name}","password":"pass-{name}","phone_number":"{}","first_name":"F","last_name":"L"}}"#,
        fresh()
    );
    client.post_json("/register", &body)
}

fn token(client: &Client, name: &str, password: &str) -> Answer {
    let form = format!("username={name}&password={password}");
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    client.send("POST", "/token", &headers, form.as_bytes())
}

fn token_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

const ORDER: &str = r#"{"delivery_address":"308 Negra Arroyo Lane","phone_number":"1","items":[{"menu_item_id":6,"quantity":2}]}"#;

fn order(client: &Client) -> u64 {
    let answer = client.post_json("/orders", ORDER);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_u64().unwrap()
}

impl Restaurant {
    fn direct(&self) -> Client {
        self.application.direct("")
    }

    /// A customer of a new name, who registered and logged in directly: name, and a client without a gateway between.
    fn customer(&self, kind: &str) -> (String, Client) {
        let name = format!("{kind}{}", fresh());
        let direct = self.direct();
        assert_eq!(register(&direct, &name).status, 201);
        let token = token_of(&token(&direct, &name, &format!("pass-{name}")));
        (name, self.application.direct(&token))
    }

    /// Somebody of that role, as the application's flaw lets anybody become.
    fn employee(&self) -> Client {
        let (name, direct) = self.customer("staff");
        assert_eq!(send_json(&direct, "PATCH", "/profile", r#"{"role":"Employee"}"#).status, 200);
        assert_eq!(direct.get("/profile").json()["role"], "Employee", "{name}");
        direct
    }

    fn chef(&self) -> Client {
        let password = self.direct().get("/admin/reset-chef-password").json();
        let password: String = password["password"]
            .as_str()
            .unwrap()
            .bytes()
            .fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
        self.application.direct(&token_of(&token(&self.direct(), "chef", &password)))
    }

    fn through(&self, client: &Client) -> Client {
        self.gateway.client_with(&client.token)
    }

    /// In memory the application's threads share one connection, and now and then one undoes what another has begun: its
    /// own 500 is tried again.
    fn dish(&self, employee: &Client) -> u64 {
        let create = || {
            let body = format!(r#"{{"name":"Dish {}","price":1.5,"category":"Specials"}}"#, fresh());
            send_json(employee, "PUT", "/menu", &body)
        };
        let first = create();
        let answer = if first.status == 500 { create() } else { first };
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["id"].as_u64().unwrap()
    }

    fn on_the_menu(&self, dish: u64) -> bool {
        let menu = self.direct().get("/menu").json();
        menu.as_array().unwrap().iter().any(|item| item["id"] == dish)
    }
}

#[test]
fn the_restaurant_answers_its_honest_customers_and_staff() {
    let Some(restaurant) = restaurant("restaurant-honest") else { return };
    let public = restaurant.gateway.client();
    assert_eq!(public.get("/healthcheck").json()["ok"], true);
    let menu = public.get("/menu");
    assert_eq!((menu.status, menu.json()), (200, restaurant.direct().get("/menu").json()));
    let name = format!("guest{}", fresh());
    let registered = register(&public, &name);
    assert_eq!(registered.status, 201, "{}", registered.text());
    let guest = restaurant.gateway.client_with(&token_of(&token(&public, &name, &format!("pass-{name}"))));
    assert_eq!(guest.get("/menu").status, 200, "what is public with a token");
    let profile = guest.get("/profile");
    assert_eq!((profile.status, profile.json()["username"].as_str()), (200, Some(name.as_str())));
    let body = format!(r#"{{"username":"{name}","first_name":"Kim","phone_number":"{}"}}"#, fresh());
    let changed = send_json(&guest, "PUT", "/profile", &body);
    assert_eq!(
        (changed.status, changed.json()["first_name"].as_str()),
        (200, Some("Kim")),
        "{}",
        changed.text()
    );
    let changed = send_json(&guest, "PATCH", "/profile", r#"{"last_name":"Wexler"}"#);
    assert_eq!(
        (changed.status, changed.json()["last_name"].as_str()),
        (200, Some("Wexler")),
        "{}",
        changed.text()
    );
    let ids = [order(&guest), order(&guest), order(&guest)];
    for id in ids {
        let shown = guest.get(&format!("/orders/{id}"));
        assert_eq!((shown.status, shown.json()["id"].as_u64()), (200, Some(id)), "{}", shown.text());
    }
    let listed = guest.get("/orders?skip=1&limit=2");
    let listed: Vec<_> = listed.json().as_array().unwrap().iter().map(|order| order["id"].as_u64()).collect();
    assert_eq!(listed, [Some(ids[1]), Some(ids[2])]);
    // A coupon of one's own, from the code of somebody else.
    let (_, friend) = restaurant.customer("friend");
    let code = restaurant.through(&friend).get("/referral-code").json()["code"].as_str().unwrap().to_owned();
    let applied = guest.post_json("/apply-referral", &format!(r#"{{"referral_code":"{code}"}}"#));
    assert_eq!(applied.status, 200, "{}", applied.text());
    let coupon = guest.get("/discount-coupons").json()[0]["id"].as_u64().unwrap();
    let body = ORDER.replacen('{', &format!(r#"{{"coupon_id":{coupon},"#), 1);
    let ordered = guest.post_json("/orders", &body);
    assert_eq!(ordered.status, 201, "{}", ordered.text());
    let body = ORDER.replacen('{', r#"{"coupon_id":null,"#, 1);
    assert_eq!(guest.post_json("/orders", &body).status, 201);
    staff_walk(&restaurant);
    // Last: the application writes a status that it cannot read again.
    let status = guest.get(&format!("/orders/status/{}", ids[0]));
    assert_eq!(status.status, 200, "{}", status.text());
}

fn staff_walk(restaurant: &Restaurant) {
    let employee = restaurant.through(&restaurant.employee());
    let dish = restaurant.dish(&employee);
    let body = r#"{"name":"Renamed","price":2.5,"category":"Specials","description":"Hot"}"#;
    let changed = send_json(&employee, "PUT", &format!("/menu/{dish}"), body);
    assert_eq!(
        (changed.status, changed.json()["name"].as_str()),
        (200, Some("Renamed")),
        "{}",
        changed.text()
    );
    assert_eq!(send_json(&employee, "DELETE", &format!("/menu/{dish}"), "").status, 204);
    assert!(!restaurant.on_the_menu(dish));
    let (name, promoted) = restaurant.customer("promoted");
    let body = format!(r#"{{"username":"{name}","role":"Employee"}}"#);
    let changed = send_json(&employee, "PUT", "/users/update_role", &body);
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(promoted.get("/profile").json()["role"], "Employee");
    let chef = restaurant.through(&restaurant.chef());
    let disk = chef.get("/admin/stats/disk?parameters=-h");
    assert!(disk.status == 200 && disk.text().contains("Filesystem"), "{}", disk.text());
}

#[test]
fn the_restaurant_gives_no_object_function_or_property_away_to_a_thief() {
    let Some(restaurant) = restaurant("restaurant-thief") else { return };
    exploits_work_directly(&restaurant);
    exploits_are_refused(&restaurant);
}

/// That the application has the flaws, so that what follows could fail.
fn exploits_work_directly(restaurant: &Restaurant) {
    let (victim_name, victim) = restaurant.customer("victim");
    let (_, thief) = restaurant.customer("thief");
    let theirs = order(&victim);
    assert_eq!(thief.get(&format!("/orders/{theirs}")).status, 200);
    let body = format!(r#"{{"username":"{victim_name}","first_name":"smile"}}"#);
    assert_eq!(send_json(&thief, "PUT", "/profile", &body).status, 200);
    assert_eq!(victim.get("/profile").json()["first_name"], "smile");
    let dish = restaurant.dish(&restaurant.employee());
    assert_eq!(send_json(&thief, "DELETE", &format!("/menu/{dish}"), "").status, 204);
    let body = format!(r#"{{"username":"{victim_name}","role":"Employee"}}"#);
    assert_eq!(send_json(&thief, "PUT", "/users/update_role", &body).status, 200);
    assert_eq!(victim.get("/profile").json()["role"], "Employee");
    let hidden = restaurant.direct().get("/delivery/orders");
    assert!(hidden.status == 200 && hidden.text().contains("delivery_address"), "{}", hidden.text());
    let debug = restaurant.direct().get("/debug");
    assert!(debug.text().contains("JWT_SECRET_KEY"), "{}", debug.text());
    let forged = forged(&victim_name);
    assert_eq!(restaurant.application.direct(&forged).get("/profile").status, 200);
    let injected = restaurant.chef().get("/admin/stats/disk?parameters=%26%26echo%20vulnerable%21");
    assert!(injected.text().contains("vulnerable!"), "{}", injected.text());
    let body = picture(&format!("{}/healthcheck", restaurant.application.url));
    let fetched = send_json(&restaurant.employee(), "PUT", "/menu", &body);
    // What it fetched, in base64: {"ok":true}
    assert_eq!(fetched.json()["image_base64"], "eyJvayI6dHJ1ZX0=", "{}", fetched.text());
    assert!(restaurant.direct().get("/healthcheck").header("x-powered-by").is_some());
}

fn picture(url: &str) -> String {
    format!(r#"{{"name":"Picture","price":1,"category":"Specials","image_url":"{url}"}}"#)
}

/// The application verifies no signature.
fn forged(name: &str) -> String {
    let claims = serde_json::json!({ "exp": e2e::now_s() + 600, "sub": name });
    token::sign_hs256(b"not the application's secret key", claims.as_object().unwrap()).unwrap()
}

fn exploits_are_refused(restaurant: &Restaurant) {
    let gateway = &restaurant.gateway;
    let public = gateway.client();
    let (victim_name, victim) = restaurant.customer("victim");
    let (thief_name, direct_thief) = restaurant.customer("thief");
    let thief = restaurant.through(&direct_thief);
    let theirs = order(&victim);
    order(&thief);
    let employee = restaurant.employee();
    let dish = restaurant.dish(&employee);
    let (employee, chef) = (restaurant.through(&employee), restaurant.through(&restaurant.chef()));
    let before = (victim.get("/profile").json(), direct_thief.get("/profile").json());
    let name = format!(r#"{{"username":"{victim_name}","first_name":"smile"}}"#);
    let nobody = r#"{"username":"nobody-of-this-name","first_name":"smile"}"#;
    let role = |name: &str| format!(r#"{{"username":"{name}","role":"Employee"}}"#);
    let inside = picture("http://127.0.0.1:8091/admin/reset-chef-password");
    let injected = "/admin/stats/disk?parameters=%26%26echo%20vulnerable%21";
    let coupon = ORDER.replacen('{', r#"{"coupon_id":999999,"#, 1);
    let put = |client: &Client, target: &str, body: &str| send_json(client, "PUT", target, body);
    let rows = [
        ("another's order", thief.get(&format!("/orders/{theirs}")), 404, "object_not_found"),
        ("no order", thief.get("/orders/99999999"), 404, "object_not_found"),
        ("another's order's status", thief.get(&format!("/orders/status/{theirs}")), 404, "object_not_found"),
        ("a coupon of others", thief.post_json("/orders", &coupon), 404, "object_not_found"),
        ("another's profile", put(&thief, "/profile", &name), 404, "object_not_found"),
        ("nobody's profile", put(&thief, "/profile", nobody), 404, "object_not_found"),
        ("a role", send_json(&thief, "PATCH", "/profile", r#"{"role":"Employee"}"#), 403, "property_denied"),
        ("an id", send_json(&thief, "PATCH", "/profile", r#"{"id":1}"#), 403, "property_denied"),
        ("a name", send_json(&thief, "PATCH", "/profile", r#"{"username":"chef2"}"#), 403, "property_denied"),
        (
            "another's order by PATCH",
            send_json(&thief, "PATCH", "/profile", r#"{"orders":[]}"#),
            403,
            "property_denied",
        ),
        (
            "a dish, deleted",
            send_json(&thief, "DELETE", &format!("/menu/{dish}"), ""),
            403,
            "function_denied",
        ),
        ("one's own role", put(&thief, "/users/update_role", &role(&thief_name)), 403, "function_denied"),
        ("another's role", put(&thief, "/users/update_role", &role(&victim_name)), 403, "function_denied"),
        ("the disk", thief.get("/admin/stats/disk"), 403, "function_denied"),
        ("the disk, to staff", employee.get("/admin/stats/disk"), 403, "function_denied"),
        ("a shell", chef.get(injected), 400, "parameter_invalid"),
        ("a fetch from inside", put(&employee, "/menu", &inside), 400, "body_invalid"),
        ("the delivery's list", thief.get("/delivery/orders"), 404, "operation_undeclared"),
        ("debug", public.get("/debug"), 404, "operation_undeclared"),
        ("the Chef's password", public.get("/admin/reset-chef-password"), 404, "operation_undeclared"),
        ("forged", gateway.client_with(&forged(&victim_name)).get("/profile"), 401, "token_signature"),
        ("an order for no one", public.get(&format!("/orders/{theirs}")), 401, "credential_missing"),
    ];
    refused(gateway, &rows);
    assert_eq!(seen(&rows[0].1), seen(&rows[1].1), "an order of others answers as one that is not there");
    assert_eq!(seen(&rows[4].1), seen(&rows[5].1), "a profile of others answers as one that is not there");
    assert!(restaurant.on_the_menu(dish));
    let after = (victim.get("/profile").json(), direct_thief.get("/profile").json());
    assert_eq!(after, before, "nothing has changed");
    assert!(public.get("/healthcheck").header("x-powered-by").is_none(), "versions are not told");
    let listed = thief.get("/orders").json();
    assert!(listed.as_array().unwrap().iter().all(|order| order["id"] != theirs), "{listed}");
    let mut guesses = (0..12).map(|pin| {
        let body =
            format!(r#"{{"username":"{victim_name}","reset_password_code":"{pin:04}","new_password":"x"}}"#);
        public.post_json("/reset-password/new-password", &body).status
    });
    assert!(guesses.any(|status| status == 429), "a PIN is not guessed");
}
