//! Who may do what to which object: the bindings of a description to objects, the evidence plan of each operation, and
//! the decision, by Cedar policies.
//!
//! Nothing here does I/O, awaits or reads a clock: what has to be asked of a service is described as a [`Call`], and
//! whoever asks brings back [`Facts`].

mod alike;
pub mod authzen;
pub mod bindings;
pub mod cedar;
mod claims;
pub mod codes;
mod compile;
pub mod decide;
mod declared;
pub mod explain;
mod facts;
pub mod function;
mod gaps;
pub mod grade;
mod ids;
pub mod infer;
mod patch;
mod path;
pub mod plan;
pub mod properties;
mod representation;
pub mod sealing;
mod several;
mod shape;
pub mod shown;
pub mod suggest;
pub mod table;
pub mod written;

#[cfg(test)]
mod shapes;

pub use alike::{alike, form_alike};
pub use claims::claim;
pub use compile::{Authorization, compile};
pub use declared::Declared;
pub use facts::{Fact, Facts, OWNER, Origin, PARENT, TENANT, text_of};
pub use gaps::{gaps, unread_writes};
pub use path::{Path, PathFault, Step};
pub use plan::{Call, Plan};
pub use representation::Known;
pub use several::{Several, several};
