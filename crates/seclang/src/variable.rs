//! What a rule can look at: the list of all variables, and how a rule picks from a collection.

mod selector;

pub use selector::Selector;

/// One variable or collection of SecLang. TX, MATCHED_*, RULE, ENV, GLOBAL, IP, RESOURCE, SESSION and USER are answered
/// by the transaction, all others by [`crate::input::Input`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Variable {
    Args,
    MatchedVar,
    MatchedVarName,
    MatchedVars,
    MatchedVarsNames,
    Rule,
    Tx,
    Env,
    Global,
    Ip,
    Resource,
    Session,
    User,
    Xml,
}

/// Where a value came from, as MATCHED_VAR_NAME writes it: `ARGS:id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    pub variable: Variable,
    /// `None` for what is no collection.
    pub key: Option<&'a [u8]>,
}

/// Name and variable, as ModSecurity writes them; found without regard to case.
pub static VARIABLES: &[(&str, Variable)] = &[
    ("ARGS", Variable::Args),
    ("ENV", Variable::Env),
    ("GLOBAL", Variable::Global),
    ("IP", Variable::Ip),
    ("MATCHED_VAR", Variable::MatchedVar),
    ("MATCHED_VARS", Variable::MatchedVars),
    ("MATCHED_VARS_NAMES", Variable::MatchedVarsNames),
    ("MATCHED_VAR_NAME", Variable::MatchedVarName),
    ("RESOURCE", Variable::Resource),
    ("RULE", Variable::Rule),
    ("SESSION", Variable::Session),
    ("TX", Variable::Tx),
    ("USER", Variable::User),
    ("XML", Variable::Xml),
];

pub fn find(name: &str) -> Option<Variable> {
    VARIABLES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, variable)| *variable)
}

impl Variable {
    pub fn name(self) -> &'static str {
        VARIABLES.iter().find(|(_, variable)| *variable == self).map_or("", |(name, _)| name)
    }
}
