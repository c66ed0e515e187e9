//! Chains of transformations over hostile values.

use seclang::transformation::{TRANSFORMATIONS, Transformation};

/// Transformations in a row.
const CHAIN_MAX: u8 = 5;
/// Two bytes of overlong UTF-8 become seven (`%u002f` and the first byte again); a digest has a length of its own.
const GROWTH: usize = 4;
const DIGEST_BYTES_MAX: usize = 64;

/// The first byte says how many transformations there are, the next ones which, the rest is the value.
pub fn chains(data: &[u8]) {
    let Some((count, rest)) = data.split_first() else { return };
    let (chosen, value) = rest.split_at(usize::from(count % CHAIN_MAX + 1).min(rest.len()));
    let mut value = value.to_vec();
    for byte in chosen {
        if let Some(transformation) = TRANSFORMATIONS.get(usize::from(*byte) % TRANSFORMATIONS.len()) {
            value = one(transformation, &value);
        }
    }
}

fn one(transformation: &Transformation, value: &[u8]) -> Vec<u8> {
    let name = transformation.name;
    let [(changed, out), (again, over)] = [Vec::new(), b"what stood there before".to_vec()].map(|mut out| {
        let changed = transformation.run(value, None, &mut out);
        (changed, out)
    });
    assert_eq!(changed, again, "{name} depends on what was there");
    if !changed {
        return value.to_vec();
    }
    assert_eq!(out, over, "{name} leaves what was there");
    assert!(out.len() <= value.len() * GROWTH + DIGEST_BYTES_MAX, "{name}: {} of {}", out.len(), value.len());
    if !transformation.touches.is_all() && !value.iter().any(|byte| transformation.touches.has(*byte)) {
        assert_eq!(out, value, "{name} changes what it says it does not touch");
    }
    out
}
