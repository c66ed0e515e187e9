//! The parts of the fast path, each by itself.

use crate::ByteSet;
use crate::fast::scan::{Bits, Scan};
use crate::fast::table::Table;
use crate::fast::trie::Trie;
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
    let scan = Scan::new(&rules);
    let search = |text: &str| scan.search(text.as_bytes(), &ByteSet::of(text.as_bytes()));
    assert_eq!(search(""), bits(&[3, 4]));
    assert_eq!(search("xSELECTx"), bits(&[0, 1, 3, 4]));
    assert_eq!(search("a<b"), bits(&[2, 3, 4]));
    assert_eq!(search("lecK"), bits(&[3, 4, 5]));
    assert_eq!(search("selec lect"), bits(&[1, 3, 4]));
}

#[test]
fn an_automaton_that_is_too_large_for_a_table_finds_the_same() {
    let mut random = mutate::Random::new(13);
    let alphabet = b"abcAB-\xff";
    let mut text = |most: usize| -> Vec<u8> {
        (0..1 + random.below(most)).map(|_| alphabet[random.below(alphabet.len())]).collect()
    };
    let words: std::collections::BTreeMap<_, _> =
        (0..90).map(|bit| (text(6).to_ascii_lowercase(), bits(&[bit]))).collect();
    let table = Table::new(words.clone()).expect("an automaton");
    let walked = Table::within(words.clone(), 100).expect("an automaton");
    assert!(!table.is_walked() && walked.is_walked());
    for _ in 0..2_000 {
        let text = text(40);
        let mut expected = Bits::default();
        for (word, whose) in &words {
            if text.to_ascii_lowercase().windows(word.len()).any(|part| part == word) {
                expected.or(whose);
            }
        }
        for searched in [&table, &walked] {
            let mut found = Bits::default();
            searched.search(&text, &mut found);
            assert_eq!(found, expected, "{}", text.escape_ascii());
        }
    }
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
