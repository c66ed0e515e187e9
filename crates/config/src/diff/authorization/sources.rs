//! What the sources of an object are asked, wherever in the file they are written.

use policy::bindings::Producer;
use policy::plan::{Call, Source};

/// A text for each, in their order.
pub(super) fn asked(sources: &[Source]) -> Vec<String> {
    sources.iter().map(of).collect()
}

fn of(source: &Source) -> String {
    match source {
        Source::Claim(claim) => format!("claim {claim}"),
        Source::Producer(one) => {
            let Producer { place: _, operation: _, items, id, page, pages_max, cache } = &one.producer;
            format!("producer {} {:?}", call(&one.call), (items, id, page, pages_max, cache))
        }
        Source::List(one) => {
            format!("list {} {:?}", call(&one.call), (&one.items, &one.id, &one.owner, &one.tenant))
        }
        Source::Resolver(one) => format!("resolver {} {:?}", call(&one.call), (&one.id, &one.object)),
        Source::Related(bound) => {
            format!("related {} {} {:?}", bound.resource.name, bound.id, asked(&bound.sources))
        }
        Source::Sealed | Source::Learned | Source::External | Source::Response => source.word().to_owned(),
    }
}

fn call(call: &Call) -> String {
    format!("{} {:?}", call.operation.id, call.parameters)
}
