use super::needed;
use crate::tests::world::{GOOD, World, root};

#[test]
fn what_is_set_up_at_the_start_needs_a_restart_and_is_named() {
    let old = World::new(GOOD).configuration();
    for (change, part) in [
        ("timeouts: { drain: 9s }", "`timeouts.drain`"),
        ("timeouts: { head: 9s }", "timeouts of connections"),
        ("sizes: { headers_max: 9 }", "sizes or timeouts"),
        ("listen: 127.0.0.1:9", "listeners"),
        ("state_dir: elsewhere", "`state_dir`"),
        ("admin: {}", "the administration port"),
    ] {
        let findings = needed(&old, &World::new(&root(change)).configuration());
        let sentences: Vec<_> = findings.iter().map(|finding| finding.sentence.as_str()).collect();
        assert!(matches!(sentences.as_slice(), [one] if one.contains(part)), "{change}: {sentences:?}");
        assert_eq!(findings.first().map(|finding| finding.code.as_str()), Some("B3301"));
    }
    assert_eq!(needed(&old, &World::new(&root("failed_authentications: 5/min")).configuration()), []);
    assert!(crate::codes::explain("B3301").is_some_and(|entry| entry.text.contains("`timeouts.drain`")));
}
