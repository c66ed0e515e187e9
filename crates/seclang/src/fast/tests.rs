//! That the fast path changes nothing.
