//! Bounds that only make sense together.

use gateway::settings::Sizes;
use model::Finding;

use crate::build::Build;
use crate::values::Block;
use crate::walk::bytes_text;

/// A body that is read whole has to fit into what all of them may take.
pub(crate) fn check(build: &mut Build<'_>, root: &Block, sizes: &Sizes) {
    let Some(block) = root.section("sizes") else { return };
    if sizes.body_bytes_max <= sizes.buffered_bytes_max {
        return;
    }
    let shown = |bytes: usize| bytes_text(u64::try_from(bytes).unwrap_or(u64::MAX));
    let sentence = format!(
        "{} are held at once, and one body may have {}",
        shown(sizes.buffered_bytes_max),
        shown(sizes.body_bytes_max)
    );
    let key = if block.has("buffered_bytes_max") { "buffered_bytes_max" } else { "body_bytes_max" };
    let finding =
        Finding::error("B2034", sentence).at(block.key_place(key), "a body beyond it always gets 503");
    build.findings.push(finding.advice(
        "raise `buffered_bytes_max` or lower `body_bytes_max`; an operation that lets larger bodies stream \
         says so in its own `x-bartizan: { body_bytes_max }`",
    ));
}
