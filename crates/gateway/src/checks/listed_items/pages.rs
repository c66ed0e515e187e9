//! Lists whose pages are filled up. Where pages have an order, what the caller asks for is a part of the caller's own
//! list, so the service's pages are read from the first on until that part is whole. Where one page leads to the next, as
//! many are read as it takes to show what one of them would hold, and the caller goes on behind the last.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use policy::bindings::{Overfetch, Page};
use policy::{Path, text_of};
use tape::Node;

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
    Number {
        number: Arc<str>,
        first: u64,
    },
    /// The parameter takes what the page before has there.
    Cursor {
        cursor: Arc<str>,
        next: Path,
    },
    /// The page before has the URL of the next one there.
    Url {
        next: Path,
    },
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
            Page::Cursor { cursor, next } => {
                let names = Names::Cursor { cursor: Arc::clone(cursor), next: next.clone() };
                (names, &None, 0)
            }
            Page::Url { next } => (Names::Url { next: next.clone() }, &None, 0),
            Page::Link => return Err("`overfetch` cannot follow links in header fields".to_owned()),
        };
        let pages_max = usize::try_from(overfetch.pages_max).unwrap_or(1).max(1);
        Ok(Self { names, limit: limit.clone(), size, pages_max })
    }

    /// Where a page says what comes after it; `None`: pages have an order.
    pub(super) fn next(&self) -> Option<&Path> {
        match &self.names {
            Names::Cursor { next, .. } | Names::Url { next } => Some(next),
            Names::Offset(_) | Names::Number { .. } => None,
        }
    }

    /// The query for the page that another one leads to, by what that one says there. `None`: there is no further one.
    pub(super) fn after(&self, query: Option<&str>, said: Node<'_>) -> Option<String> {
        let said = text_of(said).filter(|said| !said.is_empty())?;
        match &self.names {
            Names::Cursor { cursor, .. } => {
                let mut pairs = without(query, |name| *name == **cursor);
                pairs.push(format!("{}={}", escaped(cursor), escaped(&said)));
                Some(pairs.join("&"))
            }
            Names::Url { .. } => {
                let (_, query) = said.split_once('?')?;
                Some(query.split('#').next().unwrap_or_default().to_owned())
            }
            Names::Offset(_) | Names::Number { .. } => None,
        }
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
            Names::Cursor { .. } | Names::Url { .. } => return Part { begin: 0, end: usize::MAX },
        };
        let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Part { begin: index(begin), end: index(begin.saturating_add(limit)) }
    }

    /// The query for a page of the service's, with everything else that the caller asks for. `None`: pages have no order.
    pub(super) fn query(&self, query: Option<&str>, before: Before) -> Option<String> {
        let (name, at) = match &self.names {
            Names::Offset(name) => (name, u64::try_from(before.items).unwrap_or(u64::MAX)),
            Names::Number { number, first } => {
                (number, first.saturating_add(u64::try_from(before.pages).unwrap_or(u64::MAX)))
            }
            Names::Cursor { .. } | Names::Url { .. } => return None,
        };
        let mut pairs = without(query, |ours| *ours == **name || self.limit.as_deref() == Some(ours));
        pairs.push(format!("{}={at}", escaped(name)));
        if let Some(limit) = self.limit.as_ref().filter(|_| self.size > 0) {
            pairs.push(format!("{}={}", escaped(limit), self.size));
        }
        Some(pairs.join("&"))
    }

    /// Whether a page was the last one. One that is shorter than asked for may be so because the service never gives
    /// more; one that is shorter than another is the last.
    pub(super) fn is_last(items: usize, longest: usize) -> bool {
        items == 0 || items < longest
    }
}

/// The pairs of a query but for those of some names.
fn without(query: Option<&str>, is_ours: impl Fn(&str) -> bool) -> Vec<String> {
    let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.filter(|pair| !is_ours(&name_of(pair))).map(str::to_owned).collect()
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
        assert_eq!(query.unwrap(), "q=a%26b&sort=id&skip=100&limit=50");
        assert_eq!(by_number().query(Some("per%20page=3"), before).unwrap(), "page=3&per%20page=20");
        assert_eq!(by_number().query(None, Before { items: 0, pages: 0 }).unwrap(), "page=1&per%20page=20");
    }

    #[test]
    fn a_page_leads_to_the_next_by_what_it_says() {
        let next = Path::parse("$.next").unwrap();
        let by_cursor = pages(Page::Cursor { cursor: "after".into(), next: next.clone() });
        let by_url = pages(Page::Url { next: next.clone() });
        let after = |pages: &Pages, said: &str| {
            let limits = tape::Limits::default();
            let tape = tape::json::parse(format!(r#"{{"next":{said}}}"#).into(), &limits).unwrap();
            pages.after(Some("q=1&aft%65r=0&limit=5"), pages.next()?.one(tape.root())?)
        };
        assert_eq!(after(&by_cursor, r#""c&2""#).unwrap(), "q=1&limit=5&after=c%262");
        assert_eq!(after(&by_cursor, "7").unwrap(), "q=1&limit=5&after=7");
        assert_eq!(after(&by_url, r#""https://x/all?after=7&limit=5#a""#).unwrap(), "after=7&limit=5");
        for end in ["null", r#""""#, "{}"] {
            assert_eq!(after(&by_cursor, end), None, "{end}");
        }
        assert_eq!(after(&by_url, r#""/all""#), None);
        assert!(by_cursor.query(None, Before { items: 1, pages: 1 }).is_none());
        assert!(Pages::new(&Overfetch { page: Page::Link, pages_max: 1 }).is_err());
    }
}
