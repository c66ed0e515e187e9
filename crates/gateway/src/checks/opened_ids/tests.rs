#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use openapi::NormalPath;

use super::OpenedIds;
use crate::check::{Check, Edit, Step};
use crate::checks::media_type::tests::said;
use crate::checks::protected::{subject, writing};
use crate::checks::sealed_ids::tests::{prepared, sealed};
use crate::question::Answers;

/// What becomes of a request to read the note of an id, as it was sealed.
fn read(id: &str) -> Step {
    let check: OpenedIds = prepared("getNote");
    let text = sealed(&prepared("getNote"), "Note", id);
    let mut exchange = writing(subject("ada", &[], &[]), "text/plain", "");
    exchange.route.path = NormalPath::new(&format!("/notes/{text}")).unwrap();
    exchange.route.path_values = vec![("id".into(), text)];
    check.step(&exchange, &Answers::default())
}

#[test]
fn an_id_that_is_called_like_another_operation_does_not_lead_there() {
    // `/notes/archive` has another method only.
    for id in ["all", "archive", "All", "all.json", "..", "."] {
        let told = said(read(id));
        assert!(told.starts_with("object_not_found"), "{id}: {told}");
    }
    for (id, wanted) in [("17", "/notes/17"), ("Allie", "/notes/Allie")] {
        let Step::Continue(edits) = read(id) else { panic!("{id} is refused") };
        let Some(Edit::Opened(opened)) = edits.first() else { panic!("{id} is not opened") };
        assert_eq!(opened.path.as_ref().unwrap().0.as_str(), wanted);
    }
}

/// What becomes of a query that names notes, as they were sealed and then parted by `by`.
fn several(operation: &str, ids: &[&str], by: &str) -> Step {
    let check: OpenedIds = prepared(operation);
    let texts: Vec<String> = ids.iter().map(|id| sealed(&prepared(operation), "Note", id)).collect();
    let mut exchange = writing(subject("ada", &[], &[]), "text/plain", "");
    exchange.route.operation = Some(std::sync::Arc::clone(check.seals.operation()));
    exchange.route.query = Some(format!("ids={}", texts.join(by)));
    check.step(&exchange, &Answers::default())
}

#[test]
fn each_of_several_ids_in_a_query_is_opened_or_none_is() {
    for (operation, by, wanted) in [
        ("someNotes", "&ids=", vec!["17", "18"]),
        ("manyNotes", ",", vec!["17,18"]),
        ("pipedNotes", "%7C", vec!["17%7C18"]),
    ] {
        let Step::Continue(edits) = several(operation, &["17", "18"], by) else { panic!("{operation}") };
        let Some(Edit::Opened(opened)) = edits.first() else { panic!("{operation} opens nothing") };
        assert_eq!(opened.query[0].1, wanted, "{operation}");
        assert_eq!(opened.ids.len(), 2);
        let told = said(several(operation, &["17", "18"], &format!("{by}17{by}")));
        assert!(told.starts_with("object_not_found"), "{operation}: {told}");
    }
}
