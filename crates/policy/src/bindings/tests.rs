#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bad;

use std::time::Duration;

use bytes::Bytes;
use model::Finding;

use super::*;

pub(super) const WHOLE: &str = r#"version: 1
tenants: claim
principals:
  subject: sub
  roles: roles
  role_of: { admin: is_admin }
  attributes: { department: dept }
  operators: [support]
  whoami:
    operation: getMe
    subject: $.id
    tenant: $.org_id
    roles: $.roles
    role_of: { admin: $.is_admin }
    attributes: { department: $.dept }
    cache: 10s
resources:
  Order:
    id: id
    tenant: { from: principal }
    owner: { property: $.user_id }
    attributes: { status: $.status }
    parent: { type: Article, property: $.article.slug }
    producers:
      - { operation: listOrders, items: "$[*]", id: $.id, page: { offset: skip, limit: limit, size: 50 }, pages_max: 7, cache: 3s }
      - { operation: archivedOrders, page: { number: page, first: 0 } }
      - { operation: sharedOrders, page: { cursor: after, next: $.next } }
      - { operation: allOrders, page: { link: true } }
    resolver: { operation: getOrder, id: path.order_id, object: $.data }
    immutable: [user_id, tenant_id]
  Article: { tenant: { related: { type: Order, id: $.order_id } }, owner: { from: none } }
operations:
  login: { class: public }
  listOrders: { action: list, list: { type: Order, items: "$.orders[*]", filter: false, total: $.total, drop: [$.facets], overfetch: { limit: limit, pages_max: 3 } } }
  getOrder: { action: read, object: { type: Order, id: path.order_id }, evidence: [producer, response], safe: true, shows: Order }
  putOrder: { object: { type: Order, id: path.order_id }, evidence: resolver, takes: { type: Order, at: $.order, only: [note] }, shows: [Order, { type: Article, at: $.article }], if_match: true }
  createOrder: { action: create, takes: Order, preset: { user_id: { principal: subject }, org: { claim: org }, state: { value: [1, "new"] } } }
  bulk: { action: write, objects: [{ type: Order, id: "body.$.ids[*]" }], evidence: [producer], free: body.reason_id }
  updateProfile: { action: write, object: { type: Order, id: header.X-Order-Id }, evidence: [{ claim: sub }] }
  deleteComment:
    action: delete
    object: { type: Order, id: path.cid, parent: { type: Article, id: path.slug }, optional: true }
    evidence: [learned, { list: { operation: listOrders, items: "$.comments[*]", owner: $.author.username } }, { related: { type: Article, id: query.article } }]
  adminDeleteUser: { class: admin, roles: [admin, root], scopes: [users.delete], assurance: { acr: [gold], max_age: 5min } }
  debugDump: { deny: true }
properties:
  Order:
    write: { default: [note], admin: [note, status] }
    read: { default: [id, note], self: [id, note, phone], admin: ["*"] }
    scopes: { phone: pii.read }
  Article: { read: {} }
"#;

pub(super) fn read_text(text: &str) -> (Option<Bindings>, Vec<Finding>) {
    read("bindings.yaml", Bytes::copy_from_slice(text.as_bytes()))
}

fn whole() -> Bindings {
    let (bindings, findings) = read_text(WHOLE);
    assert!(findings.is_empty(), "{findings:#?}");
    bindings.unwrap()
}

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

#[test]
fn principals_are_read_with_whom_they_are_asked_of() {
    let principals = whole().principals;
    assert_eq!(principals.subject.as_deref(), Some("sub"));
    assert_eq!(principals.roles.as_deref(), Some("roles"));
    assert_eq!(principals.role_of["admin"].as_ref(), "is_admin");
    assert_eq!(principals.attributes["department"].as_ref(), "dept");
    assert_eq!(principals.operators, [Arc::from("support")]);
    let whoami = principals.whoami.unwrap();
    assert_eq!(whoami.operation.as_ref(), "getMe");
    assert_eq!(whoami.tenant, Some(path("$.org_id")));
    assert_eq!(whoami.role_of["admin"], path("$.is_admin"));
    assert_eq!((whoami.cache, whoami.place.line), (Duration::from_secs(10), 9));
}

