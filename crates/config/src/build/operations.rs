//! What an API's section says of single operations.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway::settings::{Declared, Limit};
use model::{Mode, Place};

use super::Build;
use super::api::{CheckMode, modes_in};
use super::limits::Names;
use crate::values::Block;

#[derive(Default)]
pub(super) struct Operations {
    /// Ids, where they stand.
    pub(super) mentioned: Vec<(Arc<str>, Place)>,
    pub(super) limits: Vec<Limit>,
    /// By operation id, as what follows.
    pub(super) modes: BTreeMap<String, BTreeMap<String, Mode>>,
    pub(super) declared: BTreeMap<String, Declared>,
    /// Names of classes.
    pub(super) classes: Vec<(Arc<str>, Place)>,
}

impl Build<'_> {
    pub(super) fn operations(
        &mut self,
        block: &Block,
        names: &mut Names,
        checks: &mut Vec<CheckMode>,
    ) -> Operations {
        let mut all = Operations::default();
        for named in block.entries("operations") {
            let id = named.name.to_string();
            all.mentioned.push((named.name.clone(), named.place.clone()));
            let Some(inner) = named.value.block() else { continue };
            all.limits.extend(self.operation_limits(inner, &named.name, names));
            all.classes.extend(inner.text("class").map(|name| (name.clone(), inner.key_place("class"))));
            let modes = modes_in(inner, checks);
            if !modes.is_empty() {
                all.modes.insert(id.clone(), modes);
            }
            all.declared.insert(id, Self::declared(inner));
        }
        all
    }

    fn operation_limits(&mut self, block: &Block, id: &Arc<str>, names: &mut Names) -> Vec<Limit> {
        let mut limits = self.limits(block.blocks("limits"), names, id);
        for limit in &mut limits {
            limit.operations = vec![id.to_string()];
        }
        limits
    }
}
