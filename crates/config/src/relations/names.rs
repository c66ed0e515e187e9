//! Names of checks and ids of operations: each must exist.

use std::sync::Arc;

use model::{Finding, Mode, Place};

use crate::build::{Build, Built};
use crate::suggest;
use crate::walk::shown;

pub(super) fn checks(build: &mut Build<'_>, api: &Built) {
    let known = crate::checks::known();
    for written in &api.checks {
        let Some(about) = known.iter().find(|about| about.name == &*written.name) else {
            let finding = Finding::error("B2022", format!("there is no check `{}`", shown(&written.name)));
            build.findings.push(
                match suggest::closest(&written.name, known.iter().map(|about| about.name)) {
                    Some(near) => finding.at(written.name_place.clone(), format!("did you mean `{near}`?")),
                    None => finding.at(written.name_place.clone(), "not a check").advice(format!(
                        "the checks are: {}",
                        known.iter().map(|about| about.name).collect::<Vec<_>>().join(", ")
                    )),
                },
            );
            continue;
        };
        if written.mode == Mode::Enforce {
            continue;
        }
        let finding = if about.may_watch {
            Finding::warning("B3113", format!("the check `{}` refuses nothing", about.name))
        } else {
            Finding::error("B2023", format!("the check `{}` can only be enforced", about.name)).advice(
                "what identifies callers or strips headers has no other mode: later checks and the service rely on it",
            )
        };
        let owasp = about.owasp.first().copied();
        let mut finding = finding.at(written.mode_place.clone(), about.summary);
        finding.owasp = owasp;
        build.findings.push(finding);
    }
}

/// Every id that is mentioned belongs to an operation of one of the APIs.
pub(super) fn operations(build: &mut Build<'_>, apis: &[&Built], mentioned: &[(Arc<str>, Place)]) {
    let ids = || {
        apis.iter().flat_map(|built| built.api.description.operations.iter().map(|operation| &*operation.id))
    };
    for (id, place) in mentioned {
        if ids().any(|known| known == &**id) {
            continue;
        }
        let finding = Finding::error("B2021", format!("there is no operation `{}`", shown(id)));
        build.findings.push(match suggest::closest(id, ids()) {
            Some(near) => finding.at(place.clone(), format!("did you mean `{near}`?")),
            None => finding.at(place.clone(), "not an operation").advice("`bartizan routes` lists them"),
        });
    }
}