#[test]
fn a_resource_type_says_where_its_facts_are() {
    let bindings = whole();
    let order = &bindings.resources["Order"];
    assert_eq!((order.id.as_str(), &order.tenant), ("id", &From::Principal));
    assert_eq!(order.owner, From::Property(path("$.user_id")));
    assert_eq!(order.parent.as_ref().unwrap().kind.as_ref(), "Article");
    assert_eq!(order.resolver.as_ref().unwrap().id, Some(IdPlace::Path("order_id".into())));
    assert_eq!(order.immutable.len(), 2);
    let article = &bindings.resources["Article"];
    assert_eq!(article.id.as_str(), "$.id");
    assert_eq!(article.tenant, From::Related { kind: "Order".into(), id: path("$.order_id") });
    assert_eq!(article.owner, From::None);
}

#[test]
fn producers_page_in_every_way_and_have_defaults() {
    let bindings = whole();
    let producers = &bindings.resources["Order"].producers;
    let limit = Some(Arc::from("limit"));
    assert_eq!(producers[0].page, Some(Page::Offset { offset: "skip".into(), limit, size: 50 }));
    assert_eq!((producers[0].pages_max, producers[0].cache), (7, Duration::from_secs(3)));
    assert_eq!(
        producers[1].page,
        Some(Page::Number { number: "page".into(), limit: None, size: 100, first: 0 })
    );
    assert_eq!((producers[1].pages_max, producers[1].cache), (50, Duration::from_secs(2)));
    // Where an item has its id: as the type has it.
    assert_eq!((producers[1].items.as_str(), producers[1].id.as_str()), ("$[*]", "id"));
    assert_eq!(producers[2].page, Some(Page::Cursor { cursor: "after".into(), next: path("$.next") }));
    assert_eq!(producers[3].page, Some(Page::Link));
}

#[test]
fn operations_say_objects_evidence_lists_and_representations() {
    let bindings = whole();
    let of = |id: &str| &bindings.operations[id];
    assert_eq!(
        (of("login").class, of("login").action, of("getOrder").class),
        (Class::Public, None, Class::User)
    );
    let list = of("listOrders").list.as_ref().unwrap();
    assert!(!list.filter);
    assert_eq!((list.total.as_ref(), list.drop.len()), (Some(&path("$.total")), 1));
    // No page is described here, so it is that of the producer which this list is.
    let overfetch = list.overfetch.as_ref().unwrap();
    assert!(matches!(&overfetch.page, Page::Offset { offset, .. } if &**offset == "skip"));
    assert_eq!(overfetch.pages_max, 3);
    let put = of("putOrder");
    assert!(matches!(put.evidence.as_deref(), Some([Evidence::Resolver])));
    let takes = put.takes.as_ref().unwrap();
    assert_eq!((takes.at.as_str(), takes.only.as_deref()), ("$.order", Some(&[Arc::from("note")][..])));
    assert_eq!(put.shows.iter().map(|shows| shows.at.as_str()).collect::<Vec<_>>(), ["$", "$.article"]);
    assert!(put.if_match && put.safe.is_none() && of("getOrder").safe == Some(true));
    let preset = &of("createOrder").preset;
    assert_eq!((&preset["user_id"], &preset["org"]), (&Preset::Subject, &Preset::Claim("org".into())));
    assert_eq!(preset["state"], Preset::Value(serde_json::json!([1, "new"])));
    assert_eq!(of("bulk").objects[0].id, IdPlace::Body(path("$.ids[*]")));
    assert_eq!(of("bulk").free, [IdPlace::Body(path("reason_id"))]);
    assert_eq!(of("updateProfile").objects[0].id, IdPlace::Header("x-order-id".into()));
    let comment = of("deleteComment");
    assert!(comment.objects[0].optional);
    assert_eq!(comment.objects[0].parent.as_ref().unwrap().id, IdPlace::Path("slug".into()));
    let names: Vec<_> = comment.evidence.as_ref().unwrap().iter().map(Evidence::name).collect();
    assert_eq!(names, ["learned", "list", "related"]);
    let admin = of("adminDeleteUser");
    assert_eq!((admin.class, admin.roles.len(), admin.scopes.len()), (Class::Admin, 2, 1));
    assert_eq!(admin.assurance.as_ref().unwrap().max_age, Some(Duration::from_secs(300)));
    assert!(of("debugDump").deny);
}

