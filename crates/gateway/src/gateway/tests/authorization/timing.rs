use super::World;

/// The area under the curve of the best classifier by one threshold: 0.5 is blind.
fn area(ones: &[u64], others: &[u64]) -> f64 {
    let mut all: Vec<(u64, bool)> =
        ones.iter().map(|one| (*one, true)).chain(others.iter().map(|one| (*one, false))).collect();
    all.sort_unstable();
    let (mut rank_sum, mut index) = (0.0, 0);
    while index < all.len() {
        let end = (index..all.len()).find(|other| all[*other].0 != all[index].0).unwrap_or(all.len());
        let rank = (index + 1 + end) as f64 / 2.0;
        rank_sum += rank * all[index..end].iter().filter(|(_, is_one)| *is_one).count() as f64;
        index = end;
    }
    let (m, n) = (ones.len() as f64, others.len() as f64);
    let area = (rank_sum - m * (m + 1.0) / 2.0) / (m * n);
    area.max(1.0 - area)
}

#[test]
fn the_classifier_sees_what_can_be_seen() {
    assert!((area(&[1, 2, 3], &[4, 5, 6]) - 1.0).abs() < 1e-9);
    assert!((area(&[1, 2, 3, 4], &[1, 2, 3, 4]) - 0.5).abs() < 1e-9);
}

/// Prints how well time tells a foreign object from a missing one; asserts only what chance allows for so few.
#[tokio::test]
async fn time_does_not_tell_a_foreign_object_from_a_missing_one() {
    let world = World::new().await;
    let pairs = if std::env::var_os("SLOW").is_some_and(|slow| slow == "1") { 10_000 } else { 200 };
    for line in ["GET /orders/", "GET /plain/"] {
        let (mut foreign, mut missing) = (Vec::new(), Vec::new());
        for pair in 0..pairs {
            for is_foreign in [pair % 2 == 0, pair % 2 == 1] {
                let id = if is_foreign { 101 + pair % 10 } else { 900 + pair % 10 };
                let begun = std::time::Instant::now();
                let answer = world.ask("ada", &format!("{line}{id}")).await;
                let took_us = u64::try_from(begun.elapsed().as_micros()).unwrap();
                assert_eq!(answer.status, 404);
                if is_foreign { foreign.push(took_us) } else { missing.push(took_us) }
            }
        }
        let area = area(&foreign, &missing);
        eprintln!("{line}: area under the curve {area:.3} over {pairs} pairs");
        assert!(area <= if pairs == 10_000 { 0.55 } else { 0.65 }, "{line}: {area}");
    }
}
