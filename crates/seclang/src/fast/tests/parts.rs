//! The parts of the fast path, each by itself.

use std::collections::BTreeMap;

use crate::ByteSet;
use crate::fast::scan::{Bits, Scan};
use crate::fast::trie::Trie;
use crate::fast::words::Words;
use crate::operator::Literals;
use crate::transformation::{TRANSFORMATIONS, find};

fn words(words: &[&str]) -> Option<Literals> {
    Some(Literals { words: words.iter().map(|word| word.as_bytes().to_vec()).collect(), folded: true })
}

fn bits(all: &[usize]) -> Bits {
    let mut bits = Bits::default();
    all.iter().for_each(|bit| bits.insert(*bit));
    bits
}

#[test]
fn a_search_finds_every_rule_whose_word_occurs() {
    let rules = [
        words(&["select", "Elect"]),
        words(&["lect"]),
        words(&["<"]),
        None,
        words(&["", "never"]),
        words(&["k"]),
    ];
    let scan = Scan::new(&rules, Vec::new());
    let search = |text: &str| scan.search(text.as_bytes(), &ByteSet::of(text.as_bytes())).0;
    assert_eq!(search(""), bits(&[3, 4]));
    assert_eq!(search("xSELECTx"), bits(&[0, 1, 3, 4]));
    assert_eq!(search("a<b"), bits(&[2, 3, 4]));
    assert_eq!(search("lecK"), bits(&[3, 4, 5]));
    assert_eq!(search("selec lect"), bits(&[1, 3, 4]));
}

/// What stands in a text and whose it is, looked for word by word.
fn plainly(words: &BTreeMap<Vec<u8>, Bits>, text: &[u8]) -> Bits {
    let text = text.to_ascii_lowercase();
    let mut found = Bits::default();
    for (word, whose) in words {
        if memchr::memmem::find(&text, word).is_some() {
            found.or(whose);
        }
    }
    found
}

#[test]
fn one_pass_finds_the_words_that_occur_and_no_others() {
    let mut random = mutate::Random::new(13);
    // Of the last there are more different bytes than are told apart.
    let alphabets = [b"ab".to_vec(), b"abcAB-\xff".to_vec(), (0..=255).collect()];
    for (round, alphabet) in alphabets.iter().cycle().take(30).enumerate() {
        let mut text = |least: usize, most: usize| -> Vec<u8> {
            (0..least + random.below(most)).map(|_| alphabet[random.below(alphabet.len())]).collect()
        };
        let count = if round % 3 == 0 { 9 } else { 90 };
        let words: BTreeMap<_, _> =
            (0..count).map(|bit| (text(2, 5).to_ascii_lowercase(), bits(&[bit]))).collect();
        let search = Words::new(words.clone());
        for place in 0..500 {
            let mut text = text(0, 40);
            if let Some((word, _)) = words.iter().nth(place % count) {
                text.extend(word.to_ascii_uppercase());
            }
            let mut found = Bits::default();
            search.search(&text, &mut found);
            assert_eq!(found, plainly(&words, &text), "{}", text.escape_ascii());
        }
    }
}

#[test]
fn of_long_words_and_of_very_many_alike_none_is_missed() {
    let long = "a very long word, of which only the beginning is compared, whatever may stand at its end";
    let mut words = BTreeMap::from([(long.as_bytes().to_vec(), bits(&[100]))]);
    words.extend((0..90).map(|bit| (format!("x{}", "y".repeat(bit + 2)).into_bytes(), bits(&[bit]))));
    let search = Words::new(words.clone());
    for text in [long.to_owned(), format!("A{long}"), format!("x{}", "Y".repeat(50)), "xyyyzxy".to_owned()] {
        let mut found = Bits::default();
        search.search(text.as_bytes(), &mut found);
        let expected = plainly(&words, text.as_bytes());
        assert!(expected.each().next().is_some());
        assert_eq!(found.and(&expected), expected, "{text}");
    }
    let mut found = Bits::default();
    search.search(b"what holds none of them", &mut found);
    assert!(found.is_empty());
}

#[test]
fn bits_are_given_back_ascending() {
    assert_eq!(bits(&[127, 0, 63, 64]).each().collect::<Vec<_>>(), [0, 63, 64, 127]);
}

#[test]
fn a_trie_shares_what_begins_alike() {
    let mut trie = Trie::default();
    let get = |name: &str| find(name).expect("a transformation");
    let decoded = trie.insert(&[get("urlDecodeUni")]).expect("room");
    let lower = trie.insert(&[get("urlDecodeUni"), get("lowercase")]).expect("room");
    assert_eq!(trie.insert(&[get("urlDecodeUni"), get("lowercase")]), Some(lower));
    assert_eq!(trie.path(lower), [decoded, lower]);
    assert_eq!(trie.searched(lower), decoded);
    assert_eq!(trie.insert(&[]), Some(0));
}

/// Without this, a text that a transformation claims not to touch would be asked about once where rule by rule it is
/// asked about twice.
#[test]
fn no_transformation_changes_a_value_without_the_bytes_that_it_touches() {
    let mut random = mutate::Random::new(3);
    for transformation in TRANSFORMATIONS.iter().filter(|known| !known.touches.is_all()) {
        let spared: Vec<u8> = (0..=255).filter(|byte| !transformation.touches.has(*byte)).collect();
        let mut out = Vec::new();
        assert!(!transformation.run(b"", None, &mut out), "{}", transformation.name);
        for _ in 0..2_000 {
            let length = random.below(12);
            let value: Vec<u8> = (0..length).map(|_| spared[random.below(spared.len())]).collect();
            assert!(!transformation.run(&value, None, &mut out), "{} {value:?}", transformation.name);
        }
    }
}