#[test]
fn a_section_of_rules_that_lists_nothing_allows_nothing() {
    let bindings = whole();
    let order = &bindings.properties["Order"];
    assert_eq!(order.read.as_ref().unwrap()["self"].len(), 3);
    assert_eq!(order.scopes["phone"].as_ref(), "pii.read");
    let article = &bindings.properties["Article"];
    assert_eq!((article.read.as_ref().map(BTreeMap::len), article.write.is_none()), (Some(0), true));
}

#[test]
fn json_is_read_too() {
    let text = r#"{"version": 1, "tenants": "single", "operations": {"GET /orders": {"action": "list"}}}"#;
    let (bindings, findings) = read("bindings.JSON", Bytes::from_static(text.as_bytes()));
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(bindings.unwrap().operations["GET /orders"].action, Some(Action::List));
    // YAML in a file that is called JSON is refused: one reader for one name.
    assert!(read("bindings.json", Bytes::from_static(b"version: 1\n")).0.is_none());
}

#[test]
fn places_point_at_what_is_said() {
    let bindings = whole();
    let line = |pointer: &str| bindings.places.at(pointer).unwrap().line;
    assert_eq!(line("/operations/getOrder/object/type"), 35);
    assert_eq!(line("/operations/getOrder"), 35);
    assert_eq!(line("/operations/getOrder/evidence/1"), 35);
    assert_eq!(line("/resources/Order/producers/2/page"), 27);
    // What is not written is at home where it would stand.
    assert_eq!(line("/operations/login/object/id"), line("/operations/login"));
}

#[test]
fn the_editors_schema_takes_what_is_read_and_refuses_what_is_not() {
    let validator = jsonschema::validator_for(&schema::document()).unwrap();
    let accepts = |text: &str| {
        let tape = tape::yaml::parse(Bytes::copy_from_slice(text.as_bytes()), &tape::Limits::default());
        tape.is_ok_and(|tape| validator.is_valid(&tape.root().to_value()))
    };
    assert!(accepts(WHOLE));
    for (bad, code, _, _) in bad::CASES {
        // What a schema cannot know: several keys together, and texts that have a grammar of their own.
        if matches!(*code, "B4002" | "B4003" | "B4006") {
            assert!(!accepts(bad), "{bad}");
        }
    }
}

#[test]
fn every_key_is_explained() {
    let mut open = vec![&keys::ROOT];
    let mut seen = Vec::new();
    while let Some(section) = open.pop() {
        if seen.contains(&section.about) {
            continue;
        }
        seen.push(section.about);
        assert!(section.about.ends_with('.'), "{}", section.name);
        for key in section.keys {
            assert!(key.about.ends_with('.'), "{}: {}", section.name, key.name);
            open.extend(inner(&key.kind));
        }
    }
    assert!(seen.len() > 15);
}

fn inner(kind: &'static keys::Kind) -> Option<&'static keys::Section> {
    use keys::Kind;
    match kind {
        Kind::Section(section) | Kind::Short { section, .. } | Kind::WordOr { section, .. } => Some(section),
        Kind::List(item) | Kind::OneOrMany(item) | Kind::Map { value: item, .. } => inner(item),
        _ => None,
    }
}
