//! ECDSA over P-256, P-384 and P-521 with fixed-length signatures (RFC 7518 section 3.4).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, EcdsaVerificationAlgorithm,
    ParsedPublicKey,
};

use super::Unusable;
use crate::Algorithm;

/// A curve, and what goes with it. The order is that of the base point (SEC 2 section 2), big-endian.
struct Curve {
    name: &'static str,
    algorithm: Algorithm,
    verification: &'static EcdsaVerificationAlgorithm,
    order: &'static [u8],
}

const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a,
    0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];
const P521_ORDER: [u8; 66] = [
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfa,
    0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b,
    0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09,
];

static P256: Curve = Curve {
    name: "P-256",
    algorithm: Algorithm::Es256,
    verification: &ECDSA_P256_SHA256_FIXED,
    order: &P256_ORDER,
};
static P384: Curve = Curve {
    name: "P-384",
    algorithm: Algorithm::Es384,
    verification: &ECDSA_P384_SHA384_FIXED,
    order: &P384_ORDER,
};
static P521: Curve = Curve {
    name: "P-521",
    algorithm: Algorithm::Es512,
    verification: &ECDSA_P521_SHA512_FIXED,
    order: &P521_ORDER,
};

#[derive(Clone)]
pub(crate) struct EcKey {
    curve: &'static Curve,
    key: ParsedPublicKey,
}

impl EcKey {
    /// The algorithm of a curve, or `None` for a curve that is not supported.
    pub(crate) fn algorithm_of(crv: &str) -> Option<Algorithm> {
        curve(crv).map(|curve| curve.algorithm)
    }

    /// Coordinates have exactly the length of the field (RFC 7518 section 6.2.1.2); the library checks that the
    /// point is on the curve.
    pub(crate) fn new(crv: &str, x: &[u8], y: &[u8]) -> Result<Self, Unusable> {
        let curve = curve(crv).ok_or(Unusable::Malformed)?;
        if x.len() != curve.order.len() || y.len() != curve.order.len() {
            return Err(Unusable::Malformed);
        }
        let mut point = Vec::with_capacity(1 + x.len() + y.len());
        point.push(4);
        point.extend_from_slice(x);
        point.extend_from_slice(y);
        let key = ParsedPublicKey::new(curve.verification, &point).map_err(|_| Unusable::Malformed)?;
        Ok(Self { curve, key })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.curve.algorithm
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let size = self.curve.order.len();
        let Some((r, s)) = signature.split_at_checked(size) else { return false };
        // r = s = 0 verified everything in Java 15 to 18 (CVE-2022-21449); no library is asked.
        in_range(r, self.curve.order)
            && in_range(s, self.curve.order)
            && self.key.verify_sig(message, signature).is_ok()
    }
}

fn curve(crv: &str) -> Option<&'static Curve> {
    [&P256, &P384, &P521].into_iter().find(|curve| curve.name == crv)
}

/// 0 < `number` < `order`; both big-endian of the same length, so the order of bytes is the order of numbers.
fn in_range(number: &[u8], order: &[u8]) -> bool {
    number.len() == order.len() && number.iter().any(|byte| *byte != 0) && number < order
}
