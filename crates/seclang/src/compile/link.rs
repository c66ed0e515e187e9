//! One SecRule: its targets, its operator.

use crate::action::Fault;
use crate::codes;
use crate::faults::{Faults, nearest};
use crate::files::Files;
use crate::macros::Macro;
use crate::operator::{self, Argument, OPERATORS};
use crate::parse::Text;
use crate::parse::operator::WrittenOperator;
use crate::parse::targets::{WrittenSelector, WrittenTarget};
use crate::rule::{Exclusion, Question, Target};
use crate::tx::TxNames;
use crate::variable::{self, NamePattern, Selector, Shape, VARIABLES, Variable, XPath};

/// A target as a rule names it, exclusion or not.
pub fn target(written: &WrittenTarget) -> Result<Target, Fault> {
    let name = written.name.as_str();
    let variable = variable::find(name).ok_or_else(|| Fault {
        code: codes::VARIABLE,
        sentence: format!("there is no variable `{name}`"),
        advice: nearest(name, VARIABLES.iter().map(|(name, _)| *name))
            .map(|near| format!("did you mean `{near}`?")),
    })?;
    let bad = |sentence: String| Fault { code: codes::VARIABLE, sentence, advice: None };
    if variable.shape() == Shape::Scalar && written.selector.is_some() {
        return Err(bad(format!("`{name}` is one value and has no members to choose from")));
    }
    let selector = match &written.selector {
        None => Selector::All,
        Some(WrittenSelector::Key(key)) => Selector::Key(key.as_str().to_ascii_lowercase().into_bytes()),
        Some(WrittenSelector::Pattern(pattern)) => Selector::Pattern(
            NamePattern::new(pattern.as_str())
                .map_err(|fault| bad(format!("the pattern of the selector is no good: {fault}")))?,
        ),
        Some(WrittenSelector::Path(path)) => Selector::Path(XPath::parse(path.as_str()).map_err(bad)?),
    };
    if variable == Variable::Xml && matches!(selector, Selector::All) {
        return Err(bad("`XML` needs a path, as `XML:/*`".to_owned()));
    }
    Ok(Target { variable, selector, counted: written.counted, slot: None, slots: Vec::new() })
}

/// Adds what was written to `targets` and `exclusions`; what is wrong with it goes to `faults`.
pub fn targets(
    written: &[WrittenTarget],
    targets: &mut Vec<Target>,
    exclusions: &mut Vec<Exclusion>,
    names: &mut TxNames,
    faults: &mut Faults,
) {
    for one in written {
        match target(one) {
            Err(fault) => faults.fault(&one.name, fault),
            Ok(Target { variable, selector, .. }) if one.excluded => {
                exclusions.push(Exclusion { variable, selector });
            }
            Ok(mut target) => {
                if let (Variable::Tx, Selector::Key(key)) = (target.variable, &target.selector) {
                    target.slot = Some(names.slot(key));
                }
                targets.push(target);
            }
        }
    }
}

/// The operator of a rule.
pub fn question(
    written: &WrittenOperator,
    source: &str,
    files: &dyn Files,
    names: &mut TxNames,
) -> Result<Question, (Text, Fault)> {
    let name = written.name.as_str();
    let name = if name.is_empty() { "rx" } else { name };
    let bad = |text: &Text, sentence: String| {
        (text.clone(), Fault { code: codes::OPERATOR, sentence, advice: None })
    };
    let Some(build) = operator::find(name) else {
        let near = nearest(name, OPERATORS.iter().map(|(name, _)| *name));
        let (text, mut fault) = bad(&written.name, format!("there is no operator `@{name}`"));
        fault.advice = near.map(|near| format!("did you mean `@{near}`?"));
        return Err((text, fault));
    };
    let text = written.argument.as_str();
    let has_macros = Macro::is_in(text);
    let argument = if has_macros {
        Some(Macro::parse(text, names).map_err(|sentence| bad(&written.argument, sentence))?)
    } else {
        None
    };
    let operator = build(&Argument { text: text.as_bytes(), has_macros, source, files })
        .map_err(|sentence| bad(&written.argument, format!("`@{name}`: {sentence}")))?;
    let text = format!("@{name} {text}");
    Ok(Question { operator, negated: written.negated, argument, text })
}
