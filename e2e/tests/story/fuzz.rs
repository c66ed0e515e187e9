//! Everything that fuzzing or review has found interesting goes through its target again.

/// Of all files of one target together: a corpus that fuzzing filled is cut less often.
const TRUNCATIONS_MAX: usize = 1_400;

#[test]
fn the_corpora_are_replayed() {
    for (name, target) in e2e::fuzz::TARGETS {
        let folder = e2e::root().join("fuzz/corpus").join(name);
        let files: Vec<_> =
            std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("{name} has no corpus")).flatten().collect();
        assert!(files.len() >= 5, "{name} has {} seeds", files.len());
        let truncations = (TRUNCATIONS_MAX / files.len()).clamp(1, 200);
        for file in files {
            let data = std::fs::read(file.path()).unwrap();
            target(&data);
            // Truncations find what whole files do not.
            for cut in 0..data.len().min(truncations) {
                target(&data[..data.len() - cut]);
            }
        }
    }
}
