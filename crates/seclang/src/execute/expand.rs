//! Texts with macros, filled.

use std::borrow::Cow;

use super::{Transaction, shape};
use crate::input::Input;
use crate::macros::{Macro, Piece};
use crate::rule::Rule;
use crate::variable::{Selector, Variable};

/// The longest number of TX that is told as it is.
const SUM_DIGITS_MAX: usize = 6;
/// Room that most texts do with.
const FILLED_BYTES: usize = 48;

impl Transaction {
    /// The text, at most `expanded_bytes_max` of it. `rule` answers RULE.
    pub(super) fn expand(&self, text: &Macro, input: &Input, rule: Option<&Rule>) -> Vec<u8> {
        self.fill(text, input, rule, |_, value| Cow::Borrowed(value))
    }

    /// The text as it may be told: what comes from a request only as its shape, unless values are shown.
    pub(super) fn tellable(&self, text: &Macro, input: &Input, rule: &Rule) -> String {
        let shown = self.values_shown;
        let filled = self.fill(text, input, Some(rule), |piece, value| {
            match piece {
                _ if shown => Cow::Borrowed(value),
                Piece::Text(_) | Piece::Value(Variable::Rule, _) => Cow::Borrowed(value),
                Piece::Value(Variable::MatchedVarName, _) => {
                    let name = String::from_utf8_lossy(value);
                    Cow::Owned(model::SeenValue::variable_for_record(&name).into_bytes())
                }
                // Sums; a longer number may be a capture.
                Piece::Tx(_) if is_number(value) && value.len() <= SUM_DIGITS_MAX => Cow::Borrowed(value),
                Piece::Tx(_) | Piece::Value(..) => Cow::Owned(shape(value).into_bytes()),
            }
        });
        String::from_utf8_lossy(&filled).into_owned()
    }

    fn fill(
        &self,
        text: &Macro,
        input: &Input,
        rule: Option<&Rule>,
        as_told: impl for<'v> Fn(&Piece, &'v [u8]) -> Cow<'v, [u8]>,
    ) -> Vec<u8> {
        if let Some(literal) = text.literal() {
            return literal.to_vec();
        }
        let mut filled = Vec::with_capacity(FILLED_BYTES);
        for piece in text.pieces() {
            match piece {
                Piece::Text(text) => filled.extend_from_slice(text),
                Piece::Tx(slot) => {
                    filled.extend_from_slice(&as_told(piece, self.tx.get(*slot).unwrap_or_default()));
                }
                Piece::Value(variable, key) => {
                    let value = self.value(*variable, key.as_deref(), input, rule);
                    filled.extend_from_slice(&as_told(piece, &value));
                }
            }
            if filled.len() > self.limits.expanded_bytes_max {
                filled.truncate(self.limits.expanded_bytes_max);
                break;
            }
        }
        filled
    }

    /// The first value of a variable; empty when there is none.
    fn value(&self, variable: Variable, key: Option<&[u8]>, input: &Input, rule: Option<&Rule>) -> Vec<u8> {
        if let Some(kept) = self.kept(variable) {
            let mut kept = kept.into_iter();
            let wanted = |own: Option<&[u8]>| key.is_none_or(|key| own.is_some_and(|own| own == key));
            return kept.find(|(own, _)| wanted(own.as_deref())).map(|(_, value)| value).unwrap_or_default();
        }
        if variable == Variable::Rule {
            return rule.map(|rule| of_rule(rule, key.unwrap_or_default())).unwrap_or_default();
        }
        let selector = key.map_or(Selector::All, |key| Selector::Key(key.to_vec()));
        let mut first = None;
        input.each(variable, &selector, &mut |_, value| {
            first.get_or_insert(value);
        });
        first.unwrap_or_default().to_vec()
    }
}

/// What RULE says about the rule under way.
pub fn of_rule(rule: &Rule, key: &[u8]) -> Vec<u8> {
    match key {
        b"id" => rule.id.to_string().into_bytes(),
        b"phase" => rule.phase.number().to_string().into_bytes(),
        b"severity" => {
            rule.words.severity.map(|severity| (severity as u8).to_string().into_bytes()).unwrap_or_default()
        }
        b"rev" => rule.words.revision.clone().into_bytes(),
        b"ver" => rule.words.version.clone().into_bytes(),
        b"msg" => rule.words.message.literal().unwrap_or_default().to_vec(),
        b"logdata" => rule.words.data.literal().unwrap_or_default().to_vec(),
        _ => Vec::new(),
    }
}

fn is_number(value: &[u8]) -> bool {
    value.len() <= 12 && value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-')
}
