//! Everything an operation compiles, at once: so that the first request waits for nothing, and faults show at load.

use model::Finding;

use crate::Operation;

impl Operation {
    /// Compiles the schemas of parameters and bodies now, and says what is wrong with them.
    pub fn prepare(&self) -> Vec<Finding> {
        let mut findings = self.prepare_head();
        findings.extend(self.prepare_bodies());
        findings
    }
}
