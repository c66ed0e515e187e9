#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::NumberRule;
use crate::schema::decimal::Decimal;

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "0.0",
    "1",
    "-1",
    "1.0",
    "1.50",
    "1.5",
    "-1.5",
    "10",
    "100",
    "0.1",
    "0.01",
    "3",
    "9.99",
    "1e2",
    "1E-2",
    "-2.5e1",
    "123456789012345678",
    "12345678901234567",
    "1234567890123456789",
    "0.12345678901234567",
    "99999999999999999999999",
    "0.000000000000000000001",
    "1.00000000000000000000",
    "5.0000000000000000001",
];

#[test]
fn limits_and_divisors_agree_with_exact_arithmetic_for_short_and_long_numbers() {
    for limit in NUMBERS {
        let limit_value: serde_json::Value = serde_json::from_str(limit).unwrap();
        let written = limit_value.to_string();
        let mut at_least = NumberRule::default();
        at_least.add("minimum", &limit_value).unwrap();
        let mut below = NumberRule::default();
        below.add("exclusiveMaximum", &limit_value).unwrap();
        let mut divided = NumberRule::default();
        divided.add("multipleOf", &limit_value).unwrap();
        for number in NUMBERS {
            let order = Decimal::parse(number).compare(&Decimal::parse(&written));
            assert_eq!(at_least.holds(number), order.is_ge(), "{number} {limit}");
            assert_eq!(below.holds(number), order.is_lt(), "{number} {limit}");
            let divides = Decimal::parse(number).is_multiple_of(&Decimal::parse(&written));
            assert_eq!(divided.holds(number), divides == Some(true), "{number} {limit}");
        }
    }
}

#[test]
fn integers_are_those_of_exact_arithmetic() {
    let mut integers = NumberRule::default();
    integers.only_integers();
    for number in NUMBERS {
        assert_eq!(integers.holds(number), Decimal::parse(number).is_integer(), "{number}");
    }
}

#[test]
fn formats_of_numbers_bound_them() {
    for (format, within, beyond) in [
        ("int8", "-128", "128"),
        ("uint8", "255", "-1"),
        ("int32", "2147483647.0", "2147483648"),
        ("int64", "-9223372036854775808", "9223372036854775808"),
        ("uint64", "18446744073709551615", "18446744073709551616"),
        ("int32", "1e3", "1.5"),
        ("float", "3e38", "1e39"),
    ] {
        let mut rule = NumberRule::default();
        rule.add("numberFormat", &json!(format)).unwrap();
        assert!(rule.holds(within) && !rule.holds(beyond), "{format}");
    }
    assert!(NumberRule::default().add("numberFormat", &json!("decimal")).is_none());
    assert!(NumberRule::default().add("maxLength", &json!(1)).is_none());
}
