//! Everything that fuzzing or review has found interesting goes through its target again.

#[test]
fn the_corpora_are_replayed() {
    for (name, target) in e2e::fuzz::TARGETS {
        let folder = e2e::root().join("fuzz/corpus").join(name);
        let files: Vec<_> =
            std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("{name} has no corpus")).flatten().collect();
        assert!(files.len() >= 5, "{name} has {} seeds", files.len());
        for file in files {
            let data = std::fs::read(file.path()).unwrap();
            target(&data);
            // Truncations find what whole files do not.
            for cut in 0..data.len().min(200) {
                target(&data[..data.len() - cut]);
            }
        }
    }
}
