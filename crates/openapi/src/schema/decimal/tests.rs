#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::cmp::Ordering;

use super::Decimal;

#[test]
fn equal_numbers_are_equal_however_they_are_written() {
    for (left, right, equal) in [
        ("1", "1.0", true),
        ("1", "10e-1", true),
        ("100", "1e2", true),
        ("0", "-0.0", true),
        ("0", "0e400", true),
        ("-1", "1", false),
        ("18446744073709551616", "18446744073709551617", false),
        ("18446744073709551616", "18446744073709551616.0", true),
        ("0.1", "0.10", true),
        ("1e400", "1e401", false),
        ("123456789012345678901234567890", "1.2345678901234567890123456789e29", true),
    ] {
        assert_eq!(Decimal::parse(left) == Decimal::parse(right), equal, "{left} {right}");
        assert_eq!(
            Decimal::parse(left).canonical() == Decimal::parse(right).canonical(),
            equal,
            "canonical {left} {right}"
        );
    }
}

#[test]
fn order_is_exact_at_any_size() {
    for (left, right, order) in [
        ("5.0000000000000000000000001", "5", Ordering::Greater),
        ("5.0", "5", Ordering::Equal),
        ("4.9999999999999999999999999", "5", Ordering::Less),
        ("-5.0000000000000000000000001", "-5", Ordering::Less),
        ("9007199254740993", "9007199254740992.0", Ordering::Greater),
        ("18446744073709551616", "18446744073709551615", Ordering::Greater),
        ("0", "-0", Ordering::Equal),
        ("0", "1e-400", Ordering::Less),
        ("0", "-1e-400", Ordering::Greater),
        ("-1", "1", Ordering::Less),
        ("1e400", "9e399", Ordering::Greater),
        ("-1e400", "-9e399", Ordering::Less),
        ("12", "1.2e1", Ordering::Equal),
        ("12", "120e-2", Ordering::Greater),
        ("0.1", "0.09", Ordering::Greater),
    ] {
        assert_eq!(Decimal::parse(left).compare(&Decimal::parse(right)), order, "{left} {right}");
        assert_eq!(Decimal::parse(right).compare(&Decimal::parse(left)), order.reverse(), "{right} {left}");
    }
}

#[test]
fn divisibility_is_exact_at_any_size() {
    for (value, divisor, multiple) in [
        ("10", "5", Some(true)),
        ("11", "5", Some(false)),
        ("0", "7", Some(true)),
        ("0.3", "0.1", Some(true)),
        ("0.35", "0.1", Some(false)),
        ("19.99", "0.01", Some(true)),
        ("9007199254740993", "2", Some(false)),
        ("9007199254740994", "2", Some(true)),
        ("135107988821114880000000000001", "3", Some(false)),
        ("135107988821114880000000000000", "3", Some(true)),
        ("1e400", "7", Some(false)),
        ("7e400", "7", Some(true)),
        ("1e400", "8", Some(true)),
        ("1e-400", "1", Some(false)),
        ("1", "1e10", Some(false)),
        ("18446744073709551615", "18446744073709551615", Some(true)),
        ("5", "0", None),
    ] {
        assert_eq!(
            Decimal::parse(value).is_multiple_of(&Decimal::parse(divisor)),
            multiple,
            "{value} by {divisor}"
        );
    }
}

#[test]
fn integers_are_known_by_value_not_by_notation() {
    for (text, integer) in [
        ("1.0", Some(1)),
        ("1e3", Some(1000)),
        ("12.5e1", Some(125)),
        ("12.5", None),
        ("1e-1", None),
        ("-0", Some(0)),
        ("-2147483649", Some(-2_147_483_649)),
    ] {
        assert_eq!(Decimal::parse(text).to_i128(), integer, "{text}");
        assert_eq!(Decimal::parse(text).is_integer(), integer.is_some(), "{text}");
    }
    assert_eq!(Decimal::parse("1e9999999999999999999").to_i128(), None);
    assert!(Decimal::parse("1e9999999999999999999").is_integer());
}
