//! What a rule does and says when it matches: the list of all actions.

mod accuracy;
mod allow;
mod auditlog;
mod block;
mod capture;
mod chain;
mod ctl;
mod deny;
mod deprecatevar;
mod drop;
mod expirevar;
mod id;
mod initcol;
mod log;
mod logdata;
mod maturity;
mod msg;
mod multi_match;
mod noauditlog;
mod nolog;
mod pass;
mod phase;
mod redirect;
mod refused;
mod rev;
mod sanitise;
mod setenv;
mod setrsc;
mod setsid;
mod setuid;
mod setvar;
mod severity;
mod skip;
mod skip_after;
mod status;
mod t;
mod tag;
mod ver;
mod xmlns;

pub use ctl::ids;

use crate::codes;
use crate::draft::Actions;
use crate::faults::Faults;
use crate::parse::Text;
use crate::parse::actions::WrittenAction;
use crate::tx::TxNames;

/// One action. Owned by one file of `action/`.
pub struct Action {
    /// As ModSecurity writes it; found without regard to case.
    pub name: &'static str,
    pub takes: Takes,
    /// Notes what the action wants.
    pub apply: fn(&mut Reading<'_>, &Text) -> Result<(), Fault>,
}

/// Whether an argument follows the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    Argument,
    Maybe,
}

/// What an action writes to.
pub struct Reading<'a> {
    pub actions: &'a mut Actions,
    pub names: &'a mut TxNames,
}

/// Why an action is no good, and what would be.
pub struct Fault {
    pub code: &'static str,
    pub sentence: String,
    pub advice: Option<String>,
}

impl From<String> for Fault {
    fn from(sentence: String) -> Self {
        Self { code: codes::ACTION, sentence, advice: None }
    }
}

/// Every action.
pub static ACTIONS: &[&Action] = &[
    &accuracy::ACTION,
    &allow::ACTION,
    &auditlog::ACTION,
    &block::ACTION,
    &capture::ACTION,
    &chain::ACTION,
    &ctl::ACTION,
    &deny::ACTION,
    &deprecatevar::ACTION,
    &drop::ACTION,
    &expirevar::ACTION,
    &id::ACTION,
    &initcol::ACTION,
    &log::ACTION,
    &logdata::ACTION,
    &maturity::ACTION,
    &msg::ACTION,
    &multi_match::ACTION,
    &noauditlog::ACTION,
    &nolog::ACTION,
    &pass::ACTION,
    &phase::ACTION,
    &redirect::ACTION,
    &refused::APPEND,
    &refused::EXEC,
    &refused::PAUSE,
    &refused::PREPEND,
    &refused::PROXY,
    &rev::ACTION,
    &sanitise::ARGUMENT,
    &sanitise::MATCHED,
    &sanitise::MATCHED_BYTES,
    &sanitise::REQUEST_HEADER,
    &sanitise::RESPONSE_HEADER,
    &setenv::ACTION,
    &setrsc::ACTION,
    &setsid::ACTION,
    &setuid::ACTION,
    &setvar::ACTION,
    &severity::ACTION,
    &skip::ACTION,
    &skip_after::ACTION,
    &status::ACTION,
    &t::ACTION,
    &tag::ACTION,
    &ver::ACTION,
    &xmlns::ACTION,
];

/// Reads the actions of one rule; what is wrong with them goes to `faults`.
pub fn apply(written: &[WrittenAction], actions: &mut Actions, names: &mut TxNames, faults: &mut Faults) {
    for WrittenAction { name, argument } in written {
        let known = ACTIONS.iter().find(|known| known.name.eq_ignore_ascii_case(name.as_str()));
        let Some(action) = known else {
            let known = ACTIONS.iter().map(|action| action.name);
            faults.unknown(codes::ACTION, name, "action", known);
            continue;
        };
        let applied = match (action.takes, argument) {
            (Takes::Nothing, Some(_)) => Err(format!("`{}` takes no argument", action.name).into()),
            (Takes::Argument, None) => Err(format!("`{}` needs an argument", action.name).into()),
            (_, argument) => {
                let none = Text::default();
                (action.apply)(&mut Reading { actions, names }, argument.as_ref().unwrap_or(&none))
            }
        };
        if let Err(fault) = applied {
            faults.fault(argument.as_ref().unwrap_or(name), fault);
        }
    }
}

/// A number within bounds, for an action's argument.
fn number<T: std::str::FromStr + PartialOrd + std::fmt::Display>(
    text: &Text,
    low: T,
    high: T,
) -> Result<T, Fault> {
    match text.as_str().trim().parse::<T>() {
        Ok(number) if number >= low && number <= high => Ok(number),
        _ => Err(format!("`{}` is not a number from {low} to {high}", text.as_str()).into()),
    }
}
