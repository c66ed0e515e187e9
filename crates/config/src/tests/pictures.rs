use super::world::{ORDERS, World};
use crate::render::{Format, Style, findings};

fn picture(world: &World) -> String {
    let (_, found, sources) = world.read();
    findings(&found, &sources, Format::Text(Style::Plain))
}

#[test]
fn a_misspelt_scheme_is_shown_where_it_is_asked_for_and_where_it_was_meant() {
    let mut world = World::new(
        "version: 1\nlisten: 127.0.0.1:8080\napis:\n  orders:\n    spec: orders.openapi.yaml\n    \
         upstream: http://127.0.0.1:3000\n# who\nauth:\n  bearerauth:\n    issuer: https://login.example.com/\n    \
         audience: orders-api\n",
    );
    world.file("orders.openapi.yaml", ORDERS);
    let expected = "\
error[B2103]: security scheme `bearerAuth` is used but nothing verifies it
  orders.openapi.yaml:8:20
8 |       security: [{ bearerAuth: [orders.read] }]
  |                    ^^^^^^^^^^ required here (and by 1 other operation)
  gateway.yaml:9:3
9 |   bearerauth:
  |   ---------- did you mean `bearerAuth`?
 = help: without this the 2 operations are refused
";
    assert_eq!(picture(&world), expected);
}

#[test]
fn a_secret_is_blotted_out_of_its_own_picture() {
    let world =
        World::new("version: 1\napis: {}\nauth:\n  bearerAuth: { secret: hunter2, secrt: hunter3 }\n");
    let text = picture(&world);
    assert!(text.contains("secret: *******"), "{text}");
    assert!(!text.contains("hunter"), "{text}");
}

#[test]
fn user_and_password_of_a_url_are_shown_in_no_form() {
    let text = "version: 1\nlisten: 127.0.0.1:8080\napis:\n  orders:\n    spec: orders.openapi.yaml\n    \
                upstream: http://user:hunter1@127.0.0.1:3000\nauth:\n  bearerAuth: { issuer: a, audience: b, \
                jwks: \"https://user:hunter2@example.com/k\" }\n";
    let mut world = World::new(text);
    world.file("orders.openapi.yaml", ORDERS);
    let (_, found, sources) = world.read();
    for format in [Format::Text(Style::Plain), Format::Json, Format::Sarif, Format::Github] {
        let text = findings(&found, &sources, format);
        assert!(text.contains("B2005") && text.contains("B2007"), "{text}");
        assert!(!text.contains("hunter"), "{format:?}: {text}");
    }
    let text = crate::render::at_start(&found, &sources, Style::Plain);
    assert!(text.contains("http://************@127.0.0.1:3000"), "{text}");
    assert!(text.contains("`jwks_uri` takes a URL") && !text.contains("hunter"), "{text}");
}
