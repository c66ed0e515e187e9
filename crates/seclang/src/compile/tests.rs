//! What compiles and what does not.
