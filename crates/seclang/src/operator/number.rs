//! What the operators have in common that compare a value with a number.

use super::{Argument, Captures, Operator};

/// A comparison with a number that is known when rules are compiled.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    wanted: i64,
    test: fn(value: i64, wanted: i64) -> bool,
}

impl Comparison {
    pub fn holds(&self, value: i64) -> bool {
        (self.test)(value, self.wanted)
    }

    pub fn matches(&self, value: &[u8]) -> bool {
        self.holds(number(value))
    }
}

struct Number {
    comparison: Comparison,
    has_macros: bool,
}

pub(super) fn comparing(
    argument: &Argument<'_>,
    test: fn(value: i64, wanted: i64) -> bool,
) -> Result<Box<dyn Operator>, String> {
    if !argument.has_macros && !is_number(argument.text) {
        return Err(format!("`{}` is not a number", String::from_utf8_lossy(argument.text)));
    }
    let comparison = Comparison { wanted: number(argument.text), test };
    Ok(Box::new(Number { comparison, has_macros: argument.has_macros }))
}

impl Operator for Number {
    fn matches(&self, value: &[u8], argument: Option<&[u8]>, _: &mut Captures) -> bool {
        let wanted = argument.map_or(self.comparison.wanted, number);
        Comparison { wanted, ..self.comparison }.matches(value)
    }

    fn comparison(&self) -> Option<Comparison> {
        (!self.has_macros).then_some(self.comparison)
    }
}

fn is_number(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.trim().parse::<i64>().is_ok())
}

/// The number at the start of a text, after white space, as C's `atoll` reads it: 0 when there is none, and the largest
/// or smallest when it is beyond 64 bits.
pub(super) fn number(text: &[u8]) -> i64 {
    let start = text.iter().position(|byte| !matches!(byte, b' ' | b'\t'..=b'\r')).unwrap_or(text.len());
    let (negative, digits) = match text.get(start..).unwrap_or_default() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0_i64, |value, digit| {
        let digit = i64::from(digit - b'0');
        value.saturating_mul(10).saturating_add(if negative { -digit } else { digit })
    })
}
