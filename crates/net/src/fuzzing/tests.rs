#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;

use mutate::Random;

use super::*;

fn seeds() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/framing");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().flatten().map(|file| file.path()).collect();
    files.sort();
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

#[test]
fn the_three_readers_agree_on_the_corpus_however_it_is_cut() {
    let seeds = seeds();
    assert!(seeds.len() >= 40, "{} seeds", seeds.len());
    let accepted = seeds.iter().filter(|seed| framing(seed) > 0).count();
    assert!(accepted >= 10 && accepted < seeds.len() - 10, "{accepted} of {} are accepted", seeds.len());
    for seed in &seeds {
        for cut in 0..seed.len().min(120) {
            framing(&seed[..seed.len() - cut]);
        }
    }
}

/// Words that framing hangs on, besides the bytes that a mutation would find by itself.
const NASTY: &[&str] = &[
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r",
    " ",
    "\t",
    "\0",
    ":",
    ";a=\"",
    ",",
    "0\r\n\r\n",
    "#",
    "\u{e9}",
    "+",
    "\x0b",
    "Host: y\r\n",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    "Expect: 100-continue\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/1.0",
    "http://x",
];

#[test]
fn the_three_readers_agree_on_mutations() {
    let seeds = seeds();
    let count = if std::env::var_os("SLOW").is_some() { 2_000_000 } else { 100_000 };
    let mut accepted = 0;
    for number in 0..count {
        let mut random = Random::new(number * 2 + 1);
        // The first numbers of neighbouring seeds are alike.
        let _ = (random.number(), random.number());
        let mut data = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(3) {
            if random.below(2) == 0 {
                random.mutate(&mut data);
            } else {
                let at = random.below(data.len() + 1);
                data.splice(at..at, NASTY[random.below(NASTY.len())].bytes());
            }
        }
        data.extend_from_slice(b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
        accepted += usize::from(framing(&data) > 0);
    }
    assert!(accepted as u64 > count / 50, "only {accepted} of {count} were accepted: nothing was compared");
}
