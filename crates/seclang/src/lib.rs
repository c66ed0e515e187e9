//! Compiles rules written in SecLang (the language of ModSecurity and of the OWASP Core Rule Set) and runs them over
//! one request and its response.
//!
//! Nothing here does I/O, awaits, reads a clock or draws a number. [`compile`] reads the text of the rules and reports
//! every fault at once, with places; data files come through [`Files`]. A [`RuleSet`] is immutable and shared; each
//! request opens a [`Transaction`] and runs its phases over an [`Input`]:
//!
//! ```text
//! let mut transaction = Transaction::new(&rules, limits);
//! transaction.run(Phase::RequestHeaders, &headers_input)?;       // Outcome: Continue or Interrupted
//! let wanted = transaction.body_wanted();                        // processor and flags that ctl asked for
//! transaction.run(Phase::RequestBody, &input_with_body)?;
//! transaction.run(Phase::ResponseHeaders, ..), .run(Phase::ResponseBody, ..), .run(Phase::Logging, ..)
//! transaction.matches()                                          // for the record and `waf explain`
//! ```
//!
//! What is written where: a transformation is one file of `transformation/`, an operator one of `operator/`, an action
//! one of `action/`, a family of variables one of `variable/`, a body processor one of `body/`; each list stands in
//! one table in the parent.

mod action;
pub mod body;
mod byte_set;
pub mod codes;
mod compile;
mod draft;
pub mod effect;
#[cfg(test)]
mod equality;
mod exclusions;
mod execute;
mod fast;
mod faults;
mod files;
pub mod ftw;
mod hash;
pub mod input;
pub mod libinjection;
mod limits;
pub mod macros;
pub mod operator;
mod parse;
mod phase;
pub mod request;
pub mod response;
pub mod rule;
mod rule_bits;
mod rule_set;
mod settings;
pub mod transformation;
#[cfg(test)]
mod trial;
#[cfg(test)]
mod trial_vectors;
mod tx;
mod unicode_map;
pub mod variable;
pub mod wire;

pub use byte_set::ByteSet;
pub use compile::{RULES_MAX, compile};
pub use effect::{Audit, Engine, RuleChoice};
pub use exclusions::Exclusions;
pub use execute::{Interruption, Kind, Match, Outcome, Scored, Seen, Transaction, shape};
pub use files::{Files, Source};
pub use limits::{Exhausted, Limits};
pub use phase::Phase;
pub use rule_bits::RuleBits;
pub use rule_set::RuleSet;
pub use settings::{Beyond, Settings};
pub use tx::Slot;
pub use unicode_map::UnicodeMap;
