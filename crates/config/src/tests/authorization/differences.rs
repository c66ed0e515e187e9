//! What a change of bindings, of their sealing or of their limits means, in the words of `diff`.

use super::{SEALED, files};
use crate::diff::Direction::{self, Neutral, Stronger, Unknown, Weaker};
use crate::tests::world::{GOOD, World, api};
use crate::{Configuration, diff};

const WHOLE: &str = "\
version: 1
tenants: claim
resources:
  Order: { id: $.id, tenant: { from: principal }, owner: { property: $.user }, immutable: [user] }
operations:
  listOrders: { action: list, list: { type: Order } }
  createOrder: { class: admin, roles: [clerk], scopes: [orders.write], takes: { type: Order, only: [item] }, preset: { user: { principal: subject } } }
  health: { deny: true }
properties: { Order: { write: { default: [item] }, read: { default: [item] } } }
";

/// Where a caller is asked about, and an object is known from what others show.
const ASKED: &str = "\
version: 1
tenants: claim
principals: { whoami: { operation: listOrders, subject: $.id } }
resources:
  Order: { id: $.id, tenant: { from: principal }, owner: { from: producer }, producers: [{ operation: listOrders, items: '$[*]', id: $.id }] }
operations:
  listOrders: { action: list, list: { type: Order } }
  createOrder: { action: act, object: { type: Order, id: body.item } }
  health: { class: public }
";

fn of(bindings: &str) -> Configuration {
    let mut world = World::new(&api("authorization: { bindings: bindings.yaml }"));
    world.file("bindings.yaml", bindings);
    world.configuration()
}

fn told(old: &Configuration, new: &Configuration) -> Vec<(Direction, String)> {
    diff::changes(old, new).into_iter().map(|change| (change.direction, change.sentence)).collect()
}

/// Each row: what stands in the file, what stands there instead, and the direction and a part of the sentence.
fn assert_told(whole: &str, rows: &[(&str, &str, Direction, &str)]) {
    for (from, to, direction, said) in rows {
        assert!(whole.contains(from), "{from}");
        let told = told(&of(whole), &of(&whole.replace(from, to)));
        let is_said = |(found, sentence): &(Direction, String)| found == direction && sentence.contains(said);
        assert!(told.iter().any(is_said), "{from} -> {to}: {told:?}");
    }
}

#[test]
fn diff_says_what_a_change_of_bindings_means() {
    let rows = [
        ("tenants: claim", "tenants: single", Weaker, "of one tenant"),
        ("  health: { deny: true }\n", "  health: { class: public }\n", Weaker, "no longer denied"),
        ("  listOrders: { action: list, list: { type: Order } }\n", "", Stronger, "no longer bound"),
        (", list: { type: Order }", "", Weaker, "its list is no longer"),
        ("class: admin", "class: internal", Unknown, "for internal instead of admin"),
        ("class: admin", "class: user", Weaker, "for user instead of admin"),
        ("roles: [clerk]", "roles: [clerk, boss]", Weaker, "`boss` is new"),
        ("roles: [clerk], ", "", Weaker, "none is needed"),
        ("scopes: [orders.write], ", "", Weaker, "no longer needs the scope"),
        ("preset: { user: { principal: subject } }", "if_match: true", Weaker, "callers choose `user`"),
        ("only: [item]", "only: [item, user]", Unknown, "held against other rules"),
        (
            "takes: { type: Order, only: [item] }",
            "renames: true, takes: { type: Order, only: [item] }",
            Weaker,
            "may now change ids",
        ),
        ("immutable: [user]", "immutable: []", Weaker, "may now change"),
        ("immutable: [user]", "immutable: [user], me: me", Weaker, "name their own Order: `me` is new"),
        ("owner: { property: $.user }", "per_caller: true", Weaker, "every Order is now its caller's"),
        (
            "resources:\n",
            "principals: { clients_own: true }\nresources:\n",
            Weaker,
            "clients without a user now own",
        ),
        (
            "resources:\n",
            "principals: { issuer: https://login.example.com/ }\nresources:\n",
            Stronger,
            "whose people own objects: one is now needed",
        ),
        ("resources:\n", "principals: { subject: email }\nresources:\n", Unknown, "with another claim"),
        ("owner: { property: $.user }", "owner: { from: none }", Unknown, "known from elsewhere"),
        ("write: { default: [item] }", "write: { default: [item, role] }", Weaker, "`role` is new"),
        (", read: { default: [item] }", "", Weaker, "shown are no longer listed"),
    ];
    assert_told(WHOLE, &rows);
    let without = World::new(GOOD).configuration();
    assert!(matches!(told(&of(WHOLE), &without).as_slice(), [(Weaker, _)]));
}

