//! What we do otherwise than the library, and why.

/// One difference that is meant.
struct Known {
    /// Within the operator as the suite writes it.
    operator: &'static str,
    reason: &'static str,
    /// Whether the value is one of which the two may think differently; `ours`: whether ours matches.
    is: fn(value: &[u8], ours: bool) -> bool,
}

const KNOWN: &[Known] = &[
    Known {
        operator: "@eq",
        reason: "the library takes a number beyond 32 bits for 0",
        is: |value, _| is_beyond_32_bits(value),
    },
    Known {
        operator: "@ipMatch",
        reason: "white space around an address is passed over, as it is in lists of addresses",
        is: |value, ours| ours && value.trim_ascii().len() < value.len(),
    },
    Known {
        operator: "@validateUtf8Encoding",
        reason: "the library takes code points beyond U+10FFFF for valid (RFC 3629 section 3 does not)",
        is: |value, ours| ours && value.windows(2).any(|pair| matches!(pair, [0xf4, 0x90..=0xbf])),
    },
    Known {
        operator: "@rx ^[",
        reason: "a line begins after a last line end too, where only a pattern of nothing can match",
        is: |value, _| value.ends_with(b"\n"),
    },
    Known {
        operator: "@verifySVNR",
        reason: "the library knows that numbers of one digit are nobody's, save those of eights and nines",
        is: |value, ours| !ours && [b'8', b'9'].iter().any(|digit| of_one(value, *digit)),
    },
];

/// Why an operator may judge `value` otherwise than the library; `None` when it may not.
pub fn reason(operator: &str, value: &[u8], ours: bool) -> Option<&'static str> {
    let is = |known: &&Known| operator.contains(known.operator) && (known.is)(value, ours);
    KNOWN.iter().find(is).map(|known| known.reason)
}

/// Of the number at the start of a value.
fn is_beyond_32_bits(value: &[u8]) -> bool {
    let text = value.trim_ascii_start();
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0_i64, |number, digit| number.saturating_mul(10).saturating_add(i64::from(digit - b'0')))
        > i64::from(i32::MAX)
}

/// Ten times the same digit in a row, a space among them or not.
fn of_one(value: &[u8], digit: u8) -> bool {
    let without: Vec<u8> = value.iter().copied().filter(|byte| *byte != b' ').collect();
    without.windows(10).any(|ten| ten.iter().all(|byte| *byte == digit))
}
