#![allow(clippy::unwrap_used)]

use super::{plain, plain_end, space, space_end};

#[test]
fn every_byte_ends_a_plain_run_exactly_where_it_should() {
    for byte in 0..=255 {
        for before in 0..100 {
            let mut text = vec![b'x'; before];
            text.push(byte);
            text.extend_from_slice(&[b'y'; 90]);
            let expected = if plain(byte) { text.len() } else { before };
            assert_eq!(plain_end(&text, 0), expected, "{byte} after {before}");
            // The end of the text near by.
            assert_eq!(plain_end(&text[..=before], 0), before + usize::from(plain(byte)));
        }
    }
}

#[test]
fn every_byte_ends_white_space_exactly_where_it_should() {
    for byte in 0..=255 {
        for before in 0..40 {
            let mut text: Vec<u8> = b" \n\t\r".iter().copied().cycle().take(before).collect();
            text.push(byte);
            text.extend_from_slice(&[b'y'; 20]);
            assert_eq!(space_end(&text, 0), before + usize::from(space(byte)), "{byte} after {before}");
            assert_eq!(space_end(&text[..=before], 0), before + usize::from(space(byte)));
        }
    }
}

#[test]
fn the_search_begins_where_it_is_told_and_ends_with_the_text() {
    assert_eq!(plain_end(b"\"\"abc\"", 2), 5);
    assert_eq!(plain_end(b"abc", 3), 3);
    assert_eq!(space_end(b"a  b", 1), 3);
    assert_eq!(space_end(b"a ", 2), 2);
}
