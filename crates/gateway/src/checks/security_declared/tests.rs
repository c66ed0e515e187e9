#![allow(clippy::unwrap_used)]

use model::Code;

use super::SecurityDeclared;
use crate::check::Check;
use crate::checks::table::{Table, code, exchange};
use crate::question::Answers;

#[test]
fn only_operations_of_which_nothing_is_said_are_refused() {
    let table = Table::new();
    let check: SecurityDeclared = table.prepare("missing");
    assert_eq!(code(check.step(&exchange(&[]), &Answers::default())), Some(Code::SecurityUndeclared));
    for operation in ["public", "any", "optional", "unmatched"] {
        assert!(table.try_prepare::<SecurityDeclared>(operation).unwrap().is_none(), "{operation}");
    }
}
