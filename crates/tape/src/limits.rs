//! How large a document may be.

/// The nesting above which no document is read, whatever is configured: values are dropped and converted
/// recursively elsewhere.
const DEPTH_CEILING: u32 = 1_000;

/// What one document may hold. A document at the limit is accepted, one beyond it is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Arrays and objects open at once; at most 1,000.
    pub depth_max: u32,
    /// Values in the whole document, containers included, member names not.
    pub values_max: u32,
    /// Members of one object.
    pub members_max: u32,
    /// Length of the text; at most 256 MiB.
    pub bytes_max: usize,
}

impl Limits {
    /// For descriptions of APIs, which their owner wrote.
    pub fn document() -> Self {
        Self { depth_max: 200, values_max: 20_000_000, members_max: 1_000_000, bytes_max: 64 << 20 }
    }

    pub(crate) fn depth(&self) -> u32 {
        self.depth_max.min(DEPTH_CEILING)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes_max.min(crate::cell::SIZE_MAX as usize)
    }
}

impl Default for Limits {
    /// For bodies of requests and responses.
    fn default() -> Self {
        Self { depth_max: 64, values_max: 100_000, members_max: 10_000, bytes_max: 16 << 20 }
    }
}
