//! The words every room shares: what a caller is, what a decision is, what is recorded, what is found.
//!
//! Nothing here does I/O, awaits, or reads a clock except through [`Clock`].

mod address;
mod authorization;
mod clock;
mod decision;
mod finding;
mod hidden;
mod inspection;
mod owasp;
mod principal;
mod record;
mod refusal;
mod secret;
mod shown_name;
mod time;

pub use address::{AddressFrom, AddressSource, WalkEnd, address_text, socket_text, with_address_text};
pub use authorization::{
    AuthorizationTrace, EvidenceTrace, FactTrace, Judgement, OBJECTS_MAX, ObjectTrace, object_id,
};
pub use clock::{Clock, ManualClock, SystemClock};
pub use decision::{CheckTrace, Mode, Outcome, Phase, QuestionTrace, Verdict};
pub use finding::{Explained, Finding, Label, Place, Severity};
pub use hidden::is_hidden;
pub use inspection::{InspectionTrace, MATCHES_MAX, RuleMatch, Score, SeenValue, name_for_record};
pub use owasp::Owasp;
pub use principal::{Caller, Credential, CredentialKind, Names, Principal, TokenIdentity};
pub use record::{FailedTry, RECORD_VERSION, Record, UpstreamTrace};
pub use refusal::{Challenge, Code, LimitKind, LimitState, LimitUnit, Limited, Refusal, Violation};
pub use secret::Secret;
pub use shown_name::{is_index, shown_name};
pub use time::{civil_date, rfc3339_millis};
