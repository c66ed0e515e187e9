//! Strict JWS, JWT and JWK: a token is either exactly what the issuer's key and our rules allow, or refused.
//!
//! Everything here is a function of its inputs: no I/O, no async, no clock (the caller passes the time). The
//! algorithm always comes from the key; what the token's header says must agree with it. Signatures are checked
//! by aws-lc-rs; encodings, headers, key policy and claims are checked here, because that is where libraries
//! for JWT have been broken.

mod algorithm;
mod base64url;
mod fault;
mod header;
mod json;
mod jws;
mod jwt;
mod key;
mod key_set;
mod names;
mod pem;
mod signer;
mod thumbprint;

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod corpus;

pub use algorithm::Algorithm;
pub use fault::Fault;
pub use jws::{TOKEN_BYTES_MAX, verify_jws};
pub use jwt::{LEEWAY_S_MAX, Peek, Rules, Verified, peek, verify};
pub use key_set::{KeyFault, KeyFaultKind, KeyName, KeySet, KeySetError};
pub use names::{is_name, is_scope, name, scopes};
pub use signer::{SignError, Signer, sign_hs, sign_hs256};
pub use thumbprint::thumbprint;
