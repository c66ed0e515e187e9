//! From texts to a rule set.
