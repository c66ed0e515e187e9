//! Which members of a collection a rule means: `ARGS`, `ARGS:id`, `ARGS:/^id_/`, `XML:/*`.

/// The part after the colon of a variable.
#[derive(Debug, Clone)]
pub enum Selector {
    All,
    /// A member's name, in lower case: names are compared without regard to ASCII case.
    Key(Vec<u8>),
    /// Members whose names match.
    Pattern(regex::bytes::Regex),
    /// An XPath expression, for XML only; what it takes is decided by the document.
    Path(super::XPath),
}

impl Selector {
    /// Whether a member of this name is meant. `Path` takes whatever the processor gave for it.
    pub fn takes(&self, key: Option<&[u8]>) -> bool {
        match self {
            Self::All | Self::Path(_) => true,
            Self::Key(wanted) => key.is_some_and(|key| key.eq_ignore_ascii_case(wanted)),
            Self::Pattern(pattern) => key.is_some_and(|key| pattern.is_match(key)),
        }
    }
}
