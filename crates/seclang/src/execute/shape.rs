//! What may be told of a value: its shape.

/// Bytes of a value that its shape tells of.
const SHAPE_BYTES_MAX: usize = 100;

/// Letters as `a` and `A`, digits as `0`, punctuation and spaces as they are, everything else as `?`; the first hundred
/// bytes. It shows why a pattern matched and repeats no letter and no digit.
pub fn shape(value: &[u8]) -> String {
    let mut shape: String = value
        .iter()
        .take(SHAPE_BYTES_MAX)
        .map(|byte| match byte {
            b'a'..=b'z' => 'a',
            b'A'..=b'Z' => 'A',
            b'0'..=b'9' => '0',
            b' '..=b'~' => char::from(*byte),
            _ => '?',
        })
        .collect();
    if value.len() > SHAPE_BYTES_MAX {
        shape.push_str("...");
    }
    shape
}
