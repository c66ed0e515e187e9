//! Texts with holes that are filled when a rule runs: `%{TX.score}`, `%{MATCHED_VAR_NAME}`.

use crate::tx::{Slot, TxNames};
use crate::variable::{self, Variable};

/// A text and its holes, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Macro {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(Vec<u8>),
    Tx(Slot),
    /// A variable, with the name of a member in lower case when it is a collection.
    Value(Variable, Option<Vec<u8>>),
}

impl Macro {
    /// # Errors
    /// A sentence: which variable is not known.
    pub fn parse(text: &str, names: &mut TxNames) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("%{") {
            let Some((inside, after)) = after.split_once('}') else { break };
            if !before.is_empty() {
                pieces.push(Piece::Text(before.as_bytes().to_vec()));
            }
            pieces.push(hole(inside.trim(), names)?);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.as_bytes().to_vec()));
        }
        Ok(Self { pieces })
    }

    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The whole text, when it has no holes.
    pub fn literal(&self) -> Option<&[u8]> {
        match self.pieces.as_slice() {
            [] => Some(b""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether a hole names MATCHED_VAR or its kind.
    pub(crate) fn asks_what_matched(&self) -> bool {
        let matched = [
            Variable::MatchedVar,
            Variable::MatchedVarName,
            Variable::MatchedVars,
            Variable::MatchedVarsNames,
        ];
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Value(variable, _) if matched.contains(variable)))
    }

    /// Whether TX alone fills its holes.
    pub(crate) fn asks_only_tx(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Text(_) | Piece::Tx(_)))
    }

    /// Whether a hole names TX.
    pub(crate) fn asks_tx(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Tx(_) | Piece::Value(Variable::Tx, _)))
    }

    /// What it begins with whatever fills its holes.
    pub(crate) fn beginning(&self) -> &[u8] {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            _ => b"",
        }
    }

    /// Whether the text would have holes.
    pub fn is_in(text: &str) -> bool {
        text.split_once("%{").is_some_and(|(_, after)| after.contains('}'))
    }
}

fn hole(inside: &str, names: &mut TxNames) -> Result<Piece, String> {
    let (name, key) = match inside.split_once(['.', ':']) {
        Some((name, key)) => (name, Some(key)),
        None => (inside, None),
    };
    let variable = variable::find(name).ok_or_else(|| {
        let known = variable::VARIABLES.iter().map(|(name, _)| *name);
        match crate::faults::nearest(name, known) {
            Some(near) => format!("the macro `%{{{inside}}}` names no variable; did you mean `{near}`"),
            None => format!("the macro `%{{{inside}}}` names no variable"),
        }
    })?;
    Ok(match (variable, key) {
        (Variable::Tx, Some(key)) => Piece::Tx(names.slot(key.as_bytes())),
        (variable, key) => Piece::Value(variable, key.map(|key| key.to_ascii_lowercase().into_bytes())),
    })
}
