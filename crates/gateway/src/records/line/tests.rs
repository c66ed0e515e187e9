#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use model::{Mode, Phase, Verdict};

use super::write;
use crate::record_schema::tests::{bare, full};

#[test]
fn a_line_is_what_serde_would_write() {
    let mut odd = full();
    odd.address = "\"quoted\\\" and \n, \u{1}, \u{7f}, é".to_owned();
    odd.checks.push(odd.checks[0].clone());
    odd.caller = None;
    odd.duration_us = u64::MAX;
    odd.request_bytes = 0;
    for record in [full(), bare(), odd] {
        let mut line = Vec::new();
        write(&record, &mut line).unwrap();
        assert_eq!(String::from_utf8(line).unwrap(), serde_json::to_string(&record).unwrap());
    }
}

#[test]
fn every_word_of_a_check_is_the_one_that_serde_knows() {
    let mut record = full();
    let [phases, modes, verdicts] = [
        "connect identify limit permit validate inspect authorize",
        "off watch enforce",
        "pass edit refuse error",
    ];
    for phase in phases.split(' ').map(|word| serde_json::from_value::<Phase>(word.into()).unwrap()) {
        for mode in modes.split(' ').map(|word| serde_json::from_value::<Mode>(word.into()).unwrap()) {
            for verdict in
                verdicts.split(' ').map(|word| serde_json::from_value::<Verdict>(word.into()).unwrap())
            {
                (record.checks[0].phase, record.checks[0].mode, record.checks[0].verdict) =
                    (phase, mode, verdict);
                let mut line = Vec::new();
                write(&record, &mut line).unwrap();
                assert_eq!(String::from_utf8(line).unwrap(), serde_json::to_string(&record).unwrap());
            }
        }
    }
}
