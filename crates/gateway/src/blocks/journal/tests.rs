#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use super::{JOURNAL, Journal, JournalFault, Lift, read, repair};
use crate::blocks::block::{Block, By};
use crate::blocks::target::Target;
use crate::blocks::tests::Folder;

const NOW_MS: u64 = 1_800_000_000_000;

fn block(id: &str) -> Block {
    Block {
        id: id.into(),
        target: Target { client: Some("shop".into()), ..Target::default() },
        reason: "a \"test\"\u{2028}".into(),
        by: By { uid: 1000, name: Some("ada".into()), sudo_user: None },
        begun_unix_ms: NOW_MS,
        end_unix_ms: NOW_MS + 1_000,
        drill: false,
    }
}

fn lift(id: &str) -> Lift {
    Lift { id: id.into(), reason: "done".into(), by: By::default(), drill: false }
}

fn ids(blocks: &[Block]) -> Vec<&str> {
    blocks.iter().map(|block| &*block.id).collect()
}

/// A journal of three blocks, the second of which was lifted.
fn written(folder: &Folder) -> Vec<u8> {
    let (mut journal, held) = Journal::open(&folder.0, Duration::ZERO, NOW_MS).unwrap();
    assert!(held.blocks.is_empty());
    journal.append(&[block("b-1"), block("b-2")], &[], Vec::new, NOW_MS).unwrap();
    journal.append(&[block("b-3")], &[], Vec::new, NOW_MS).unwrap();
    journal.append(&[], &[lift("b-2")], Vec::new, NOW_MS).unwrap();
    std::fs::read(folder.0.join(JOURNAL)).unwrap()
}

#[test]
fn what_was_written_is_read_and_only_the_owner_may_look() {
    let folder = Folder::new();
    let bytes = written(&folder);
    let held = read(&folder.0).unwrap();
    assert_eq!(held.blocks, [block("b-1"), block("b-3")]);
    assert_eq!(held.lines, 5);
    for name in [JOURNAL, "blocks.lock"] {
        let mode = std::fs::metadata(folder.0.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let value: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert!(value["entry"]["n"].is_number(), "{value}");
    }
}

#[test]
fn a_line_torn_off_anywhere_is_dropped_and_said_and_writing_goes_on() {
    let folder = Folder::new();
    let bytes = written(&folder);
    let last = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in last..bytes.len() {
        std::fs::write(folder.0.join(JOURNAL), &bytes[..cut]).unwrap();
        let (mut journal, held) = Journal::open(&folder.0, Duration::ZERO, NOW_MS).unwrap();
        assert_eq!(held.torn_bytes, u64::try_from(cut - last).unwrap());
        assert_eq!(ids(&held.blocks), ["b-1", "b-2", "b-3"], "the lift was not acknowledged");
        journal.append(&[block("b-4")], &[], Vec::new, NOW_MS).unwrap();
        drop(journal);
        let held = read(&folder.0).unwrap();
        assert_eq!((ids(&held.blocks).len(), held.torn_bytes), (4, 0));
    }
}

#[test]
fn any_other_damage_is_an_error_that_names_the_line() {
    let folder = Folder::new();
    let bytes = written(&folder);
    let mut noticed = 0;
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x01;
        std::fs::write(folder.0.join(JOURNAL), &damaged).unwrap();
        match Journal::open(&folder.0, Duration::ZERO, NOW_MS) {
            Err(JournalFault::Damaged { line, .. }) => {
                let expected = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
                assert_eq!(line, expected, "byte {at}");
                noticed += 1;
            }
            // The last line feed is what says that the last line is whole.
            Ok((_, held)) if at == bytes.len() - 1 => assert!(held.torn_bytes > 0),
            other => panic!("byte {at}: {other:?}"),
        }
    }
    assert_eq!(noticed, bytes.len() - 1);
}

#[test]
fn a_line_that_was_taken_out_is_missed() {
    let folder = Folder::new();
    let bytes = written(&folder);
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for out in 0..lines.len() - 1 {
        let rest: Vec<u8> = lines
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != out)
            .flat_map(|(_, line)| line.to_vec())
            .collect();
        std::fs::write(folder.0.join(JOURNAL), rest).unwrap();
        assert!(matches!(read(&folder.0), Err(JournalFault::Damaged { .. })), "line {out}");
    }
}

#[test]
fn a_damaged_journal_is_put_aside_and_the_rest_of_it_kept() {
    let folder = Folder::new();
    let mut bytes = written(&folder);
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 80;
    bytes[second] ^= 0x01;
    std::fs::write(folder.0.join(JOURNAL), &bytes).unwrap();
    let mended = repair(&folder.0, NOW_MS).unwrap();
    assert_eq!(mended.dropped, [(2, "its checksum does not fit")]);
    assert_eq!((mended.kept, std::fs::read(mended.aside.unwrap()).unwrap()), (1, bytes));
    assert_eq!(ids(&read(&folder.0).unwrap().blocks), ["b-3"]);
    assert!(repair(&folder.0, NOW_MS).unwrap().aside.is_none(), "nothing is left to mend");
}

