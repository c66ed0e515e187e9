#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use model::{ManualClock, Outcome, RECORD_VERSION, Record};

use super::{RECORDS_QUEUED_MAX, Records};
use crate::request_id::RequestIds;

/// A directory of its own for each test, removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bartizan-records-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut all: Vec<_> =
            std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn record(request_id: &str) -> Record {
    Record {
        v: RECORD_VERSION,
        time: String::new(),
        request_id: request_id.to_owned(),
        trace_id: None,
        protocol: "http/1.1".into(),
        address: "127.0.0.1".into(),
        address_from: None,
        api: None,
        operation: "listOrders".into(),
        method: "GET".into(),
        template: None,
        class: None,
        outcome: Outcome::Allowed,
        status: 200,
        code: None,
        limited: None,
        check: None,
        violations: vec![],
        caller: None,
        authorization: None,
        inspection: None,
        checks: vec![],
        upstream: None,
        request_bytes: 0,
        response_bytes: 0,
        duration_us: 0,
        snapshot: "0".into(),
    }
}

#[test]
fn a_record_is_found_by_its_id_and_survives_a_restart() {
    let directory = Directory::new("restart");
    let clock = Arc::new(ManualClock::new(1_000_000));
    let ids = RequestIds::new(1);
    let id = ids.next(1_000_000);
    let records = Records::open(&directory.0, Some(1 << 20), clock.clone()).unwrap();
    records.push(record(&id));
    assert_eq!(records.find(&id).unwrap().unwrap().request_id, *id);
    assert_eq!(records.find(&ids.next(1_000_000)).unwrap(), None);
    assert_eq!(records.find("not one of ours").unwrap(), None);
    records.close();

    let again = Records::open(&directory.0, Some(1 << 20), clock).unwrap();
    assert_eq!(again.find(&id).unwrap().unwrap().request_id, *id);
    let mode = |path: &PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory.0), 0o700);
    assert_eq!(mode(&directory.files()[0]), 0o600);
}

#[test]
fn segments_rotate_and_the_oldest_are_dropped_within_the_bound() {
    let directory = Directory::new("rotate");
    let clock = Arc::new(ManualClock::new(5_000_000));
    let ids = RequestIds::new(1);
    let bytes_max = 64 << 10;
    let records = Records::open(&directory.0, Some(bytes_max), clock.clone()).unwrap();
    let mut all = Vec::new();
    for number in 0..1_000 {
        let id = ids.next(5_000_000 + number);
        records.push(record(&id));
        records.flush();
        clock.advance_ms(1);
        all.push(id);
    }
    let total: u64 = directory.files().iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(directory.files().len() > 10, "{}", directory.files().len());
    assert!(total <= bytes_max, "{total}");
    assert_eq!(records.find(&all[0]).unwrap(), None);
    for id in [&all[900], &all[999]] {
        assert_eq!(records.find(id).unwrap().unwrap().request_id, **id);
    }
    assert_eq!(records.written(), 1_000);
}

#[test]
fn everything_queued_is_written_when_it_is_closed() {
    let directory = Directory::new("close");
    let ids = RequestIds::new(1);
    let records = Records::open(&directory.0, Some(64 << 20), Arc::new(ManualClock::new(1))).unwrap();
    for _ in 0..500 {
        records.push(record(&ids.next(1)));
    }
    records.close();
    assert_eq!((records.written(), records.lost()), (500, 0));
    let text = std::fs::read_to_string(&directory.files()[0]).unwrap();
    assert_eq!(text.lines().count(), 500);
    records.push(record(&ids.next(1)));
    assert_eq!(records.lost(), 1);
}

#[test]
fn a_full_queue_loses_counts_and_records_the_loss() {
    let directory = Directory::new("loss");
    let records = Records::open(&directory.0, Some(64 << 20), Arc::new(ManualClock::new(1))).unwrap();
    let ids = RequestIds::new(1);
    // Far faster than the writer can drain, because the lock is hot and each line is serialised.
    let sent = u64::try_from(RECORDS_QUEUED_MAX).unwrap() * 8;
    for _ in 0..sent {
        records.push(record(&ids.next(1)));
    }
    records.close();
    assert_eq!(records.written() + records.lost(), sent);
    let text: String = directory.files().iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let said: u64 = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter_map(|line| line.get("lost").and_then(serde_json::Value::as_u64))
        .sum();
    assert_eq!(said, records.lost());
}

