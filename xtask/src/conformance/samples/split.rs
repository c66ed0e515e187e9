//! The fixed split: what is learned from, and what is measured on.

/// Whether what is named `key` belongs to the half that rules are written with. FNV-1a over 64 bits, then the first
/// half of the finaliser of MurmurHash3, since the low bits of FNV follow the last letters.
pub fn learns(key: &str) -> bool {
    hash(key) & 1 == 0
}

pub fn hash(key: &str) -> u64 {
    let fnv = key
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let mixed = (fnv ^ (fnv >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
}
