//! What the compiler reads: texts of rules, and the data files that rules name.

/// One file of rules.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// As findings name it.
    pub name: &'a str,
    pub text: &'a str,
}

/// Where the data files of rules (`@pmFromFile`, `SecUnicodeMapFile`) come from. The caller confines what can be read.
pub trait Files {
    /// The bytes of `name`, which the rules of the source `from` mention; relative names are relative to `from`.
    ///
    /// # Errors
    /// A sentence, lower case, without a full stop: why it cannot be read.
    fn read(&self, from: &str, name: &str) -> Result<Vec<u8>, String>;
}
