//! Operators of ModSecurity that are not offered: a rule that uses one is an error that says why.

use super::{Argument, Operator};

type Refused = Result<Box<dyn Operator>, String>;

pub(super) fn network(_: &Argument<'_>) -> Refused {
    Err("the operator asks a server elsewhere for every value, which the gateway does not do".to_owned())
}

pub(super) fn programs(_: &Argument<'_>) -> Refused {
    Err("the operator runs a program on an uploaded file, which the gateway does not do".to_owned())
}

pub(super) fn files(_: &Argument<'_>) -> Refused {
    Err("the operator compares fuzzy hashes, which are not computed here".to_owned())
}

pub(super) fn places(_: &Argument<'_>) -> Refused {
    Err("the operator looks up places, which is not offered to rules".to_owned())
}

pub(super) fn schemas(_: &Argument<'_>) -> Refused {
    Err("the operator validates XML against a schema, which is not offered to rules".to_owned())
}

pub(super) fn rewriting(_: &Argument<'_>) -> Refused {
    Err("the operator belongs to the rewriting of bodies, which rules cannot do here".to_owned())
}
