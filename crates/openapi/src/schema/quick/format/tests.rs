#![allow(clippy::unwrap_used)]

use mutate::Random;

use super::Format;
use crate::schema::instance::{Data, Fuel, Instance, READS_MAX};

#[test]
fn the_usual_form_is_one_that_the_complete_validator_takes() {
    let mut random = Random::new(0xF0_4A7);
    for (name, samples) in [
        ("date", ["2026-01-28", "1999-12-31"]),
        ("date-time", ["2026-01-02T03:04:05Z", "2026-02-28T23:59:59.123Z"]),
        ("email", ["ada.lovelace+x@mail.example.com", "a@b.c"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"]),
    ] {
        let format = Format::named(name).unwrap();
        let mut usual = 0;
        for round in 0..20_000 {
            let mut bytes = samples[random.below(2)].as_bytes().to_vec();
            for _ in 0..random.below(4) {
                random.mutate(&mut bytes);
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if format.usual.unwrap()(text.as_bytes()) {
                usual += 1;
                let fuel = Fuel::new(READS_MAX);
                let taken = format.complete.is_valid(Instance::new(Data::Text(&text), &fuel));
                assert!(taken, "{name}, round {round}: {text:?}");
            }
        }
        assert!(usual > 2_000, "{name} {usual}");
    }
}

#[test]
fn what_is_not_usual_may_still_hold() {
    assert!(Format::named("date").unwrap().holds("2024-02-29"));
    assert!(!Format::named("date").unwrap().holds("2023-02-29"));
    assert!(Format::named("date-time").unwrap().holds("2026-01-02T03:04:05+01:00"));
    assert!(Format::named("ipv4").unwrap().holds("192.0.2.1"));
    assert!(!Format::named("ipv4").unwrap().holds("192.0.2.256"));
}