#[test]
fn no_change_of_what_is_asked_is_silent() {
    let principals = |more: &str| format!("principals: {{ {more} }}\nresources:\n");
    let elsewhere = "come from other claims";
    let rows = [
        ("id: $.id", "id: $.number", Unknown, "the id of Order stands elsewhere"),
        ("immutable: [user]", "attributes: { state: $.state }", Unknown, "attributes of Order come"),
        ("roles: [clerk]", "action: act, roles: [clerk]", Unknown, "decided on as act instead of create"),
        ("resources:\n", &principals("roles: groups"), Unknown, elsewhere),
        ("resources:\n", &principals("role_of: { admin: is_admin }"), Unknown, elsewhere),
        ("resources:\n", &principals("attributes: { region: region }"), Unknown, elsewhere),
        ("roles: [clerk]", "if_match: true, roles: [clerk]", Stronger, "which state of the object"),
        ("takes: {", "shows: Order, takes: {", Stronger, "its answer is now held"),
    ];
    assert_told(WHOLE, &rows);
    let rows = [
        ("subject: $.id", "subject: $.name", Unknown, "who a caller is"),
        (
            "principals: { whoami: { operation: listOrders, subject: $.id } }\n",
            "",
            Unknown,
            "who a caller is",
        ),
        ("id: $.id }]", "id: $.number }]", Unknown, "comes from other sources"),
        ("id: $.id }]", "id: $.id, pages_max: 3 }]", Unknown, "comes from other sources"),
    ];
    assert_told(ASKED, &rows);
}

#[test]
fn what_is_answered_in_two_places_instead_of_one_is_told() {
    let one = WHOLE.replace("takes: {", "shows: [{ type: Order, at: $.a }], takes: {");
    let two = one.replace("at: $.a }]", "at: $.a }, { type: Order, at: $.b }]");
    assert!(matches!(told(&of(&one), &of(&two)).as_slice(), [(Unknown, _)]));
}

#[test]
fn where_bindings_stand_in_their_file_is_no_difference() {
    for whole in [WHOLE, ASKED] {
        let moved = whole.replace("tenants: claim\n", "tenants: claim\n\n# Whose things these are.\n\n");
        assert_eq!(told(&of(whole), &of(&moved)), []);
    }
}

#[test]
fn diff_says_what_a_change_of_sealing_means() {
    let of = |bindings: &str, keys: &str| {
        let keys = format!(", sealing: {{ keys: [{keys}] }}");
        let mut world = World::new(&api(&format!("authorization: {{ bindings: bindings.yaml{keys} }}")));
        world.file("bindings.yaml", bindings);
        world.configuration()
    };
    let (one, two) = ("{ number: 1, key: \"${env:SECRET}\" }", "{ number: 2, key: \"${env:OTHER}\" }");
    for (from, to, direction, said) in [
        ("seal: ord }", "seal: { prefix: ord, shared: true } }", Weaker, "now open for all tenants"),
        ("seal: ord }", "seal: o }", Neutral, "begin otherwise; those of before no longer open"),
        (", shows_ids: [{ header: X-Order, type: Order }]", "", Unknown, "sealed ids stand elsewhere"),
        (
            "takes: Order,",
            "takes: Order, free: [body.item],",
            Weaker,
            "now choose the ids of what they write",
        ),
    ] {
        assert!(SEALED.contains(from), "{from}");
        let there = told(&of(SEALED, one), &of(&SEALED.replace(from, to), one));
        assert!(
            there.iter().any(|(found, text)| *found == direction && text.contains(said)),
            "{to}: {there:?}"
        );
        let back = told(&of(&SEALED.replace(from, to), one), &of(SEALED, one));
        let wanted = if direction == Weaker { Stronger } else { direction };
        assert!(back.iter().all(|(found, _)| *found == wanted), "{to}: {back:?}");
    }
    let both = format!("{two}, {one}");
    let last = format!("{one}, {two}");
    for (before, after, said) in [
        (one, both.as_str(), "sealed with another key; those of before still open"),
        (one, last.as_str(), "another key of sealed ids opens"),
        (both.as_str(), two, "no longer open"),
    ] {
        let there = told(&of(SEALED, before), &of(SEALED, after));
        assert!(there.iter().any(|(_, text)| text.contains(said)), "{said}: {there:?}");
    }
}

