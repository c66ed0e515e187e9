//! Tables of header fields that a thread uses again: to make one takes two allocations, and every request has one.

use std::cell::RefCell;

use http::HeaderMap;

/// Tables that a thread keeps.
const KEPT_MAX: usize = 32;
/// Room of a table that is kept, in fields.
const FIELDS_MAX: usize = 64;

thread_local! {
    static KEPT: RefCell<Vec<HeaderMap>> = const { RefCell::new(Vec::new()) };
}

/// An empty table with room for so many fields.
pub(crate) fn take(fields: usize) -> HeaderMap {
    let mut table = KEPT.with_borrow_mut(Vec::pop).unwrap_or_default();
    table.reserve(fields);
    table
}

/// Takes the table of a request back that nobody reads any more.
pub fn give_back(mut table: HeaderMap) {
    if !(1..=FIELDS_MAX).contains(&table.capacity()) {
        return;
    }
    table.clear();
    // A thread that is about to end keeps nothing.
    let _ = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        if kept.len() < KEPT_MAX {
            kept.push(table);
        }
    });
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::HOST;

    use super::*;

    #[test]
    fn a_table_that_was_given_back_is_used_again_and_tells_nothing_of_before() {
        let mut table = take(9);
        let room = table.capacity();
        table.append(HOST, HeaderValue::from_static("a"));
        table.append(HOST, HeaderValue::from_static("b"));
        give_back(table);
        let table = take(1);
        assert!(table.capacity() == room && table.is_empty() && table.get_all(HOST).iter().next().is_none());
    }

    #[test]
    fn tables_with_much_room_and_more_than_a_few_are_not_kept() {
        give_back(HeaderMap::with_capacity(10 * FIELDS_MAX));
        give_back(HeaderMap::new());
        assert_eq!(KEPT.with_borrow(Vec::len), 0);
        for _ in 0..2 * KEPT_MAX {
            give_back(HeaderMap::with_capacity(1));
        }
        assert_eq!(KEPT.with_borrow(Vec::len), KEPT_MAX);
    }
}