#[test]
fn an_emptied_journal_is_a_damaged_one_and_a_new_one_never_is() {
    let folder = Folder::new();
    let (journal, _) = Journal::open(&folder.0, Duration::ZERO, NOW_MS).unwrap();
    drop(journal);
    let (journal, held) = Journal::open(&folder.0, Duration::ZERO, NOW_MS).unwrap();
    assert_eq!((held.blocks, held.lines), (Vec::new(), 1), "one that was never used is fine");
    drop(journal);
    for (bytes, why) in [
        (&[][..], "the file was emptied"),
        (&[0; 4096][..], "the file holds nothing but zeros"),
        (b"{\"sum\"", "it does not end"),
    ] {
        std::fs::write(folder.0.join(JOURNAL), bytes).unwrap();
        let fault = Journal::open(&folder.0, Duration::ZERO, NOW_MS).unwrap_err();
        for part in ["line 1", why, "bartizan block repair"] {
            assert!(fault.to_string().contains(part), "{fault}");
        }
        assert_eq!(std::fs::read(folder.0.join(JOURNAL)).unwrap(), bytes, "nothing was begun in its place");
        let mended = repair(&folder.0, NOW_MS).unwrap();
        assert_eq!((mended.kept, mended.dropped), (0, vec![(1, why)]));
        assert_eq!(std::fs::read(mended.aside.unwrap()).unwrap(), bytes);
        assert!(read(&folder.0).unwrap().blocks.is_empty());
    }
}

#[test]
fn a_journal_of_another_version_is_not_guessed_at() {
    let folder = Folder::new();
    let (journal, _) = Journal::open(&folder.0, Duration::ZERO, NOW_MS).unwrap();
    drop(journal);
    let mut bytes = Vec::new();
    let what = super::entry::What::Journal { version: 2 };
    super::line::write(&super::entry::Entry { n: 0, time: String::new(), what }, &mut bytes).unwrap();
    std::fs::write(folder.0.join(JOURNAL), &bytes).unwrap();
    assert!(matches!(read(&folder.0), Err(JournalFault::Damaged { line: 1, .. })));
    // A condition that this version does not know must not be read as a block without it.
    let folder = Folder::new();
    let (mut journal, held) = Journal::open(&folder.0, Duration::ZERO, NOW_MS).unwrap();
    assert_eq!(held.blocks, []);
    journal.append(&[block("b-1")], &[], Vec::new, NOW_MS).unwrap();
    drop(journal);
    let text = std::fs::read_to_string(folder.0.join(JOURNAL)).unwrap();
    let line = text.lines().nth(1).unwrap();
    let json = line.split_once("\"entry\":").unwrap().1.strip_suffix('}').unwrap();
    let json = json.replace("\"client\":\"shop\"", "\"client\":\"shop\",\"moon\":\"full\"");
    let forged = super::line::read(resealed(&json).as_bytes());
    assert_eq!(forged.unwrap_err(), "it says something that this version does not know");
}

/// The entry with a length and a checksum that fit.
fn resealed(json: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, json.as_bytes());
    let sum: String = digest.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{{\"sum\":\"{sum}\",\"bytes\":{},\"entry\":{json}}}", json.len())
}

#[test]
fn a_file_that_was_being_written_anew_does_not_disturb() {
    let folder = Folder::new();
    written(&folder);
    std::fs::write(folder.0.join("blocks.journal.new"), b"half of").unwrap();
    let (mut journal, held) = Journal::open(&folder.0, Duration::ZERO, NOW_MS).unwrap();
    journal.begin_anew(&held.blocks, NOW_MS).unwrap();
    journal.append(&[block("b-4")], &[], Vec::new, NOW_MS).unwrap();
    drop(journal);
    assert_eq!(ids(&read(&folder.0).unwrap().blocks), ["b-1", "b-3", "b-4"]);
}

#[test]
fn a_journal_that_is_gone_is_missed_until_somebody_begins_another() {
    let folder = Folder::new();
    let bytes = written(&folder);
    std::fs::remove_file(folder.0.join(JOURNAL)).unwrap();
    for _ in 0..2 {
        assert!(matches!(Journal::open(&folder.0, Duration::ZERO, NOW_MS), Err(JournalFault::Gone(_))));
        assert!(matches!(read(&folder.0), Err(JournalFault::Gone(_))));
    }
    // Put back it is as it was; without a word about one before, as in a state of an older version, it is opened too.
    for forget in [false, true] {
        if forget {
            std::fs::remove_file(folder.0.join("blocks.lock")).unwrap();
        }
        std::fs::write(folder.0.join(JOURNAL), &bytes).unwrap();
        let (_, held) = Journal::open(&folder.0, Duration::ZERO, NOW_MS).unwrap();
        assert_eq!(ids(&held.blocks), ["b-1", "b-3"]);
        std::fs::remove_file(folder.0.join(JOURNAL)).unwrap();
        assert!(matches!(read(&folder.0), Err(JournalFault::Gone(_))), "forget {forget}");
    }
    let mended = repair(&folder.0, NOW_MS).unwrap();
    assert_eq!((mended.kept, mended.dropped.len(), mended.aside), (0, 1, None));
    assert!(Journal::open(&folder.0, Duration::ZERO, NOW_MS).unwrap().1.blocks.is_empty());
}

#[test]
fn a_lock_without_a_journal_is_no_loss() {
    // The disk was full between the two.
    let folder = Folder::new();
    std::fs::write(folder.0.join("blocks.lock"), b"").unwrap();
    assert!(Journal::open(&folder.0, Duration::ZERO, NOW_MS).unwrap().1.blocks.is_empty());
}
