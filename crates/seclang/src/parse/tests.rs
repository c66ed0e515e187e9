//! What the parser takes and refuses.
