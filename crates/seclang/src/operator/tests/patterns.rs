//! Expressions of PCRE, in the notation of the crate `regex`.

use super::super::pattern::translate;

#[track_caller]
fn check(pattern: &str, expected: &str) {
    assert_eq!(translate(pattern.as_bytes()).unwrap(), expected, "{pattern}");
}

#[test]
fn what_both_write_alike_stays() {
    for pattern in ["(?i)a|b+?c{2,}d{1,3}?e{4}", r"^\bfoo\B.(?:x)*$", "(?i:a)(?-s:.)", r"\d\D\w\W\s\S\A\z"] {
        check(pattern, pattern);
    }
}

#[test]
fn bytes_are_written_by_number() {
    check(r"\x{41}\x4\x", r"\x41\x04\x00");
    check(r"\0\012\e\cA", r"\x00\x0A\x1B\x01");
    check("é", r"\xC3\xA9");
    check(r"\/\<\>\#\ ", r"\x2F\x3C\x3E\x23\x20");
    check(r"\Qa.b\Ec", r"\x61\x2E\x62c");
}

#[test]
fn braces_that_count_nothing_are_characters() {
    check("${x}{,3}a{}", r"$\{x\}\{,3\}a\{\}");
    check("]", r"\]");
}

#[test]
fn sets_are_worked_out() {
    check("[]a-c]", r"[\x5D\x61-\x63]");
    check("[^]]", r"[^\x5D]");
    check("[a&&b]", r"[\x26\x61-\x62]");
    check("[a[b]", r"[\x5B\x61-\x62]");
    check(r"[\w-.]", r"[\x2D-\x2E\x30-\x39\x41-\x5A\x5F\x61-\x7A]");
    check("[+--]", r"[\x2B-\x2D]");
    check("[[:digit:]x]", r"[\x30-\x39\x78]");
    check("[[:^ascii:]]", r"[\x80-\xFF]");
    check(r"[\b\h]", r"[\x08-\x09\x20\xA0]");
    check(r"[\x{80}-\xff]", r"[\x80-\xFF]");
    check("[é]", r"[\xA9\xC3]");
}

#[test]
fn comments_and_names_are_of_the_other_notation() {
    check("a(?#comment)b", "ab");
    check("(?<n>a)(?'m'b)(?P<k>c)", "(?P<n>a)(?P<m>b)(?P<k>c)");
}

#[test]
fn line_ends_of_all_kinds_have_their_escapes() {
    check(r"\v\V", r"[\x0A-\x0D\x85][\x00-\x09\x0E-\x84\x86-\xFF]");
    check(r"\R\N", r"(?:\r\n|[\n-\r\x85])[^\n]");
}
