//! The variables that a transaction keeps itself.

use super::Transaction;
use crate::body::Processor;
use crate::effect::Collection;
use crate::rule::Target;
use crate::variable::Variable;

/// Name of a member, and value.
pub type Kept = (Option<Vec<u8>>, Vec<u8>);

impl Variable {
    /// Whether the transaction answers for it, and not the input.
    pub(crate) fn is_kept(self) -> bool {
        matches!(
            self,
            Self::Tx
                | Self::MatchedVar
                | Self::MatchedVarName
                | Self::MatchedVars
                | Self::MatchedVarsNames
                | Self::HighestSeverity
                | Self::ReqbodyProcessor
                | Self::Env
                | Self::Global
                | Self::Ip
                | Self::Resource
                | Self::Session
                | Self::User
                | Self::Rule
        )
    }
}

impl Transaction {
    /// Every value of a variable that the transaction answers; `None` for one that the input answers. RULE is answered
    /// by the rule.
    pub(super) fn kept(&self, variable: Variable) -> Option<Vec<Kept>> {
        if !variable.is_kept() {
            return None;
        }
        let collection = |collection: Collection| {
            let members = self.collections.iter().filter(move |((own, _), _)| *own == collection);
            members.map(|((_, name), value)| (Some(name.clone()), value.bytes().to_vec())).collect()
        };
        Some(match variable {
            Variable::Tx => {
                let members = self.tx.each(self.rules.names());
                members.map(|(name, value)| (Some(name.to_vec()), value.to_vec())).collect()
            }
            Variable::MatchedVar => {
                self.matched.last().map(|m| (None, m.value.bytes().to_vec())).into_iter().collect()
            }
            Variable::MatchedVarName => self.matched.last().map(|m| (None, m.name())).into_iter().collect(),
            Variable::MatchedVars => {
                self.matched.iter().map(|m| (Some(m.name()), m.value.bytes().to_vec())).collect()
            }
            Variable::MatchedVarsNames => self.matched.iter().map(|m| (Some(m.name()), m.name())).collect(),
            Variable::HighestSeverity => {
                let number = self.highest_severity.map_or(255, |severity| severity as u8);
                vec![(None, number.to_string().into_bytes())]
            }
            // What `ctl` asks for is said at once: rules of the same phase ask whether anything reads the body.
            Variable::ReqbodyProcessor => {
                let name = self.wanted.processor.or(self.processor).map_or("", Processor::name);
                vec![(None, name.as_bytes().to_vec())]
            }
            Variable::Env => {
                let members = self.environment.iter();
                members.map(|(name, value)| (Some(name.clone()), value.bytes().to_vec())).collect()
            }
            Variable::Global => collection(Collection::Global),
            Variable::Ip => collection(Collection::Ip),
            Variable::Resource => collection(Collection::Resource),
            Variable::Session => collection(Collection::Session),
            Variable::User => collection(Collection::User),
            _ => return None,
        })
    }

    /// The TX variables that a target takes by pattern. There are many, and a pattern takes few.
    pub(super) fn tx_members(&self, target: &Target) -> Vec<Kept> {
        let names = self.rules.names();
        let known = target.slots.iter().filter_map(|slot| Some((names.name(*slot), self.tx.get(*slot)?)));
        let others = self.tx.others().filter(|(name, _)| target.selector.takes(Some(name)));
        known.chain(others).map(|(name, value)| (Some(name.to_vec()), value.to_vec())).collect()
    }
}
