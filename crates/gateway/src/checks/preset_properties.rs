//! Sets properties of a body from who the caller is, over what the caller wrote there.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Code, Mode, Owasp, Phase, Refusal};
use openapi::{ContentType, MediaKind};
use policy::plan::Plan;
use policy::written::{numbers, preset_value, set};
use policy::{Declared, Path};

use super::media_type;
use crate::check::{About, Authorized, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

pub struct PresetProperties {
    plan: Arc<Plan>,
    at: Path,
    numbers: BTreeSet<Arc<str>>,
}

impl Build for PresetProperties {
    const ABOUT: About = About {
        name: "preset_properties",
        phase: Phase::Validate,
        owasp: &[Owasp::Api1, Owasp::Api3],
        summary: "Sets properties of a body from who the caller is, over what the caller wrote there.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::Whole,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(Authorized { operation, plan, .. }) = preparation.authorized() else { return Ok(None) };
        if plan.preset.is_empty() {
            return Ok(None);
        }
        let at = plan.takes.as_ref().map_or_else(Path::root, |takes| takes.at.clone());
        let numbers = numbers(operation, &at);
        Ok(Some(Self { plan: Arc::clone(plan), at, numbers }))
    }
}

impl Check for PresetProperties {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(subject) = &exchange.subject else {
            return Step::Fail("nobody to set them from".to_owned());
        };
        let Some(body) = exchange.body.as_ref().filter(|body| !body.bytes.is_empty()) else {
            // The service would fill them in as it likes.
            return Step::refuse(Code::BodyMissing);
        };
        let content_type = media_type::content_type(&exchange.head.headers).ok().flatten();
        if content_type.and_then(ContentType::parse).map(|sent| sent.kind()) != Some(MediaKind::Json) {
            let detail = "properties are set in JSON bodies only";
            return Step::refuse(Refusal::new(Code::MediaTypeUnsupported).detail(detail));
        }
        let Ok(tape) = body.json() else { return Step::refuse(Code::BodyMalformed) };
        let claims = exchange.caller.as_ref().map(|caller| Arc::clone(&caller.claims)).unwrap_or_default();
        let mut values = BTreeMap::new();
        for (name, preset) in &self.plan.preset {
            match preset_value(preset, subject, &claims) {
                Ok(value) => values.insert(Arc::clone(name), value),
                Err(why) => return Step::Fail(why),
            };
        }
        let declared = Declared::new(Some(&self.plan.operation), &[]);
        let objects = match policy::shown::written_objects(tape.root(), &self.at, &declared) {
            Ok(objects) if !objects.is_empty() => objects,
            _ => {
                let detail = "an object is wanted where properties are set";
                return Step::refuse(Refusal::new(Code::BodyInvalid).detail(detail));
            }
        };
        let disguised = |name: &Arc<str>| {
            objects.iter().any(|object| declared.disguise(*object, self.at.steps(), name).is_some())
        };
        if values.keys().any(disguised) {
            let detail = "a property that is set for the caller stands there in another spelling";
            return Step::refuse(Refusal::new(Code::PropertyDenied).detail(detail));
        }
        let spans = objects.into_iter().flat_map(|object| set(object, &values, &self.numbers)).collect();
        let report = Edit::Report(format!("properties set: {}", values.len()));
        Step::Continue(vec![Edit::SpliceBody(spans), report])
    }
}
