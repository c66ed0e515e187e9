//! `@strmatch TEXT`: the text occurs in the value; another name of `@contains`.

pub(super) use super::contains::build;
