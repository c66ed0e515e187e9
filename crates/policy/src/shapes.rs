//! Bindings for shapes of APIs that are common: each is read and compiled without a finding, and says what it should.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use crate::bindings::{self, Bindings, Evidence, From, Page};
use crate::decide::{Subject, SubjectKind};
use crate::plan::Source;
use crate::{Authorization, OWNER, Origin, Path, TENANT, cedar, compile};

struct OneFile(&'static str);

impl openapi::Files for OneFile {
    fn read(&self, _path: &str) -> Result<Bytes, String> {
        Ok(Bytes::from_static(self.0.as_bytes()))
    }
}

fn authorization(description: &'static str, text: &'static str) -> Authorization {
    let (description, findings) = openapi::load("api.yaml", &[], &OneFile(description));
    let description = description.unwrap_or_else(|| panic!("{findings:?}"));
    let (read, findings) = bindings::read("bindings.yaml", Bytes::from_static(text.as_bytes()));
    assert!(findings.is_empty(), "{findings:#?}");
    let read: Bindings = read.unwrap();
    let (decider, findings) = cedar::build(&read, &description, &[]);
    assert!(findings.is_empty(), "{findings:#?}");
    let (authorization, findings) = compile(read, &description, decider.unwrap());
    assert!(findings.is_empty(), "{findings:#?}");
    authorization.unwrap()
}

#[test]
fn what_another_object_knows_has_to_be_asked_of_it() {
    let (description, _) =
        openapi::load("api.yaml", &[], &OneFile(include_str!("../fixtures/helpdesk.openapi.yaml")));
    let text = include_str!("../fixtures/helpdesk.bindings.yaml").replace(
        "resolver: { operation: showTicket }",
        "resolver: { operation: getTicket, id: path.ticket_id }",
    );
    let (read, _) = bindings::read("bindings.yaml", Bytes::from(text));
    let read = read.unwrap();
    let description = description.unwrap();
    let (decider, _) = cedar::build(&read, &description, &[]);
    let (_, findings) = compile(read, &description, decider.unwrap());
    let sentences: Vec<_> = findings.iter().map(|finding| finding.sentence.as_str()).collect();
    assert!(sentences.iter().any(|sentence| sentence.contains("the owner of Attachment")), "{sentences:?}");
}

fn subject(subject: &str, tenant: &str) -> Subject {
    Subject::new(SubjectKind::User, subject, tenant)
}

fn document(value: &serde_json::Value) -> tape::Tape {
    tape::json::parse(Bytes::from(value.to_string()), &tape::Limits::default()).unwrap()
}

#[test]
fn slugs_nested_authors_wrapped_bodies_and_comments_of_an_article_can_be_said() {
    let blog = authorization(
        include_str!("../fixtures/blog.openapi.yaml"),
        include_str!("../fixtures/blog.bindings.yaml"),
    );
    let update = blog.plan("UpdateArticle").unwrap();
    assert!(matches!(update.objects[0].sources.as_slice(), [Source::Resolver(_)]));
    assert_eq!(update.takes.as_ref().unwrap().at.as_str(), "$.article");
    let deletion = blog.plan("DeleteArticleComment").unwrap();
    let comment = &deletion.objects[0];
    let [Source::List(list)] = comment.sources.as_slice() else { panic!("{:?}", comment.sources) };
    assert_eq!(list.call.parameters.len(), 1, "the article of the list is the one of the request");
    assert_eq!(&*comment.parent.as_ref().unwrap().resource.name, "Article");
    let shown = document(&json!({ "slug": "a", "author": { "username": "kim" } }));
    let article = &blog.typed("Article").unwrap().resource;
    let facts = article.facts_in(shown.root(), &subject("lee", "t"), Origin::Resolver);
    assert_eq!(facts.get(OWNER).map(|owner| &**owner), Some("kim"));
}

#[test]
fn tenants_in_paths_pages_by_url_shared_objects_and_sources_of_each_object_can_be_said() {
    let helpdesk = authorization(
        include_str!("../fixtures/helpdesk.openapi.yaml"),
        include_str!("../fixtures/helpdesk.bindings.yaml"),
    );
    let patch = helpdesk.plan("patchTicket").unwrap();
    let kinds: Vec<_> = patch.objects.iter().map(|object| object.sources.as_slice()).collect();
    assert!(matches!(kinds.as_slice(), [[Source::Claim(_)], [Source::Resolver(_)]]), "{kinds:?}");
    let ticket = &helpdesk.typed("Ticket").unwrap().resource;
    assert_eq!(ticket.producers[0].page, Some(Page::Url { next: Path::parse("$.next").unwrap() }));
    let attachment = &helpdesk.typed("Attachment").unwrap().resource;
    assert!(matches!(&attachment.owner, From::Related { kind, .. } if &**kind == "Ticket"));
    let shown = document(&json!({ "id": "1", "org": "o", "participants": [{ "id": "kim" }, { "id": 7 }] }));
    let owner = |name: &str| {
        let facts = ticket.facts_in(shown.root(), &subject(name, "o"), Origin::Response);
        facts.get(OWNER).map(|owner| owner.to_string())
    };
    assert_eq!(owner("7").as_deref(), Some("7"), "one of those who share it");
    assert_eq!(owner("lee").as_deref(), Some("kim"), "a stranger owns nothing of it");
    assert_eq!(owner("").as_deref(), Some("kim"));
    let facts = ticket.facts_in(shown.root(), &subject("lee", "other"), Origin::Response);
    assert_eq!(facts.get(TENANT), Some(&Arc::from("o")));
}

#[test]
fn nested_claims_wrapped_answers_related_owners_and_bulk_calls_can_be_said() {
    let shop = authorization(
        include_str!("../fixtures/shop.openapi.yaml"),
        include_str!("../fixtures/shop.bindings.yaml"),
    );
    assert_eq!(shop.bindings.principals.subject.as_deref(), Some("$.data.id"));
    let cancel = shop.plan("cancelOrders").unwrap();
    assert!(matches!(cancel.objects[0].sources.as_slice(), [Source::Producer(_)]));
    assert!(!cancel.safe);
    assert!(!shop.plan("confirmOrder").unwrap().safe, "a GET with an effect");
    let orders = &shop.typed("Order").unwrap().resource.producers[0];
    assert!(matches!(&orders.page, Some(Page::Number { first: 0, size: 50, .. })));
    assert!(shop.plan("adminDeleteUser").unwrap().objects[0].sources.is_empty());
    let put = &shop.bindings.operations["putItem"];
    assert_eq!(put.takes.as_ref().unwrap().only.as_deref(), Some([Arc::from("quantity")].as_slice()));
    assert!(matches!(shop.bindings.operations["checkout"].evidence.as_deref(), Some([Evidence::Resolver])));
}
