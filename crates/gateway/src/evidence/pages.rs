//! A list read page by page, until the id is found, the list ends, or as many pages were read as may be.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::LINK;
use policy::bindings::{IdPlace, Page};
use policy::{Path, text_of};
use tape::Node;

use super::cache::Listed;
use super::call::{Calling, Fault, Reply};
use super::{LIST_CACHE, What, read};

/// Where a list goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Next {
    #[default]
    Begin,
    /// Items to leave out.
    Offset(u64),
    Number(u64),
    Cursor(Arc<str>),
    /// The whole query.
    Query(String),
    End,
}

pub(super) fn kept_for(what: &What) -> Duration {
    match what {
        What::Produce(producing, _) => producing.producer.cache,
        _ => LIST_CACHE,
    }
}

/// Adds pages to the list until it says something of the question's object. `Err`: words without values.
pub(super) async fn read(calling: &mut Calling<'_>, listed: &mut Listed) -> Result<(), &'static str> {
    let (page, pages_max) = match &calling.ask.what {
        What::Produce(producing, _) => (producing.producer.page.clone(), producing.producer.pages_max.max(1)),
        _ => (None, 1),
    };
    while listed.next != Next::End && !listed.has(&calling.ask.id) && listed.pages < pages_max {
        let reply = match fetch(calling, page.as_ref(), &listed.next).await {
            Ok(reply) => reply,
            // There is no list for this caller, or it is at its end.
            Err(Fault::Absent) => {
                listed.next = Next::End;
                break;
            }
            Err(fault) => return Err(fault.words()),
        };
        listed.pages += 1;
        let tape = reply.json(&calling.ask.service.tape_limits)?;
        let (items, news) = take_in(tape.root(), calling, listed)?;
        listed.next = next(page.as_ref(), listed, items, news, tape.root(), &reply.headers);
    }
    Ok(())
}

async fn fetch(calling: &mut Calling<'_>, page: Option<&Page>, at: &Next) -> Result<Reply, Fault> {
    let mut own: Vec<(IdPlace, Arc<str>)> = Vec::new();
    let mut set = |name: &Arc<str>, value: Arc<str>| own.push((IdPlace::Query(Arc::clone(name)), value));
    let text = |number: u64| -> Arc<str> { number.to_string().into() };
    match (page, at) {
        (_, Next::Query(query)) => return calling.get_query(query).await,
        (Some(Page::Offset { offset, limit, size }), at) => {
            set(offset, text(if let Next::Offset(offset) = at { *offset } else { 0 }));
            if let Some(limit) = limit {
                set(limit, text(u64::from(*size)));
            }
        }
        (Some(Page::Number { number, limit, size, first }), at) => {
            set(number, text(if let Next::Number(number) = at { *number } else { u64::from(*first) }));
            if let Some(limit) = limit {
                set(limit, text(u64::from(*size)));
            }
        }
        (Some(Page::Cursor { cursor, .. }), Next::Cursor(value)) => set(cursor, Arc::clone(value)),
        _ => {}
    }
    calling.get(&own).await
}

/// How many items the page has, and how many of them were not known.
fn take_in(
    root: Node<'_>,
    calling: &Calling<'_>,
    listed: &mut Listed,
) -> Result<(usize, usize), &'static str> {
    let path = match &calling.ask.what {
        What::Produce(producing, _) => &producing.producer.items,
        What::List(listing, _) => &listing.items,
        What::Whoami(_) | What::Resolve(..) | What::Page(..) => return Err("it is no list"),
    };
    let arrays =
        policy::shown::arrays(root, path).map_err(|_| "the answer has no list where it should be")?;
    let (mut items, mut news) = (0, 0);
    for item in arrays.into_iter().flat_map(Node::items) {
        items += 1;
        let Some((id, facts, related)) = read::item(item, calling.ask) else {
            return Err("an item of the list has no id");
        };
        news += usize::from(listed.add(id, facts, related));
    }
    listed.longest = listed.longest.max(items);
    Ok((items, news))
}

/// A page that is shorter than another was the last. The first may be shorter than was asked for because the service
/// never gives more, so that alone says nothing.
fn next(
    page: Option<&Page>,
    listed: &Listed,
    items: usize,
    news: usize,
    root: Node<'_>,
    headers: &HeaderMap,
) -> Next {
    let is_last = items == 0 || news == 0 || items < listed.longest;
    match page {
        None => Next::End,
        Some(Page::Offset { .. } | Page::Number { .. }) if is_last => Next::End,
        Some(Page::Offset { .. }) => {
            let before = if let Next::Offset(offset) = listed.next { offset } else { 0 };
            Next::Offset(before.saturating_add(u64::try_from(items).unwrap_or(u64::MAX)))
        }
        Some(Page::Number { first, .. }) => {
            let before = if let Next::Number(number) = listed.next { number } else { u64::from(*first) };
            Next::Number(before.saturating_add(1))
        }
        Some(Page::Cursor { next, .. }) => cursor(next, &listed.next, root),
        Some(Page::Url { next }) => match url(next, root) {
            Some(query) if listed.next != Next::Query(query.clone()) => Next::Query(query),
            _ => Next::End,
        },
        Some(Page::Link) => match link(headers) {
            // The same page again would never end.
            Some(query) if listed.next != Next::Query(query.clone()) => Next::Query(query),
            _ => Next::End,
        },
    }
}

fn cursor(path: &Path, before: &Next, root: Node<'_>) -> Next {
    match path.one(root).and_then(text_of) {
        Some(value) if !value.is_empty() && *before != Next::Cursor(Arc::clone(&value)) => {
            Next::Cursor(value)
        }
        _ => Next::End,
    }
}

/// The query of the URL that an answer has for the next page.
fn url(path: &Path, root: Node<'_>) -> Option<String> {
    let url = path.one(root)?.as_str()?;
    let (_, query) = url.split_once('?')?;
    Some(query.split('#').next().unwrap_or_default().to_owned())
}

/// The query of the target of `rel="next"` (RFC 8288 section 3). Where else the link leads does not matter: the same
/// operation is asked.
fn link(headers: &HeaderMap) -> Option<String> {
    for value in headers.get_all(LINK) {
        let mut rest = value.to_str().ok()?;
        while let Some((_, after)) = rest.split_once('<') {
            let (target, parameters) = after.split_once('>')?;
            let end = parameters.find(",<").or_else(|| parameters.find(", <")).unwrap_or(parameters.len());
            let (own, others) = parameters.split_at_checked(end)?;
            let is_next = own.split(';').any(|parameter| {
                let Some((name, value)) = parameter.split_once('=') else { return false };
                let value = value.trim().trim_matches('"');
                name.trim().eq_ignore_ascii_case("rel")
                    && value.split_ascii_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"))
            });
            if is_next {
                return query_of(target);
            }
            rest = others;
        }
    }
    None
}

fn query_of(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    Some(query.split('#').next().unwrap_or_default().to_owned())
}
