//! What the directives say apart from rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::UnicodeMap;
use crate::effect::Engine;
use crate::input::BodySettings;

/// As of the last directive of each kind.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SecRuleEngine`; `On` where the rules do not say.
    pub engine: Engine,
    /// `SecRequestBodyAccess`; true where the rules do not say.
    pub request_body_access: bool,
    /// `SecResponseBodyAccess`; false where the rules do not say.
    pub response_body_access: bool,
    /// `SecRequestBodyLimitAction`.
    pub request_body_beyond: Beyond,
    /// `SecResponseBodyLimitAction`.
    pub response_body_beyond: Beyond,
    /// `SecResponseBodyMimeType`, in lower case: bodies of other types are not looked at.
    pub response_media_types: Vec<String>,
    pub body: BodySettings,
    /// `SecUnicodeMapFile`.
    pub unicode_map: Option<Arc<UnicodeMap>>,
    /// `SecComponentSignature`, for `status`.
    pub components: Vec<String>,
    /// The names of the directives that were written, and the files that they stand in.
    pub written: BTreeMap<&'static str, BTreeSet<Arc<str>>>,
}

/// What happens to a body that is longer than its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    Reject,
    /// The first part is looked at.
    ProcessPartial,
}

impl Settings {
    /// Whether `SecResponseBodyMimeType` names the type of a response, parameters left aside. `(null)` there stands for
    /// a response that does not say its type.
    pub fn looks_at_type(&self, content_type: &[u8]) -> bool {
        let bare = content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let wanted = if bare.is_empty() { b"(null)" } else { bare };
        self.response_media_types.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(wanted))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            engine: Engine::On,
            request_body_access: true,
            response_body_access: false,
            request_body_beyond: Beyond::Reject,
            response_body_beyond: Beyond::ProcessPartial,
            response_media_types: ["text/plain", "text/html", "text/xml"].map(str::to_owned).to_vec(),
            body: BodySettings::default(),
            unicode_map: None,
            components: Vec::new(),
            written: BTreeMap::new(),
        }
    }
}
