//! The catalogue of what can be wrong with rules.

pub use model::Explained;

macro_rules! codes {
    ($($name:ident $code:literal $title:literal $text:literal;)*) => {
        $(#[doc = $title] pub const $name: &str = $code;)*
        /// Every code, ascending.
        pub const ALL: &[Explained] = &[$(Explained { code: $code, title: $title, text: $text },)*];
    };
}

codes! {
    SYNTAX "B5001" "a line of the rules cannot be read"
        "A quote is not closed, an action list is broken, or a directive lacks an argument. The marked place is where reading stopped.";
    DIRECTIVE "B5002" "a directive is not known"
        "Rules that were meant would silently be absent, so an unknown directive is an error and never skipped.";
    VARIABLE "B5003" "a variable is not known, or its selector cannot be read"
        "A rule that looks at nothing protects nothing. The message names the nearest known variable.";
    OPERATOR "B5004" "an operator is not known, or its argument is not good"
        "The operator's name or argument cannot be compiled. The message says why.";
    TRANSFORMATION "B5005" "a transformation is not known"
        "Without the transformation the operator would look at something else than was meant.";
    ACTION "B5006" "an action is not known, or its argument is not good"
        "The message names the nearest known action, or says what its argument must be.";
    CTL "B5007" "an option of ctl is not known, or its value is not good"
        "The message says which options exist and what they take.";
    ID "B5008" "a rule has no id, or the id of another"
        "Exclusions and records name rules by id: every rule and every chain's head needs its own.";
    CHAIN "B5009" "a chain is broken"
        "A rule with `chain` must be followed by a rule, and only the head may have an id, a phase or a disruptive action.";
    VALUE "B5010" "the value of a directive is not accepted"
        "The directive is known and its value is not one of the words, or lies outside its range. The message says what is accepted.";
    MARKER "B5011" "skipAfter names no marker that follows"
        "The rest of the phase would be skipped. Add the SecMarker, or correct the name.";
    FILE "B5012" "a data file of the rules cannot be read"
        "The file that a rule or directive names is absent, cannot be read or is not well-formed.";
    TARGET "B5013" "an exclusion names a rule that does not exist"
        "The exclusion would have no effect. It must stand after the rules that it changes; correct the id or the order.";
    TOO_MANY "B5014" "the rules exceed a limit of the compiler"
        "One rule set has at most 20,000 rules, chained ones counted. Split what belongs to several APIs, or leave out what concerns none.";
}
