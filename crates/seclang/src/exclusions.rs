//! What one user of a rule set leaves out, besides what the rules themselves exclude.

#[cfg(test)]
mod tests;

use crate::effect::RuleChoice;
use crate::rule::Exclusion;
use crate::rule_bits::RuleBits;
use crate::rule_set::RuleSet;

/// Rules that are not asked, and values that rules are not shown. Made for one rule set, for many transactions.
#[derive(Debug, Clone, Default)]
pub struct Exclusions {
    pub(crate) removed: RuleBits,
    pub(crate) targets: Vec<(RuleBits, Exclusion)>,
}

impl RuleSet {
    /// Adds an exclusion: of whole rules, or of what `target` names (`ARGS:comment`, `REQUEST_COOKIES:/^_ga/`).
    /// Returns how many rules it concerns.
    ///
    /// # Errors
    /// A sentence: why the target cannot be read.
    pub fn exclude(
        &self,
        exclusions: &mut Exclusions,
        choice: &RuleChoice,
        target: Option<&str>,
    ) -> Result<usize, String> {
        let mut chosen = RuleBits::default();
        for (index, rule) in self.rules().iter().enumerate() {
            if choice.takes(Some(rule.id), &rule.words.tags, rule.words.message.literal().unwrap_or_default())
            {
                chosen.insert(index);
            }
        }
        let count = chosen.each().count();
        match target {
            Some(target) => exclusions.targets.push((chosen, read_target(target)?)),
            None => exclusions.removed.extend(&chosen),
        }
        Ok(count)
    }
}

impl RuleChoice {
    /// Whether a rule of this id, these tags and this message as it is written is meant.
    pub(crate) fn takes(&self, id: Option<u64>, tags: &[String], message: &[u8]) -> bool {
        match self {
            Self::Ids(ranges) => {
                id.is_some_and(|id| ranges.iter().any(|(low, high)| (*low..=*high).contains(&id)))
            }
            Self::Tag(tag) => tags.iter().any(|own| own == tag),
            Self::Message(wanted) => message == wanted.as_bytes(),
        }
    }
}

/// One target, as `ctl:ruleRemoveTargetById` writes it after the semicolon.
pub(crate) fn read_target(text: &str) -> Result<Exclusion, String> {
    let mut whole = crate::parse::Text::default();
    whole.push(text, 1, 1);
    let written = crate::parse::targets::targets(&whole).map_err(|(_, sentence)| sentence)?;
    let [written] = written.as_slice() else { return Err("one target is expected".to_owned()) };
    let target = crate::compile::target(written).map_err(|fault| fault.sentence)?;
    if target.counted {
        return Err("what is removed is not counted".to_owned());
    }
    Ok(Exclusion { variable: target.variable, selector: target.selector })
}