#[test]
fn a_segment_that_is_removed_renamed_or_exchanged_is_followed_by_another() {
    let directory = Directory::new("gone");
    let records = Records::open(&directory.0, Some(1 << 20), Arc::new(ManualClock::new(1))).unwrap();
    let ids = RequestIds::new(1);
    let written = || {
        let id = ids.next(1);
        records.push(record(&id));
        records.flush();
        assert_eq!(records.find(&id).unwrap().unwrap().request_id, *id);
    };
    written();
    std::fs::remove_file(&directory.files()[0]).unwrap();
    written();
    let file = directory.files().pop().unwrap();
    std::fs::rename(&file, file.with_extension("old")).unwrap();
    written();
    // As `sed -i` does.
    let file = directory.files().into_iter().find(|file| file.extension().unwrap() == "jsonl").unwrap();
    let text = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, text).unwrap();
    written();
    std::fs::remove_dir_all(&directory.0).unwrap();
    written();
    let totals = records.totals();
    assert_eq!((totals.written, totals.lost, totals.files_gone, totals.fault), (5, 0, 4, None));
}

#[test]
fn why_records_cannot_be_written_is_told_until_they_can() {
    let directory = Directory::new("fault");
    let records = Records::open(&directory.0, Some(1 << 20), Arc::new(ManualClock::new(1))).unwrap();
    let ids = RequestIds::new(1);
    // A file where the folder was: root, too, can write nothing below it.
    std::fs::remove_dir_all(&directory.0).unwrap();
    std::fs::write(&directory.0, "").unwrap();
    records.push(record(&ids.next(1)));
    records.flush();
    let totals = records.totals();
    assert_eq!((totals.written, totals.lost, totals.fault.is_some()), (0, 1, true));
    std::fs::remove_file(&directory.0).unwrap();
    std::fs::create_dir(&directory.0).unwrap();
    records.push(record(&ids.next(1)));
    records.flush();
    assert_eq!((records.written(), records.totals().fault), (1, None));
}

#[test]
fn a_follower_sees_records_as_they_come() {
    let directory = Directory::new("tail");
    let records = Records::open(&directory.0, Some(1 << 20), Arc::new(ManualClock::new(1))).unwrap();
    let mut tail = records.subscribe();
    let id = RequestIds::new(1).next(1);
    records.push(record(&id));
    assert_eq!(tail.try_recv().unwrap().request_id, *id);
}

#[test]
fn kept_nowhere_still_reaches_a_follower() {
    let directory = Directory::new("nowhere");
    let records = Records::open(&directory.0.join("records"), None, Arc::new(ManualClock::new(1))).unwrap();
    assert!(!records.are_wanted());
    let mut follower = records.subscribe();
    assert!(records.are_wanted());
    records.push(record("01"));
    assert_eq!(follower.try_recv().unwrap().request_id, "01");
    assert!(records.find("01").unwrap().is_none());
    assert_eq!((records.lost(), records.written()), (0, 0));
    assert!(!directory.0.join("records").exists());
}

#[test]
fn two_processes_write_side_by_side_and_both_are_found() {
    let directory = Directory::new("side-by-side");
    let now_ms = u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    let clock = Arc::new(ManualClock::new(now_ms));
    let open = || Records::open(&directory.0, Some(1 << 20), clock.clone()).unwrap();
    let (before, after) = (open(), open());
    let (ids, other_ids) = (RequestIds::new(1), RequestIds::new(2));
    let first = ids.next(now_ms);
    before.push(record(&first));
    before.flush();
    // The successor begins a segment in the same millisecond, and the one before goes on in its own.
    let second = other_ids.next(now_ms);
    after.push(record(&second));
    after.flush();
    clock.advance_ms(1_000);
    let last = ids.next(now_ms + 1_000);
    before.push(record(&last));
    before.close();
    assert_eq!(directory.files().len(), 2);
    for id in [&first, &second, &last] {
        assert_eq!(after.find(id).unwrap().unwrap().request_id, **id);
    }
}

#[test]
fn a_record_is_found_although_the_clock_has_jumped_and_was_put_right() {
    let directory = Directory::new("jumped");
    let clock = Arc::new(ManualClock::new(1_000_000));
    let ids = RequestIds::new(7);
    let ahead_ms = 4_000_000_000_000;
    let records = Records::open(&directory.0, Some(1 << 20), clock.clone()).unwrap();
    records.push(record(&ids.next(1_000_000)));
    records.flush();
    let ahead = ids.next(ahead_ms);
    records.push(record(&ahead));
    records.close();
    // Put right, and the next process begins a segment under the right time.
    clock.set_unix_ms(1_060_000);
    let records = Records::open(&directory.0, Some(1 << 20), clock).unwrap();
    let after = ids.next(1_060_000);
    records.push(record(&after));
    for id in [ahead, after] {
        assert!(records.find(&id).unwrap().is_some(), "{id}");
    }
}
