//! Values to transform: edges, what the Core Rule Set's tests send, and what escapes, comments, paths and broken UTF-8 are
//! made of in random order.

use std::collections::BTreeSet;

use mutate::Random;

use crate::conformance::engine::rules::Data;
use crate::conformance::engine::suite;

const SEED: u64 = 20_261_122;
/// The most bytes of a value of the tests.
const VALUE_BYTES_MAX: usize = 2_000;

/// What escapes are made of, whole and broken.
const PIECES: &[&[u8]] = &[
    b"%",
    b"%u",
    b"%U",
    b"%2",
    b"%20",
    b"%00",
    b"%25",
    b"%u0041",
    b"%uff21",
    b"%u2215",
    b"%u00",
    b"%zz",
    b"+",
    b"\\",
    b"\\u",
    b"\\u0041",
    b"\\uff41",
    b"\\U0041",
    b"\\x",
    b"\\x4",
    b"\\x41",
    b"\\X41",
    b"\\0",
    b"\\101",
    b"\\777",
    b"\\4",
    b"\\8",
    b"\\n",
    b"\\a",
    b"\\'",
    b"\\\n",
    b"\\000041",
    b"\\ff1c",
    b"\\0000412",
    b"\\41 ",
    b"\\41\t",
    b"&",
    b"&#",
    b"&#x",
    b"&#60",
    b"&#60;",
    b"&#x3c",
    b"&#X3C;",
    b"&#999999999999999999999;",
    b"&lt",
    b"&lt;",
    b"&LT;",
    b"&quot;",
    b"&amp;",
    b"&nbsp;",
    b"&gtx",
    b"&unknown;",
    b"&#;",
    b"&#x;",
    b"&#-1;",
    b"&#x-1;",
    b";",
    b"0x",
    b"0x4",
    b"0x41",
    b"0X4142",
    b"0x414",
    b"0xg1",
    b"/*",
    b"*/",
    b"/",
    b"*",
    b"<!--",
    b"-->",
    b"--",
    b"-",
    b"#",
    b"<!-",
    b"!",
    b".",
    b"..",
    b"./",
    b"../",
    b"//",
    b"..\\",
    b"\\.",
    b"...",
    b"/.",
    b"/..",
    b"/./",
    b" ",
    b"\t",
    b"\r",
    b"\n",
    b"\r\n",
    b"\x0b",
    b"\x0c",
    b"\xa0",
    b"\xc2\xa0",
    b"\0",
    b"\x85",
    b"\x1f",
    b"\x7f",
    b"\"",
    b"'",
    b"^",
    b",",
    b"(",
    b"a",
    b"Z",
    b"9",
    b"0",
    b"=",
    b"==",
    b"YQ==",
    b"YWI=",
    b"YWJj",
    b"-_",
    b"\xc3\xa9",
    b"\xe2\x82\xac",
    b"\xf0\x9f\x98\x80",
    b"\xc0\xaf",
    b"\xc1\x81",
    b"\xe0\x80\xaf",
    b"\xf0\x80\x80\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xc3",
    b"\xe2\x82",
    b"\xf0\x9f",
    b"\x80",
    b"\xbf",
    b"\xfe",
    b"\xff",
    b"\xef\xbc\x9c",
    b"\xef\xbb\xbf",
];

/// The same each time; no value twice.
pub fn values(data: &Data, count: usize) -> Result<Vec<Vec<u8>>, String> {
    let mut all = edges();
    for test in suite::read(data, None, suite::SUITE)? {
        for stage in test.stages {
            let sent = stage.request.split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end().to_vec());
            all.extend(sent.filter(|value| value.len() <= VALUE_BYTES_MAX));
        }
    }
    let mut known = BTreeSet::new();
    all.retain(|value| known.insert(value.clone()));
    let of_others = all.len();
    let mut random = Random::new(SEED);
    while all.len() < count {
        let value = match random.below(8) {
            0 => {
                let mut value = all.get(random.below(of_others)).cloned().unwrap_or_default();
                (0..=random.below(4)).for_each(|_| random.mutate(&mut value));
                value
            }
            1 => letters(&mut random, b"0123456789abcdefABCDEFgG xX\\%u&#;"),
            2 => letters(&mut random, b"ABCDwxyz0189+/=-_ \r\n\t\0.,"),
            3 => letters(&mut random, b"./\\a"),
            _ => pieces(&mut random),
        };
        if known.insert(value.clone()) {
            all.push(value);
        }
    }
    Ok(all)
}

/// The empty value, every byte alone, before and after a letter; every piece alone and every two.
fn edges() -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    for byte in 0..=u8::MAX {
        all.extend([vec![byte], vec![b'a', byte], vec![byte, b'a'], vec![byte, byte]]);
    }
    for piece in PIECES {
        all.push(piece.to_vec());
        all.extend(PIECES.iter().map(|other| [*piece, *other].concat()));
    }
    all
}

fn letters(random: &mut Random, alphabet: &[u8]) -> Vec<u8> {
    let length = 1 + random.below(24);
    (0..length).filter_map(|_| alphabet.get(random.below(alphabet.len())).copied()).collect()
}

fn pieces(random: &mut Random) -> Vec<u8> {
    let mut value = Vec::new();
    for _ in 0..=random.below(9) {
        match random.below(6) {
            0 => value.extend(random.number().to_le_bytes().first()),
            1 => value.extend(letters(random, b"abcXYZ019 ")),
            _ => value.extend_from_slice(PIECES.get(random.below(PIECES.len())).copied().unwrap_or_default()),
        }
    }
    value
}
