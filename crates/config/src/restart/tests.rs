use super::needed;
use crate::tests::world::{GOOD, World, root};

#[test]
fn what_is_set_up_at_the_start_needs_a_restart_and_is_named() {
    let old = World::new(GOOD).configuration();
    for (change, part) in [
        ("sizes: { tokens_cached_max: 9 }", "tokens held"),
        ("sizes: { locks_max: 9 }", "locks, evidence"),
        ("sizes: { evidence_cached_max: 9 }", "locks, evidence"),
        ("sizes: { learned_max: 9 }", "learned objects"),
        ("state_dir: elsewhere", "`state_dir`"),
    ] {
        let findings = needed(&old, &World::new(&root(change)).configuration());
        let sentences: Vec<_> = findings.iter().map(|finding| finding.sentence.as_str()).collect();
        assert!(matches!(sentences.as_slice(), [one] if one.contains(part)), "{change}: {sentences:?}");
        assert_eq!(findings.first().map(|finding| finding.code.as_str()), Some("B3301"));
    }
    for change in [
        "failed_authentications: 5/min",
        "timeouts: { head: 9s }",
        "timeouts: { drain: 9s }",
        "sizes: { headers_max: 9 }",
        "listen: 127.0.0.1:9",
        "admin: {}",
    ] {
        assert_eq!(needed(&old, &World::new(&root(change)).configuration()), [], "{change}");
    }
    assert!(
        crate::codes::explain("B3301").is_some_and(|entry| entry.text.contains("`bartizan serve --replace`"))
    );
}
