//! The second argument of SecRule: `!@name argument`, or a bare pattern.

use super::Text;

/// An operator as it is written.
#[derive(Debug, Clone)]
pub struct WrittenOperator {
    pub negated: bool,
    /// Empty for a bare pattern, which is `rx`.
    pub name: Text,
    pub argument: Text,
}

pub fn operator(text: &Text) -> WrittenOperator {
    let trimmed = text.trim();
    let written = trimmed.as_str();
    let negated = written.starts_with('!');
    let from = usize::from(negated);
    let rest = trimmed.slice(from..written.len()).trim();
    let text = rest.as_str();
    if !text.starts_with('@') {
        return WrittenOperator { negated, name: Text::default(), argument: rest };
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    WrittenOperator { negated, name: rest.slice(1..end), argument: rest.slice(end..text.len()).trim() }
}
