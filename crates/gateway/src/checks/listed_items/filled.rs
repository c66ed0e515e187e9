//! A part of the caller's own list, put together from as many of the service's pages as it takes.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use policy::bindings::IdPlace;
use policy::decide::Subject;
use policy::shown::{Cuts, arrays};
use tape::Tape;

use super::super::answer;
use super::super::subject::identity_of;
use super::ListedItems;
use super::pages::{Before, Pages, Part};
use crate::check::{Edit, Step};
use crate::evidence::{Ask, Says, Service, What};
use crate::exchange::Exchange;
use crate::question::{Answer, Answers, Question};
use crate::settings::Importance;

/// What was read of the service's list so far.
#[derive(Default)]
struct Read {
    /// The caller's own items, as they are written.
    own: Vec<Bytes>,
    ids: HashSet<Arc<str>>,
    items: usize,
    pages: usize,
    longest: usize,
    is_whole: bool,
    /// What the last page says of the next one, as it is written, and the query that leads there.
    next: Option<(Bytes, String)>,
}

/// One request for a list that is filled up.
pub(super) struct Filling<'a> {
    pub(super) check: &'a ListedItems,
    pub(super) pages: &'a Pages,
    pub(super) service: &'a Arc<Service>,
    pub(super) exchange: &'a Exchange,
    pub(super) subject: &'a Arc<Subject>,
    pub(super) written: &'a [Arc<str>],
}

impl Filling<'_> {
    /// What becomes of the answer, whose body is `first`: further pages are asked for until the part is whole.
    pub(super) fn step(&self, answers: &Answers, first: &Tape) -> Step {
        let part = self.pages.part(self.exchange.route.query.as_deref());
        let mut read = Read::default();
        if let Err(step) = self.take_in(first, &mut read) {
            return step;
        }
        // A count is of the whole list; where pages have no order, one of them is as long as the first.
        let wanted = match self.pages.next() {
            _ if self.check.list.total.is_some() => usize::MAX,
            Some(_) => read.longest,
            None => part.end,
        };
        while !read.is_whole && read.own.len() < wanted && read.pages < self.pages.pages_max {
            let answered = match answers.get(read.pages - 1) {
                None => return self.ask(&read),
                Some(Answer::Evidence(found)) => &found.says,
                Some(_) => return answer::unfilterable("a further page could not be had"),
            };
            match answered {
                Says::Page(tape) => {
                    if let Err(step) = self.take_in(tape, &mut read) {
                        return step;
                    }
                }
                Says::Absent => read.is_whole = true,
                Says::Failed(words) => return answer::unfilterable(words),
                Says::Object { .. } | Says::Holder(_) => {
                    return answer::unfilterable("a further page is none");
                }
            }
        }
        self.shown(first, part, &read)
    }

    fn take_in(&self, page: &Tape, read: &mut Read) -> Result<(), Step> {
        let array = match arrays(page.root(), &self.check.list.items).as_deref() {
            Ok([array]) => *array,
            _ => return Err(answer::unfilterable("there is no one array where the list is declared")),
        };
        let items = array.len();
        for item in array.items() {
            let is_own = self.may_see(item)?;
            // A list that changes while it is read shows an item twice.
            let is_new = self.check.resource.id_in(item).is_none_or(|id| read.ids.insert(id));
            if is_own && is_new {
                read.own.push(page.text().slice(item.span()));
            }
        }
        read.items += items;
        read.pages += 1;
        read.is_whole = match self.pages.next() {
            None => Pages::is_last(items, read.longest),
            Some(path) => {
                let before = read.next.take().map(|(_, query)| query);
                let said = path.one(page.root());
                let query =
                    said.and_then(|said| self.pages.after(self.exchange.route.query.as_deref(), said));
                // The same page again would never end.
                let query = query.filter(|query| before.as_ref() != Some(query));
                read.next = said.zip(query).map(|(said, query)| (page.text().slice(said.span()), query));
                read.next.is_none()
            }
        };
        read.longest = read.longest.max(items);
        Ok(())
    }

    fn may_see(&self, item: tape::Node<'_>) -> Result<bool, Step> {
        self.check.may_see(item, self.subject, self.exchange, self.written).map_err(Step::Fail)
    }

    fn ask(&self, read: &Read) -> Step {
        let before = Before { items: read.items, pages: read.pages };
        let ordered = self.pages.query(self.exchange.route.query.as_deref(), before);
        let led_to = || read.next.as_ref().map(|(_, query)| query.clone());
        let query = ordered.or_else(led_to).unwrap_or_default();
        let named = self.exchange.route.path_values.iter();
        let parameters =
            named.map(|(name, value)| (IdPlace::Path(Arc::clone(name)), Arc::from(value.as_str())));
        let ask = Ask {
            service: Arc::clone(self.service),
            what: What::Page(Arc::clone(&self.check.plan.operation), query.into()),
            id: "".into(),
            object: None,
            whose: None,
            parameters: parameters.collect(),
            subject: Arc::clone(self.subject),
            identity: self.exchange.caller.as_ref().and_then(identity_of),
            // The same page may say something else to the next request.
            fresh: Some(Arc::clone(&self.exchange.request_id)),
            headers: None,
            importance: Importance::default(),
        };
        Step::Ask(vec![Question::Evidence(Box::new(ask))])
    }

    /// The first page with the part in the place of its items.
    fn shown(&self, first: &Tape, part: Part, read: &Read) -> Step {
        let (root, list) = (first.root(), &self.check.list);
        let Some(array) = arrays(root, &list.items).ok().and_then(|arrays| arrays.first().copied()) else {
            return answer::unfilterable("there is no array where the list is declared");
        };
        let end = part.end.min(read.own.len());
        let items = read.own.get(part.begin.min(end)..end).unwrap_or_default();
        let mut cuts = Cuts::default();
        cuts.replace(array, joined(items));
        if let Some(count) = list.total.as_ref().and_then(|path| path.one(root)) {
            if count.kind() != tape::Kind::Number {
                return answer::unfilterable("there is no number where the count is declared");
            }
            cuts.replace(count, read.own.len().to_string());
        }
        if let Some(said) = self.pages.next().and_then(|path| path.one(root)) {
            let next =
                read.next.as_ref().map_or_else(|| Bytes::from_static(b"null"), |(text, _)| text.clone());
            cuts.replace(said, next);
        }
        for path in &list.drop {
            cuts.member(root, path);
        }
        let taken = read.items - read.own.len();
        let mut report = format!("{}: pages read: {}, taken out: {taken}", list.kind, read.pages);
        if !read.is_whole && read.pages >= self.pages.pages_max {
            report.push_str("; there were more pages than are read");
        }
        Step::Continue(vec![Edit::SpliceResponse(cuts.into_ranges()), Edit::Report(report)])
    }
}

fn joined(items: &[Bytes]) -> Bytes {
    let mut text = Vec::with_capacity(items.iter().map(|item| item.len() + 1).sum::<usize>() + 2);
    text.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        text.extend_from_slice(item);
    }
    text.push(b']');
    Bytes::from(text)
}
