//! What one transaction may cost, each limit with its name.

/// Limits of one transaction. What is beyond ends it with `Outcome::Exhausted`, which refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Work of all phases together, in steps: about one a byte that a transformation or a pattern passes over. Counted,
    /// not timed, so that the same request always gets the same answer.
    pub fuel_steps_max: u64,
    /// Matches that are kept; later ones still count towards scores.
    pub matches_max: usize,
    /// Bytes of a text with macros once they are filled; what is beyond is cut off.
    pub expanded_bytes_max: usize,
    /// TX variables whose names no rule mentions (made by macros in names), and members of collections.
    pub variables_max: usize,
    /// Values that one phase looks at.
    pub values_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel_steps_max: 50_000_000,
            matches_max: 1_000,
            expanded_bytes_max: 16_384,
            variables_max: 10_000,
            values_max: 100_000,
        }
    }
}

/// Which limit was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exhausted {
    Fuel,
    Variables,
    Values,
}

impl Exhausted {
    /// The name of the limit.
    pub fn limit(self) -> &'static str {
        match self {
            Self::Fuel => "fuel_steps_max",
            Self::Variables => "variables_max",
            Self::Values => "values_max",
        }
    }
}
