//! The thumbprint of a public key (RFC 7638): the key id of a key that has none.

#[cfg(test)]
mod tests;

use aws_lc_rs::digest;
use serde_json::{Map, Value};

use crate::base64url;

/// SHA-256 over the required members in lexical order, base64url. `None` when `jwk` is not an EC, RSA or OKP key
/// with its required members.
pub fn thumbprint(jwk: &Map<String, Value>) -> Option<String> {
    let kty = jwk.get("kty")?.as_str()?;
    let required: &[&str] = match kty {
        "EC" => &["crv", "kty", "x", "y"],
        "RSA" => &["e", "kty", "n"],
        "OKP" => &["crv", "kty", "x"],
        _ => return None,
    };
    let mut canonical = Map::new();
    for name in required {
        canonical.insert((*name).to_owned(), Value::from(jwk.get(*name)?.as_str()?));
    }
    let text = serde_json::to_vec(&canonical).ok()?;
    Some(base64url::encode(digest::digest(&digest::SHA256, &text).as_ref()))
}
