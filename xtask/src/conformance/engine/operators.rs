//! Operators beside Debian's libmodsecurity: the same rules over the same values in both engines. What differs and is meant
//! to stands in `known`.

mod known;

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use seclang::input::Input;
use seclang::request::{Header, Request};
use seclang::{Files, Limits, Phase, Source, Transaction};

use super::library::{self, Judged, Library, corpus};
use super::rules::Data;
use crate::conformance::Arguments;

/// How many values at least, unless told.
const VALUES: usize = 20_000;

/// Operators with arguments. Expressions are of the kind that both pattern engines read alike.
const OPERATORS: &[&str] = &[
    "@beginsWith ab",
    "@beginsWith %2",
    "@contains union",
    "@contains .",
    "@containsWord a",
    "@containsWord or",
    "@endsWith a",
    "@endsWith =",
    "@streq a",
    "@streq 7",
    "@strmatch /a",
    "@within abcdefg0123456789 GET POST",
    "@pm select union ../ a9 \\x",
    "@pm A",
    "!@pm a e i o u",
    "@eq 7",
    "!@eq 0",
    "@ge 10",
    "@gt 0",
    "@le -1",
    "@lt 100",
    "@rx ^[a-z]+$",
    "@rx (?i)union\\s+select",
    "@rx a.b",
    "@rx ^.$",
    "@rx (?:\\x00|%00)",
    "!@rx ^[\\x20-\\x7e]*$",
    "@rx \\d+(?:\\.\\d+){3}",
    "@rx [^a-zA-Z0-9]{4}",
    "@rx \\W\\b\\w",
    "@validateByteRange 32-126",
    "@validateByteRange 1-255",
    "@validateByteRange 9,10,13,32-126,128-255",
    "@validateUrlEncoding",
    "@validateUtf8Encoding",
    "@ipMatch 127.0.0.1,10.0.0.0/8,2001:db8::/32,::1",
    "@detectSQLi",
    "@detectXSS",
    "@verifyCC (?:\\d[ -]?){13,16}",
    "@verifyCPF \\d{3}\\.?\\d{3}\\.?\\d{3}-?\\d{2}",
    "@verifySSN \\d{3}-?\\d{2}-?\\d{4}",
    "@verifySVNR \\d{4} ?\\d{6}",
    "@noMatch",
    "@unconditionalMatch",
];

/// Values that some operator is about.
const VALUES_OF_OPERATORS: &[&str] = &[
    "7",
    " 7",
    "7 ",
    "+7",
    "-7",
    "07",
    "0x7",
    "7a",
    "a7",
    "7.9",
    "10",
    "9",
    "100",
    "-1",
    "-2",
    "0",
    "-0",
    "2147483647",
    "2147483648",
    "4294967303",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999",
    "-99999999999999999999",
    "127.0.0.1",
    "10.1.2.3",
    "11.0.0.1",
    "10.0.0.0",
    "10.255.255.255",
    " 127.0.0.1",
    "127.0.0.1 ",
    "127.1",
    "010.0.0.1",
    "::1",
    "2001:db8::7",
    "2001:DB8:0:0::1",
    "2001:db9::1",
    "::ffff:127.0.0.1",
    "[::1]",
    "1.2.3.4.5",
    "256.1.1.1",
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111111111111112",
    "5500-0000-0000-0004",
    "340000000000009",
    "my card is 4111111111111111.",
    "529.982.247-25",
    "52998224725",
    "111.111.111-11",
    "123-45-6789",
    "078-05-1120",
    "219-09-9999",
    "000-12-3456",
    "666-12-3456",
    "900-12-3456",
    "123-00-4567",
    "1237 010180",
    "1238010180",
    "or",
    "or 1",
    "for",
    "xor",
    "1 or 2",
    "or_",
    "1or",
    "OR",
    "union select",
    "UNION\tSELECT 1",
    "union/**/select",
    "1' or '1'='1",
    "1 union select name from users--",
    "' or 1=1#",
    "it's fine",
    "a and b",
    "1;drop table x",
    "<script>alert(1)</script>",
    "<img src=x onerror=a>",
    "javascript:alert(1)",
    "a < b",
    "<b>bold</b>",
    "onload=x",
    "a\nb",
    "a\r\nb",
    "ab",
    "abc",
    "a",
    "GET",
    "POST GET",
    "select",
    "SeLeCt",
    "../",
    "..\\",
];

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str, _: &str) -> Result<Vec<u8>, String> {
        Err("no file belongs to these rules".to_owned())
    }
}

pub fn run(data: &Data, arguments: &Arguments) -> Result<(), String> {
    let Some(library) = Library::build()? else { return Ok(()) };
    let chosen: Vec<_> = OPERATORS
        .iter()
        .copied()
        .filter(|operator| arguments.filter.as_deref().is_none_or(|text| operator.contains(text)))
        .collect();
    let mut text = "SecRuleEngine On\n".to_owned();
    for (id, operator) in (1..).zip(&chosen) {
        let _ =
            writeln!(text, "SecRule REQUEST_HEADERS:x \"{operator}\" \"id:{id},phase:1,pass,log,t:none\"");
    }
    let rules = seclang::compile(&[Source { name: "operators.conf", text: &text }], &NoFiles);
    let rules = Arc::new(rules.map_err(|findings| format!("{findings:?}"))?);
    let mut values: Vec<Vec<u8>> =
        VALUES_OF_OPERATORS.iter().map(|value| value.as_bytes().to_vec()).collect();
    values.extend(corpus::values(data, arguments.values.unwrap_or(VALUES))?);
    let theirs = library.run(&text, &values)?;
    let mut judged: Vec<_> = chosen.iter().map(|name| ((*name).to_owned(), Judged::default())).collect();
    for (value, theirs) in values.iter().zip(theirs) {
        let mut transaction = Transaction::new(Arc::clone(&rules), Limits::default());
        let request = Request {
            line: Bytes::from_static(b"GET / HTTP/1.1"),
            headers: vec![Header::new("x", value.clone())],
            ..Request::default()
        };
        let input = Input::new(request, &rules.settings().body);
        let _ = transaction.run(Phase::RequestHeaders, &input);
        for (id, (name, judged)) in (1_usize..).zip(&mut judged) {
            let ours = transaction.matches().iter().any(|found| found.rule_id == id as u64);
            let theirs = theirs.iter().any(|(found, _)| *found == id);
            judged.values += 1;
            judged.touched += usize::from(ours);
            if ours != theirs {
                let [told_ours, told_theirs] =
                    [ours, theirs].map(|matched| if matched { "matches" } else { "-" });
                let reason = known::reason(name, value, ours);
                judged.differs(value, told_ours.as_bytes(), told_theirs.as_bytes(), reason);
            }
        }
    }
    library::report(&judged, arguments.json)
}
