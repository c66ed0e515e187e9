//! Lists whose pages are filled up: what the caller asks for is a part of the caller's own list, so the service's pages
//! are read from the first on until that part is whole.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use policy::bindings::{Overfetch, Page};

/// Items of one part when neither the caller nor the bindings say how many.
const LIMIT: u64 = 100;
/// Items that a caller may ask for in one part, whatever the description says.
const LIMIT_MAX: u64 = 10_000;

/// How the pages of a list are asked for, by callers and of the service.
pub(super) struct Pages {
    names: Names,
    limit: Option<Arc<str>>,
    size: u32,
    pub(super) pages_max: usize,
}

enum Names {
    Offset(Arc<str>),
    Number { number: Arc<str>, first: u64 },
}

/// The part of the caller's own list that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) begin: usize,
    pub(super) end: usize,
}

/// Where the service's list is read: how many items, or pages, come before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Before {
    pub(super) items: usize,
    pub(super) pages: usize,
}

impl Pages {
    /// # Errors
    /// When the pages have no order that a part of the caller's own list could be found by.
    pub(super) fn new(overfetch: &Overfetch) -> Result<Self, String> {
        let (names, limit, size) = match &overfetch.page {
            Page::Offset { offset, limit, size } => (Names::Offset(Arc::clone(offset)), limit, *size),
            Page::Number { number, limit, size, first } => {
                let names = Names::Number { number: Arc::clone(number), first: u64::from(*first) };
                (names, limit, *size)
            }
            Page::Cursor { .. } | Page::Link | Page::Url { .. } => {
                return Err("`overfetch` needs pages by offset or by number".to_owned());
            }
        };
        let pages_max = usize::try_from(overfetch.pages_max).unwrap_or(1).max(1);
        Ok(Self { names, limit: limit.clone(), size, pages_max })
    }

    /// What a request asks for. A number that cannot be read is as good as none: the description has judged it before.
    pub(super) fn part(&self, query: Option<&str>) -> Part {
        let asked = |name: &str| value(query, name).and_then(|text| text.parse::<u64>().ok());
        let usual = if self.size == 0 { LIMIT } else { u64::from(self.size) };
        let limit = self.limit.as_deref().and_then(asked).unwrap_or(usual).min(LIMIT_MAX);
        let begin = match &self.names {
            Names::Offset(name) => asked(name).unwrap_or(0),
            Names::Number { number, first } => {
                asked(number).unwrap_or(*first).saturating_sub(*first).saturating_mul(limit)
            }
        };
        let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Part { begin: index(begin), end: index(begin.saturating_add(limit)) }
    }

    /// The query for a page of the service's, with everything else that the caller asks for.
    pub(super) fn query(&self, query: Option<&str>, before: Before) -> String {
        let (name, at) = match &self.names {
            Names::Offset(name) => (name, u64::try_from(before.items).unwrap_or(u64::MAX)),
            Names::Number { number, first } => {
                (number, first.saturating_add(u64::try_from(before.pages).unwrap_or(u64::MAX)))
            }
        };
        let is_ours = |pair: &&str| {
            let name_of_pair = name_of(pair);
            name_of_pair == **name || self.limit.as_deref() == Some(name_of_pair.as_str())
        };
        let kept = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !is_ours(pair));
        let mut pairs: Vec<String> = kept.map(str::to_owned).collect();
        pairs.push(format!("{}={at}", escaped(name)));
        if let Some(limit) = self.limit.as_ref().filter(|_| self.size > 0) {
            pairs.push(format!("{}={}", escaped(limit), self.size));
        }
        pairs.join("&")
    }

    /// Whether a page was the last one. One that is shorter than asked for may be so because the service never gives
    /// more; one that is shorter than another is the last.
    pub(super) fn is_last(items: usize, longest: usize) -> bool {
        items == 0 || items < longest
    }
}

fn name_of(pair: &str) -> String {
    let name = pair.split_once('=').map_or(pair, |(name, _)| name).replace('+', " ");
    percent_decode_str(&name).decode_utf8_lossy().into_owned()
}

fn value<'q>(query: Option<&'q str>, name: &str) -> Option<&'q str> {
    let pair = query?.split('&').find(|pair| name_of(pair) == name)?;
    pair.split_once('=').map(|(_, value)| value)
}

fn escaped(name: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use policy::Path;
    use policy::bindings::{Overfetch, Page};

    use super::{Before, Pages, Part};

    fn pages(page: Page) -> Pages {
        Pages::new(&Overfetch { page, pages_max: 5 }).unwrap()
    }

    fn by_offset() -> Pages {
        pages(Page::Offset { offset: "skip".into(), limit: Some("limit".into()), size: 50 })
    }

    fn by_number() -> Pages {
        pages(Page::Number { number: "page".into(), limit: Some("per page".into()), size: 20, first: 1 })
    }

    #[test]
    fn what_is_asked_for_is_a_part_of_the_callers_own_list() {
        for (query, begin, end) in [
            (None, 0, 50),
            (Some("skip=10&limit=5"), 10, 15),
            (Some("sk%69p=10"), 10, 60),
            (Some("limit=x"), 0, 50),
            (Some("skip=18446744073709551615"), usize::MAX, usize::MAX),
        ] {
            assert_eq!(by_offset().part(query), Part { begin, end }, "{query:?}");
        }
        assert_eq!(by_number().part(Some("page=3&per+page=10")), Part { begin: 20, end: 30 });
        assert_eq!(by_number().part(Some("page=0")), Part { begin: 0, end: 20 });
    }

    #[test]
    fn the_service_is_asked_for_its_own_pages_and_for_whatever_else_the_caller_asks() {
        let before = Before { items: 100, pages: 2 };
        let query = by_offset().query(Some("q=a%26b&limit=3&skip=7&sort=id"), before);
        assert_eq!(query, "q=a%26b&sort=id&skip=100&limit=50");
        assert_eq!(by_number().query(Some("per%20page=3"), before), "page=3&per%20page=20");
        assert_eq!(by_number().query(None, Before { items: 0, pages: 0 }), "page=1&per%20page=20");
    }

    #[test]
    fn pages_without_an_order_cannot_be_filled_up() {
        let page = Page::Cursor { cursor: "after".into(), next: Path::root() };
        assert!(Pages::new(&Overfetch { page, pages_max: 1 }).is_err());
    }
}
