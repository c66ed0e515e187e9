//! Variables that the transaction keeps and answers itself.

use crate::input::{Input, Sink};

pub(super) fn each<'a>(_: &'a Input, _: &mut Sink<'a, '_>) {}
