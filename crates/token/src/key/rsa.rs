//! RSA keys for RS* and PS* (RFC 7518 sections 3.3 and 3.5): 2048 to 8192 bits, exponent from 65537.

use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
    RsaPublicKeyComponents,
};

use super::Unusable;
use crate::Algorithm;

const BITS_MIN: usize = 2048;
const BITS_MAX: usize = 8192;
/// FIPS 186-5 section 5.1 wants 2^16 < e. Small exponents turn every slip in padding into a forgery.
const EXPONENT_MIN: u64 = 65_537;
/// What the library takes.
const EXPONENT_MAX: u64 = (1 << 33) - 1;

/// One parsed key for each algorithm it may verify.
#[derive(Clone)]
pub(crate) struct RsaKey {
    keys: Vec<(Algorithm, ParsedPublicKey)>,
}

impl RsaKey {
    /// `n` and `e` are big-endian without leading zeros (RFC 7518 section 6.3.1). `only`: the algorithm the JWK
    /// names; without it the key may verify all six, as far as the rules of the caller allow.
    pub(crate) fn new(n: &[u8], e: &[u8], only: Option<Algorithm>) -> Result<Self, Unusable> {
        let first = n.first().copied().unwrap_or(0);
        if first == 0 || n.last().is_none_or(|last| last % 2 == 0) {
            return Err(Unusable::Malformed);
        }
        let bits = n.len() * 8 - first.leading_zeros() as usize;
        if !(BITS_MIN..=BITS_MAX).contains(&bits) || is_roca(n) {
            return Err(Unusable::Weak);
        }
        check_exponent(e)?;
        let mut keys = Vec::new();
        for algorithm in Algorithm::RSA.iter().copied().filter(|a| only.is_none_or(|only| only == *a)) {
            let parameters = parameters(algorithm).ok_or(Unusable::Malformed)?;
            let key = RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(parameters)
                .map_err(|_| Unusable::Malformed)?;
            keys.push((algorithm, key));
        }
        if keys.is_empty() { Err(Unusable::Malformed) } else { Ok(Self { keys }) }
    }

    pub(crate) fn allows(&self, algorithm: Algorithm) -> bool {
        self.keys.iter().any(|(allowed, _)| *allowed == algorithm)
    }

    pub(crate) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.keys
            .iter()
            .find(|(allowed, _)| *allowed == algorithm)
            .is_some_and(|(_, key)| key.verify_sig(message, signature).is_ok())
    }
}

fn check_exponent(e: &[u8]) -> Result<(), Unusable> {
    if e.first().is_none_or(|first| *first == 0) || e.len() > 8 {
        return Err(Unusable::Malformed);
    }
    let value = e.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    if value % 2 == 0 || !(EXPONENT_MIN..=EXPONENT_MAX).contains(&value) {
        return Err(Unusable::Weak);
    }
    Ok(())
}

fn parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}

/// Primes modulo which 65537 generates a small subgroup, so that a modulus made by the flawed generator of
/// CVE-2017-15361 (Nemec et al., "The Return of Coppersmith's Attack", CCS 2017, section 2.3) stands out.
const ROCA_PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// Whether the modulus is a power of 65537 modulo every one of the primes: chance is below 1 in 2^27.
fn is_roca(n: &[u8]) -> bool {
    ROCA_PRIMES.iter().all(|prime| {
        let residue = n.iter().fold(0_u32, |residue, byte| ((residue << 8) | u32::from(*byte)) % prime);
        let mut power = 1;
        for _ in 0..*prime {
            if power == residue {
                return true;
            }
            power = power * (65_537 % prime) % prime;
        }
        false
    })
}
