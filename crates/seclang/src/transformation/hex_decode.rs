//! `t:hexDecode`: each two hexadecimal digits become one byte; what is not a digit is taken for one (`hex_digits`), and
//! an odd one at the end is left out.

use super::{Transformation, hex_digits};
use crate::ByteSet;

pub static HEX_DECODE: Transformation = Transformation::new("hexDecode", ByteSet::ALL, |value, out| {
    out.clear();
    let (pairs, _) = value.as_chunks::<2>();
    out.extend(pairs.iter().map(|[high, low]| hex_digits::pair(*high, *low)));
    !value.is_empty()
});
