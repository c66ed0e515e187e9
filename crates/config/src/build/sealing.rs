//! Keys of sealed ids, held against what the bindings seal.

use std::sync::Arc;

use model::{Finding, Secret};
use policy::Authorization;
use policy::sealing::{KEY_BYTES_MIN, Key, Keys};

use super::Build;
use crate::values::{Block, Content};

impl Build<'_> {
    /// `None` where nothing is sealed, or where something is wrong, which is reported.
    pub(super) fn sealing(
        &mut self,
        block: &Block,
        authorization: Option<&Authorization>,
    ) -> Option<Arc<Keys>> {
        let sealed = authorization.and_then(|authorization| {
            authorization.bindings.resources.values().find(|resource| resource.seal.is_some())
        });
        let Some(inner) = block.section("sealing") else {
            if let Some(resource) = sealed {
                let sentence = format!("ids of {} are to be sealed, and there is no key", resource.name);
                let finding = Finding::error(policy::codes::SEAL_MISFIT, sentence)
                    .at(resource.place.clone(), "sealed here")
                    .related(block.place.clone(), "`sealing: { keys: [...] }` is missing here");
                self.findings.push(finding);
            }
            return None;
        };
        if sealed.is_none() && authorization.is_some() {
            let finding =
                Finding::warning(policy::codes::SHADOWED, "no resource type is sealed with these keys")
                    .at(block.key_place("sealing"), "does nothing")
                    .advice("`seal: PREFIX` of a resource type in the bindings");
            self.findings.push(finding);
        }
        let mut keys: Vec<Key> = Vec::new();
        for value in inner.list("keys") {
            let Content::Section(entry) = &value.content else { continue };
            let (number, secret) = (*entry.count("number")?, entry.secret("key")?);
            let number = u8::try_from(number).ok()?;
            let fault = if secret.expose().len() < KEY_BYTES_MIN {
                Some("a key of sealed ids is shorter than 32 bytes")
            } else if keys.iter().any(|known| known.number == number) {
                Some("two keys of sealed ids have one number")
            } else {
                None
            };
            if let Some(fault) = fault {
                self.error(policy::codes::SEAL_MISFIT, fault, entry.key_place("number"), "this one");
            }
            keys.push(Key { number, secret: Secret::new(secret.expose().clone()) });
        }
        let keys = Keys::new(keys);
        if keys.is_none() && inner.list("keys").is_empty() {
            let place = inner.key_place("keys");
            self.error(policy::codes::SEAL_MISFIT, "there is no key of sealed ids", place, "empty");
        }
        keys.map(Arc::new)
    }
}
