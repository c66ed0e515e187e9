//! Which members of a collection a rule means: `ARGS`, `ARGS:id`, `ARGS:/^id_/`, `XML:/*`.

/// The part after the colon of a variable.
#[derive(Debug, Clone)]
pub enum Selector {
    All,
    /// A member's name, in lower case: names are compared without regard to ASCII case.
    Key(Vec<u8>),
    /// Members whose names match.
    Pattern(NamePattern),
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

/// A regular expression over names.
#[derive(Debug, Clone)]
pub struct NamePattern {
    regex: regex::bytes::Regex,
    /// All that it says, where that is how a name or one of its lines begins; in lower case.
    prefix: Option<Vec<u8>>,
}

impl NamePattern {
    /// # Errors
    /// The expression is none, or too large.
    pub fn new(pattern: &str) -> Result<Self, regex::Error> {
        let regex = regex::bytes::RegexBuilder::new(pattern)
            .unicode(false)
            .case_insensitive(true)
            .dot_matches_new_line(true)
            .multi_line(true)
            .build()?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let prefix = pattern.strip_prefix('^').filter(|prefix| prefix.bytes().all(is_plain));
        Ok(Self { regex, prefix: prefix.map(|prefix| prefix.to_ascii_lowercase().into_bytes()) })
    }

    pub fn is_match(&self, name: &[u8]) -> bool {
        match &self.prefix {
            Some(prefix) if !name.contains(&b'\n') => {
                name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
            }
            _ => self.regex.is_match(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NamePattern;

    #[test]
    fn a_prefix_is_compared_as_the_expression_would() {
        for pattern in ["^ab_1", "^", "^ab|c", "ab", "^ab$"] {
            let known = NamePattern::new(pattern).unwrap();
            for name in ["ab_1", "AB_12", "xab_1", "x\nab_1", "ab", "c", "", "ab\nx"] {
                assert_eq!(
                    known.is_match(name.as_bytes()),
                    known.regex.is_match(name.as_bytes()),
                    "{pattern} {name:?}"
                );
            }
        }
    }
}
