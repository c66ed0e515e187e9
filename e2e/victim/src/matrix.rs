//! Every principal with every object through every operation and property: what must come of it, by one rule, and what
//! does come of it at the weak twin, at the hardened one, and at the weak one behind the gateway.

mod cells;
mod objects;
mod operations;
mod report;
pub mod rule;
mod run;

use std::net::SocketAddr;
use std::path::Path;

pub use cells::{Cell, cells};
pub use objects::{Object, objects};
pub use operations::{Kind, OPERATIONS, Operation};
pub use report::{Report, Row};
pub use rule::Verdict;
pub use run::{Outcome, run};

use crate::app::App;
use crate::stage::Stage;

/// Runs the matrix at all three and compares. `program` is the `bartizan` executable; `folder` is for its files.
///
/// # Errors
/// A sentence when something cannot be started, or does not answer.
pub fn report(program: &Path, folder: &Path) -> Result<Report, String> {
    let stage = Stage::set(folder, 0)?;
    let gateway = stage.gateway(program)?;
    compare(&stage, gateway.address, &stage.weak.app)
}

/// The same with a gateway that runs already.
///
/// # Errors
/// A sentence when something does not answer.
pub fn compare(stage: &Stage, gateway: SocketAddr, behind: &App) -> Result<Report, String> {
    let mut rows = Vec::new();
    for cell in cells() {
        let expected = rule::expected(&cell);
        let weak = run(stage, stage.weak.address, &stage.weak.app, &cell)?;
        let hardened = run(stage, stage.hardened.address, &stage.hardened.app, &cell)?;
        let gateway = run(stage, gateway, behind, &cell)?;
        rows.push(Row { cell, expected, weak, hardened, gateway });
    }
    Ok(Report { rows })
}
