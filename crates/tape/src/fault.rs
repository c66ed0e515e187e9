//! Why a text is not a document.

/// The rule that the text breaks. The words never contain a part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum FaultKind {
    #[error("the syntax is not valid")]
    Syntax,
    #[error("the document ends too early")]
    Incomplete,
    #[error("a member name is repeated")]
    DuplicateMember,
    #[error("the nesting is too deep")]
    DepthMax,
    #[error("there are too many values")]
    ValuesMax,
    #[error("an object has too many members")]
    MembersMax,
    #[error("the document is too long")]
    BytesMax,
    #[error("the text is not UTF-8")]
    Utf8,
    #[error("an escape is half of a surrogate pair")]
    Surrogate,
    #[error("a number is not representable")]
    Number,
    #[error("something follows the document")]
    Trailing,
    #[error("an alias cannot be expanded")]
    Alias,
    #[error("a member name is not a scalar")]
    Key,
    #[error("a merge key's value is not a mapping")]
    Merge,
    #[error("a value does not match its tag")]
    Tag,
}

/// A refused text: which rule, and the byte at which it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind}, at byte {offset}")]
pub struct Fault {
    pub kind: FaultKind,
    pub offset: usize,
}

impl Fault {
    pub(crate) fn new(kind: FaultKind, offset: usize) -> Self {
        Self { kind, offset }
    }
}
