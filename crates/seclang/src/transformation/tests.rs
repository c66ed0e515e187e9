#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! Each transformation on values of its own, all of them on random ones, and the public vectors of ModSecurity.

use mutate::Random;

use super::{NEVER_LONGER, TRANSFORMATIONS, Transformation, find};
use crate::UnicodeMap;

mod vectors;

fn result(transformation: &Transformation, value: &[u8]) -> Vec<u8> {
    let mut out = b"left over".to_vec();
    if transformation.run(value, None, &mut out) { out } else { value.to_vec() }
}

#[track_caller]
fn check(name: &str, value: &[u8], expected: &[u8]) {
    let got = result(find(name).expect(name), value);
    let (value, got, expected) = (value.escape_ascii(), got.escape_ascii(), expected.escape_ascii());
    assert_eq!(got.to_string(), expected.to_string(), "{name} of `{value}`");
}

#[test]
fn finds_names_in_any_case_and_both_spellings() {
    assert_eq!(find("URLDECODEUNI").unwrap().name, "urlDecodeUni");
    assert_eq!(find("normalisePathWin").unwrap().name, "normalizePathWin");
    assert!(find("urlDecodeUn").is_none());
}

#[test]
fn every_transformation_has_vectors() {
    for transformation in TRANSFORMATIONS {
        let count = vectors::VECTORS.iter().filter(|(name, ..)| *name == transformation.name).count();
        assert!(count >= 2 || transformation.name == "none", "{} has {count} vectors", transformation.name);
    }
}

#[test]
fn gives_what_the_vectors_say() {
    for (name, value, expected) in vectors::VECTORS {
        check(name, value, expected);
    }
}

#[test]
fn says_unchanged_only_of_what_is_unchanged() {
    let mut random = Random::new(7);
    for round in 0..40_000 {
        let value = hostile(&mut random, round % 60);
        for transformation in TRANSFORMATIONS {
            let mut out = b"stale".to_vec();
            if (transformation.apply)(&value, &mut out) {
                let mut again = Vec::new();
                assert!(
                    (transformation.apply)(&value, &mut again),
                    "{} is not a function",
                    transformation.name
                );
                assert_eq!(out, again, "{} keeps what `out` held", transformation.name);
            }
        }
    }
}

#[test]
fn leaves_values_alone_that_hold_none_of_the_bytes_it_touches() {
    let mut random = Random::new(11);
    for round in 0..60_000 {
        let value = hostile(&mut random, round % 50);
        for transformation in TRANSFORMATIONS.iter().filter(|transformation| !transformation.touches.is_all())
        {
            let kept: Vec<u8> =
                value.iter().copied().filter(|byte| !transformation.touches.has(*byte)).collect();
            let got = result(transformation, &kept);
            assert_eq!(
                got.escape_ascii().to_string(),
                kept.escape_ascii().to_string(),
                "{} touches more than it says",
                transformation.name
            );
        }
    }
}

#[test]
fn makes_no_more_bytes_than_it_says() {
    let mut random = Random::new(19);
    for round in 0..60_000 {
        let value = hostile(&mut random, round % 50);
        for transformation in TRANSFORMATIONS {
            let made = result(transformation, &value).len();
            let least = transformation.least_for(made);
            assert!(least <= value.len(), "{} of {}", transformation.name, value.escape_ascii());
        }
    }
    assert!(NEVER_LONGER.iter().all(|name| find(name).is_some_and(|known| known.name.eq(*name))));
    assert_eq!(find("base64Decode").map(|known| known.least_for(4)), Some(6));
}

#[test]
fn touches_nothing_that_it_never_changes() {
    let mut random = Random::new(13);
    let values: Vec<_> = (0..60_000).map(|round| hostile(&mut random, round % 30)).collect();
    for transformation in TRANSFORMATIONS.iter().filter(|known| !known.touches.is_all()) {
        let mut idle = transformation.touches;
        for value in &values {
            if result(transformation, value) != *value {
                let in_value = value.iter().fold(crate::ByteSet::NONE, |set, byte| set.with(*byte));
                idle = idle.and(in_value.not());
            }
        }
        assert!(idle.is_empty(), "{} touches bytes without which it changes nothing", transformation.name);
    }
}

#[test]
fn the_table_of_code_points_decides_about_percent_u() {
    let map =
        UnicodeMap::parse(b"20127 (US-ASCII)\n2215:2f 0441:63\n\n1250 (ANSI)\n2215:41\n", "20127").unwrap();
    let decode = find("urlDecodeUni").unwrap();
    let mut out = Vec::new();
    assert!(decode.run(b"%u2215%u0441%u0041%uff0f", Some(&map), &mut out));
    assert_eq!(out, b"/cA/");
    assert!(decode.run(b"%u2215", None, &mut out));
    assert_eq!(out, b"\x15");
}

/// Bytes that escapes are made of, some random ones, and now and then a whole escape.
fn hostile(random: &mut Random, length: usize) -> Vec<u8> {
    const MARKS: &[u8] = b"\\%&#;+xXuU0123457fFaAnbt\"'^ ,/.-!<>*(\t\r\n\0\x0b\xa0\xc2\xe2\x80\xf0\xff=";
    const ESCAPES: &[&[u8]] = &[
        b"&quot;", b"&#x3c;", b"&#60", b"%u0041", b"\\u0041", b"\\x41", b"0x4142", b"..", b"/*", b"*/",
        b"<!--", b"-->",
    ];
    let mut value = Vec::new();
    while value.len() < length {
        match random.below(8) {
            0 => value.push(random.number().to_le_bytes()[0]),
            1 => value.extend_from_slice(ESCAPES[random.below(ESCAPES.len())]),
            2 => value.push(b'a' + u8::try_from(random.below(26)).unwrap()),
            _ => value.push(MARKS[random.below(MARKS.len())]),
        }
    }
    value
}

/// The vectors that ModSecurity and Coraza share (secrules-language-tests), when their folder is named.
#[test]
fn agrees_with_the_public_vectors() {
    let Some(cases) = crate::trial_vectors::cases("transformations") else { return };
    let mut wrong = Vec::new();
    for case in cases {
        let [value, expected] = ["input", "output"].map(|key| crate::trial_vectors::bytes(&case, key));
        let Some(transformation) = find(case["name"].as_str().unwrap()) else {
            println!("not a transformation of ModSecurity 3: {}", case["name"]);
            continue;
        };
        let got = result(transformation, &value);
        if got != expected {
            let [value, got, expected] = [value, got, expected].map(|bytes| bytes.escape_ascii().to_string());
            wrong.push(format!("{} of `{value}`: `{got}`, not `{expected}`", transformation.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
