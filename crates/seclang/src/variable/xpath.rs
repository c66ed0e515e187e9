//! The XPath expressions that a rule may give to XML: steps by name, attributes and text, without predicates.

/// The most steps of one expression.
const STEPS_MAX: usize = 30;

/// How a step moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    /// `/`
    Child,
    /// `//`
    Descendant,
}

/// What a step takes. Names are local names; a prefix is read and not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    Element(Option<String>),
    Attribute(Option<String>),
    Text,
}

/// A path such as `/*`, `//@*`, `//order/item/@id` or `/soap:Envelope//text()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XPath {
    pub(crate) steps: Vec<(Axis, Test)>,
    text: String,
}

impl XPath {
    /// # Errors
    /// A sentence, lower case, without a full stop: what of it is not understood. (XPath 1.0 section 2.5.)
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let axis = if let Some(after) = rest.strip_prefix("//") {
                rest = after;
                Axis::Descendant
            } else if let Some(after) = rest.strip_prefix('/') {
                rest = after;
                Axis::Child
            } else {
                return Err("a path begins with `/` or `//`".to_owned());
            };
            let end = rest.find('/').unwrap_or(rest.len());
            let (step, after) = rest.split_at(end);
            if steps.last().is_some_and(|(_, test)| !matches!(test, Test::Element(_))) {
                return Err("an attribute or text() ends a path".to_owned());
            }
            steps.push((axis, test(step)?));
            rest = after;
        }
        if steps.is_empty() || steps.len() > STEPS_MAX {
            return Err(format!("a path has 1 to {STEPS_MAX} steps"));
        }
        Ok(Self { steps, text: text.to_owned() })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn test(step: &str) -> Result<Test, String> {
    if step == "text()" {
        return Ok(Test::Text);
    }
    let (attribute, name) = step.strip_prefix('@').map_or((false, step), |name| (true, name));
    let name = name.rsplit_once(':').map_or(name, |(_, local)| local);
    let name = match name {
        "*" => None,
        _ if is_name(name) => Some(name.to_owned()),
        _ => {
            return Err(format!(
                "`{step}` is not understood: a step is a name, `*`, `@name`, `@*` or `text()`, without predicates"
            ));
        }
    };
    Ok(if attribute { Test::Attribute(name) } else { Test::Element(name) })
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_the_paths_that_rules_use() {
        let steps = |text| XPath::parse(text).unwrap().steps;
        assert_eq!(steps("/*"), [(Axis::Child, Test::Element(None))]);
        assert_eq!(steps("//@*"), [(Axis::Descendant, Test::Attribute(None))]);
        assert_eq!(
            steps("/soap:Envelope//text()"),
            [(Axis::Child, Test::Element(Some("Envelope".to_owned()))), (Axis::Descendant, Test::Text)]
        );
    }

    #[test]
    fn refuses_what_it_would_have_to_guess() {
        for text in ["", "item", "/", "//", "/a[1]", "//@x/y", "/a/text()/b", "count(//a)", "/a b"] {
            assert!(XPath::parse(text).is_err(), "{text}");
        }
        assert!(XPath::parse(&"/a".repeat(31)).is_err());
    }
}
