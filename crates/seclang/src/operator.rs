//! What a value is asked: the trait, and the list of all operators.

mod begins_with;
mod contains;
mod contains_word;
mod detect_sqli;
mod detect_xss;
mod ends_with;
mod eq;
mod ge;
mod gt;
mod identity;
mod ip_match;
mod ip_match_from_file;
mod le;
mod lt;
mod needed;
mod no_match;
mod number;
mod pattern;
mod pm;
mod pm_from_file;
mod rarity;
mod required;
mod rx;
mod rx_global;
mod simple;
mod streq;
mod strmatch;
mod text;
mod unconditional_match;
mod unsupported;
mod validate_byte_range;
mod validate_url_encoding;
mod validate_utf8_encoding;
mod verify_cc;
mod verify_cpf;
mod verify_ssn;
mod verify_svnr;
mod within;

#[cfg(test)]
mod tests;

pub use number::Comparison;
pub use rarity::{chance_together, rarest_of_each};

use crate::{ByteSet, Files};

/// What an operator is built from.
#[derive(Clone, Copy)]
pub struct Argument<'a> {
    /// As written after the operator's name, without surrounding white space; quotes and their escapes are undone.
    pub text: &'a [u8],
    /// The text contains macros (`%{tx.name}`): it is known only when the rule runs, and handed to `matches` expanded.
    pub has_macros: bool,
    /// The source that the rule stands in, for `Files::read`.
    pub source: &'a str,
    pub files: &'a dyn Files,
}

impl Argument<'_> {
    /// The file that the argument names.
    fn read_named_file(&self) -> Result<Vec<u8>, String> {
        if self.has_macros {
            return Err("macros cannot stand in the name of a file".to_owned());
        }
        let name = String::from_utf8_lossy(self.text);
        self.files.read(self.source, &name).map_err(|fault| format!("`{name}` cannot be read: {fault}"))
    }
}

/// One compiled operator with its argument. Owned by one file of `operator/`.
pub trait Operator: Send + Sync {
    /// `argument` is `Some` exactly when the argument has macros: it is then the expanded text. Sets `captures` when it
    /// matches and has groups (group 0 is the match).
    fn matches(&self, value: &[u8], argument: Option<&[u8]>, captures: &mut Captures) -> bool;

    /// Words of which at least one must occur in any value that matches; `None`: nothing is required.
    fn literals(&self) -> Option<Literals> {
        None
    }

    /// A value without any of these bytes cannot match; `ByteSet::ALL`: any value can, also the empty one.
    fn needs(&self) -> ByteSet {
        ByteSet::ALL
    }

    /// Sets of bytes, closed under ASCII case: a value that lacks all bytes of one of them cannot match.
    fn needs_each(&self) -> &[ByteSet] {
        &[]
    }

    /// For an operator that compares with a known number: how.
    fn comparison(&self) -> Option<Comparison> {
        None
    }

    /// Fuel a byte of the value; see `limits::Limits::fuel`.
    fn cost_per_byte(&self) -> u32 {
        1
    }
}

/// A set of words, one of which is required.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Literals {
    pub words: Vec<Vec<u8>>,
    /// ASCII letters of the value are compared without regard to case.
    pub folded: bool,
}

/// Byte ranges of the groups 0 to 9 of the last match, within the value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captures {
    groups: [Option<(usize, usize)>; 10],
    /// Whether any group was set.
    used: bool,
    /// A text that is not part of the value (libinjection's fingerprint), as group 0.
    pub text: Option<Vec<u8>>,
    /// Nobody looks at the groups: an operator may leave them out.
    pub unwanted: bool,
    /// Fuel that the question took beyond `cost_per_byte`.
    pub work: u64,
}

impl Captures {
    pub fn clear(&mut self) {
        self.text = None;
        self.work = 0;
        if self.used {
            *self = Self::default();
        }
    }

    /// Groups above 9 are dropped.
    pub fn set(&mut self, group: usize, start: usize, end: usize) {
        if let Some(slot) = self.groups.get_mut(group) {
            *slot = Some((start, end));
            self.used = true;
        }
    }

    /// Start and end of a group that took part in the match.
    pub fn get(&self, group: usize) -> Option<(usize, usize)> {
        self.groups.get(group).copied().flatten()
    }
}

/// Builds an operator, or says in a sentence (lower case, no full stop) why its argument is no good.
pub type Build = fn(&Argument<'_>) -> Result<Box<dyn Operator>, String>;

/// Every operator by name, as ModSecurity writes it.
pub static OPERATORS: &[(&str, Build)] = &[
    ("beginsWith", begins_with::build),
    ("contains", contains::build),
    ("containsWord", contains_word::build),
    ("detectSQLi", detect_sqli::build),
    ("detectXSS", detect_xss::build),
    ("endsWith", ends_with::build),
    ("eq", eq::build),
    ("fuzzyHash", unsupported::files),
    ("ge", ge::build),
    ("geoLookup", unsupported::places),
    ("gsbLookup", unsupported::network),
    ("gt", gt::build),
    ("inspectFile", unsupported::programs),
    ("ipMatch", ip_match::build),
    ("ipMatchF", ip_match_from_file::build),
    ("ipMatchFromFile", ip_match_from_file::build),
    ("le", le::build),
    ("lt", lt::build),
    ("noMatch", no_match::build),
    ("pm", pm::build),
    ("pmf", pm_from_file::build),
    ("pmFromFile", pm_from_file::build),
    ("rbl", unsupported::network),
    ("rsub", unsupported::rewriting),
    ("rx", rx::build),
    ("rxGlobal", rx_global::build),
    ("streq", streq::build),
    ("strmatch", strmatch::build),
    ("unconditionalMatch", unconditional_match::build),
    ("validateByteRange", validate_byte_range::build),
    ("validateDTD", unsupported::schemas),
    ("validateHash", unsupported::rewriting),
    ("validateSchema", unsupported::schemas),
    ("validateUrlEncoding", validate_url_encoding::build),
    ("validateUtf8Encoding", validate_utf8_encoding::build),
    ("verifyCC", verify_cc::build),
    ("verifyCPF", verify_cpf::build),
    ("verifySSN", verify_ssn::build),
    ("verifySVNR", verify_svnr::build),
    ("within", within::build),
];

pub fn find(name: &str) -> Option<Build> {
    OPERATORS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, build)| *build)
}
