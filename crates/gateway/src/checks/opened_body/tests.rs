#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::OpenedBody;
use crate::check::{Check, Edit, Step};
use crate::checks::media_type::tests::said;
use crate::checks::protected::{subject, writing};
use crate::checks::sealed_ids::SealedIds;
use crate::checks::sealed_ids::tests::{prepared, sealed};
use crate::exchange::OpenedId;
use crate::question::Answers;
use crate::seals::OPENED_MAX;

/// What becomes of a body with so many notes, each twice, after so many ids in the head.
fn archive(count: usize, before: usize) -> Step {
    let check: OpenedBody = prepared("archiveNotes");
    let seals: SealedIds = prepared("archiveNotes");
    let ids: Vec<_> = (1..=count).map(|id| sealed(&seals, "Note", &id.to_string())).collect();
    let body = serde_json::json!({ "ids": ids.iter().chain(&ids).collect::<Vec<_>>() }).to_string();
    let mut exchange = writing(subject("ada", &[], &[]), "application/json", &body);
    let named = |n: usize| OpenedId { kind: "Book".into(), id: n.to_string().into(), sealed: "book_".into() };
    exchange.opened.extend((0..before).map(named));
    check.step(&exchange, &Answers::default())
}

#[test]
fn a_request_names_only_so_many_different_ids() {
    for (count, before) in [(OPENED_MAX, 0), (OPENED_MAX - 1, 1)] {
        let Step::Continue(edits) = archive(count, before) else { panic!("{count} are refused") };
        let opened = edits.iter().find_map(|edit| match edit {
            Edit::Opened(opened) => Some(opened.ids.len()),
            _ => None,
        });
        assert_eq!(opened, Some(count));
    }
    for (count, before) in [(OPENED_MAX + 1, 0), (OPENED_MAX, 1)] {
        let told = said(archive(count, before));
        assert!(told.starts_with("object_not_found"), "{told}");
    }
}
