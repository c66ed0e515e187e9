//! What stands in rule files, to tell whether they are others: without their names and places, comments and blank lines.

use aws_lc_rs::digest;

/// A SHA-256 over the files of rules and their data files, in the order in which they were read.
pub(crate) struct Written(digest::Context);

impl Default for Written {
    fn default() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }
}

impl Written {
    pub(crate) fn rules(&mut self, text: &str) {
        let mut goes_on = false;
        for line in text.lines() {
            // A line that goes on may go on with anything.
            let says_nothing = line.trim().is_empty() || line.trim_start().starts_with('#');
            if goes_on || !says_nothing {
                self.0.update(line.as_bytes());
                self.0.update(b"\n");
            }
            goes_on = line.trim_end().ends_with('\\') && (goes_on || !says_nothing);
        }
        self.0.update(b"\0");
    }

    pub(crate) fn data(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    pub(crate) fn sum(&self) -> Vec<u8> {
        self.0.clone().finish().as_ref().to_vec()
    }
}
