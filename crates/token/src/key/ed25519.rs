//! EdDSA over Ed25519 (RFC 8037). Ed448 is not supported.

use aws_lc_rs::signature::{ED25519, ParsedPublicKey};

use super::Unusable;

const KEY_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 64;

/// The points of small order, y only (the sign bit is masked before comparing), canonical or not. A signature
/// under such a "key" verifies for many messages.
const SMALL_ORDER: [[u8; KEY_BYTES]; 7] = [
    [0; KEY_BYTES],
    low(0x01),
    high(0xec),
    high(0xed),
    high(0xee),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

#[allow(clippy::indexing_slicing, reason = "constant indexes into an array of constant length")]
const fn low(first: u8) -> [u8; KEY_BYTES] {
    let mut bytes = [0; KEY_BYTES];
    bytes[0] = first;
    bytes
}

#[allow(clippy::indexing_slicing, reason = "constant indexes into an array of constant length")]
const fn high(first: u8) -> [u8; KEY_BYTES] {
    let mut bytes = [0xff; KEY_BYTES];
    bytes[0] = first;
    bytes[KEY_BYTES - 1] = 0x7f;
    bytes
}

#[derive(Clone)]
pub(crate) struct Ed25519Key(ParsedPublicKey);

impl Ed25519Key {
    pub(crate) fn new(x: &[u8]) -> Result<Self, Unusable> {
        let mut y: [u8; KEY_BYTES] = x.try_into().map_err(|_| Unusable::Malformed)?;
        if let Some(last) = y.last_mut() {
            *last &= 0x7f;
        }
        if SMALL_ORDER.contains(&y) {
            return Err(Unusable::Weak);
        }
        ParsedPublicKey::new(&ED25519, x).map(Self).map_err(|_| Unusable::Malformed)
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == SIGNATURE_BYTES && self.0.verify_sig(message, signature).is_ok()
    }
}