#[test]
fn other_limits_are_told_by_diff_and_by_explain() {
    let of = |limits: &str| {
        let section = format!("authorization: {{ bindings: bindings.yaml, limits: {{ {limits} }} }}");
        let mut world = World::new(&api(&section));
        files(&mut world);
        world.configuration()
    };
    for (limits, direction, said) in [
        ("lock_wait: 9s", Weaker, "lock_wait 2s -> 9s"),
        ("evidence_timeout: 1s", Stronger, "evidence_timeout 3s -> 1s"),
        ("evidence_calls_max: 9", Stronger, "evidence_calls_max 30000 -> 9"),
        ("answer_grid: 1ms", Weaker, "answer_grid 4ms -> 1ms"),
    ] {
        assert_eq!(told(&of(""), &of(limits)), [(direction, said.to_owned())], "{limits}");
    }
    let asked = crate::explain::Asked::new(None, Some("GET"), Some("/v1/orders"), None).unwrap();
    let explained = crate::explain::request(&of("lock_wait: 9s").settings, &asked, None).unwrap();
    let waits = explained.document.pointer("/authorization/limits/lock_wait_ms");
    assert_eq!(waits.and_then(serde_json::Value::as_u64), Some(9_000));
}

const POLICIES: &str = "\
@id(\"guard-user\") forbid (principal is User, action, resource) unless { resource.tenant == principal.tenant };
@id(\"guard-client\") forbid (principal is Client, action, resource) unless { resource.tenant == principal.tenant };
@id(\"own\") permit (principal, action, resource is Order) when { resource has owner && resource.owner == principal.subject };
@id(\"fresh\") permit (principal, action == Action::\"createOrder\", resource)
when { principal.roles.contains(\"approver\") }
when { principal has auth_age_s && principal.auth_age_s < 300 };
";

/// A folder with the gateway file, bindings and policies; places name it.
fn in_folder(folder: &str, gateway: &str, bindings: &str, policies: &str) -> Configuration {
    let mut world = World::new("");
    let orders = crate::tests::world::ORDERS;
    for (name, text) in [
        ("gateway.yaml", gateway),
        ("bindings.yaml", bindings),
        ("policies.cedar", policies),
        ("orders.yaml", orders),
        ("keys.json", crate::tests::world::JWKS),
    ] {
        world.file(&format!("{folder}/{name}"), text);
    }
    let file = format!("{folder}/gateway.yaml");
    let (configuration, findings, _) = crate::read(std::path::Path::new(&file), &world);
    configuration.unwrap_or_else(|| panic!("{findings:#?}"))
}

#[test]
fn another_folder_is_no_difference() {
    let keys = ", policies: [policies.cedar]";
    let gateway = api(&format!("authorization: {{ bindings: bindings.yaml{keys} }}"));
    let unnamed = POLICIES.replace("@id(\"own\") ", "");
    for (bindings, policies) in [(WHOLE, POLICIES), (ASKED, POLICIES), (WHOLE, &unnamed)] {
        let there = in_folder("one", &gateway, bindings, policies);
        assert_eq!(told(&there, &in_folder("two", &gateway, bindings, policies)), []);
    }
    // The set that holds without one of its own.
    let without = api("authorization: { bindings: bindings.yaml }");
    let there = in_folder("one", &without, WHOLE, "");
    assert_eq!(told(&there, &in_folder("two", &without, WHOLE, "")), []);
}

#[test]
fn no_weakened_authorization_passes_for_neutral() {
    let gateway = api("authorization: { bindings: bindings.yaml, policies: [policies.cedar] }")
        + "tenant: { claim: org }\n";
    let bindings = WHOLE.replace("resources:\n", "principals: { roles: roles }\nresources:\n");
    let before = in_folder("one", &gateway, &bindings, POLICIES);
    for (from, to, direction, said) in [
        ("resource has owner && resource.owner == principal.subject", "true", Weaker, "policy `own` permits"),
        ("when { principal.roles.contains(\"approver\") }\n", "", Weaker, "policy `fresh` permits"),
        ("< 300", "< 300000", Weaker, "policy `fresh` permits"),
        ("\"approver\"", "\"clerk\"", Unknown, "what policy `fresh` permits is another"),
        ("property: $.user", "property: $.made_by", Unknown, "the owner of Order"),
        ("tenant: { from: principal }", "tenant: { property: $.org }", Unknown, "the tenant of Order"),
        ("roles: roles", "roles: scope", Unknown, "the roles of callers"),
        ("claim: org", "claim: email", Unknown, "tenants are named by `email` instead of `org`"),
    ] {
        let change = |text: &str| text.replace(from, to);
        let texts = [&*gateway, &bindings, POLICIES].map(change);
        let after = in_folder("two", &texts[0], &texts[1], &texts[2]);
        let there = told(&before, &after);
        let is_said = |(found, text): &(Direction, String)| *found == direction && text.contains(said);
        assert!(there.iter().any(is_said), "{from} -> {to}: {there:?}");
        assert!(there.iter().any(|(found, _)| found.may_weaken()), "{from} -> {to}: {there:?}");
    }
}
