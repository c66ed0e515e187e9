//! Hexadecimal and octal digits, as the escapes of several transformations write them.

/// The value of a digit. Of a byte that is none it is what ModSecurity's arithmetic makes of it.
pub(super) fn digit(byte: u8) -> u8 {
    if byte >= b'A' { (byte & 0xdf).wrapping_sub(b'A').wrapping_add(10) } else { byte.wrapping_sub(b'0') }
}

/// The byte that two digits write.
pub(super) fn pair(high: u8, low: u8) -> u8 {
    digit(high).wrapping_mul(16).wrapping_add(digit(low))
}

/// The byte of a code point written as `high` and `low`, two digits each: its lower byte, and for the full width forms
/// (U+FF01 to U+FF5E) the ASCII character that they show.
pub(super) fn narrowed(high: [u8; 2], low: u8) -> u8 {
    let full_width = high.iter().all(|digit| digit.eq_ignore_ascii_case(&b'f'));
    if full_width && (0x01..0x5f).contains(&low) { low + 0x20 } else { low }
}

/// The value of up to three octal digits at the start of `rest`, and how many there were.
pub(super) fn octal(rest: &[u8]) -> (u16, usize) {
    let digits = rest.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7'));
    digits.fold((0, 0), |(value, count), byte| (value * 8 + u16::from(digit(*byte)), count + 1))
}
