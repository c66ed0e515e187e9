//! A private key's PEM armour (RFC 7468), as far as PKCS#8 needs it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// The DER of the first `PRIVATE KEY` block, or `None` when there is no well-formed one.
pub(crate) fn private_key(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, rest) = text.split_once(BEGIN)?;
    let (body, _) = rest.split_once(END)?;
    let body: Zeroizing<String> = Zeroizing::new(body.split_ascii_whitespace().collect());
    STANDARD.decode(body.as_bytes()).ok().map(Zeroizing::new)
}
