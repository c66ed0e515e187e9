#![allow(clippy::unwrap_used)]

use super::*;
use crate::upstream::endpoint::Endpoints;
use crate::upstream::{Scheme, UpstreamConfig};

#[test]
fn a_returned_endpoint_takes_part_in_a_share_that_grows_with_time_until_it_is_whole() {
    const SPAN_MS: u64 = 60_000;
    const FROM_MS: u64 = 5_000;
    let address = "127.0.0.1:9".parse().unwrap();
    let config = UpstreamConfig::new(Scheme::Http, "127.0.0.1", 9);
    let endpoint = Endpoints::default().get(address, &config, None, None, 1);
    let chooser = Chooser::new(10, Some(Duration::from_millis(SPAN_MS)), &Eject::default());
    // Per mille of the time, and of the choices.
    for (passed, share) in [(0, 50), (20, 50), (250, 250), (500, 500), (750, 750), (999, 999)] {
        endpoint.standing.ramp_from_ms.store(FROM_MS, Ordering::Relaxed);
        let now_ms = FROM_MS + SPAN_MS * passed / 1_000;
        let taken = (0..10_000).filter(|_| chooser.takes_part(&endpoint, chooser.draw(), || now_ms)).count();
        let difference = u64::try_from(taken).unwrap().abs_diff(share * 10);
        assert!(difference < 200, "{taken} of 10,000 after {passed} of 1,000");
        assert_eq!(endpoint.standing.ramp_from_ms.load(Ordering::Relaxed), FROM_MS);
    }
    assert!(chooser.takes_part(&endpoint, chooser.draw(), || FROM_MS + SPAN_MS));
    assert_eq!(endpoint.standing.ramp_from_ms.load(Ordering::Relaxed), 0, "the ramp is over");
}
