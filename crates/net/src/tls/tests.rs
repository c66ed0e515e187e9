//! Both sides of TLS against each other and against plain rustls.
