//! Bodies taken apart into variables: the list of all body processors.
