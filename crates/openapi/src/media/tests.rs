#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{ContentType, MediaKind};

#[test]
fn a_content_type_is_read_whole_or_not_at_all() {
    for (text, read) in [
        ("application/json", Some("application/json")),
        ("Application/JSON ; Charset=\"UTF-8\"", Some("application/json charset=UTF-8")),
        ("text/plain;charset=utf-8; format=flowed", Some("text/plain charset=utf-8 format=flowed")),
        ("multipart/form-data; boundary=\"a b\"", Some("multipart/form-data boundary=a b")),
        ("application/json;", Some("application/json")),
        ("application/json, text/plain", None),
        ("application/json; charset=utf-8; charset=utf-7", None),
        ("application/json; charset", None),
        ("application/json; charset=\"utf-8", None),
        ("application/json; charset=\"utf-8\"x", None),
        ("application", None),
        ("application/json/x", None),
        ("/json", None),
        ("", None),
        ("a/b; c=d e", None),
        // Where readers take different values, there is none.
        ("multipart/form-data; boundary=BB; boundary*=utf-8''CC", None),
        ("multipart/form-data; boundary=BB; boundary*0=CC", None),
        ("multipart/form-data; boundary*0*=CC", None),
        ("application/json; charset*=utf-16", None),
        ("multipart/form-data; boundary=\"B\\B\"", None),
        ("multipart/form-data; boundary=\"\\\"B\"", None),
        ("multipart/form-data; x=\"; boundary=CC\"; boundary=BB", None),
    ] {
        let found = ContentType::parse(text).map(|found| {
            let parameters = found.parameters.iter().map(|(name, value)| format!(" {name}={value}"));
            format!("{}{}", found.essence, parameters.collect::<String>())
        });
        assert_eq!(found.as_deref(), read, "{text}");
    }
}

#[test]
fn the_kind_decides_how_a_body_is_read() {
    for (text, kind) in [
        ("application/json", MediaKind::Json),
        ("application/problem+json", MediaKind::Json),
        ("application/vnd.github.v3+json", MediaKind::Json),
        ("application/x-www-form-urlencoded", MediaKind::Form),
        ("multipart/form-data; boundary=x", MediaKind::Multipart),
        ("multipart/mixed; boundary=x", MediaKind::Opaque),
        ("text/plain", MediaKind::Text),
        ("text/csv", MediaKind::Text),
        ("text/xml", MediaKind::Opaque),
        ("image/svg+xml", MediaKind::Opaque),
        ("application/octet-stream", MediaKind::Opaque),
    ] {
        assert_eq!(ContentType::parse(text).unwrap().kind(), kind, "{text}");
    }
}

#[test]
fn exact_types_fit_better_than_ranges() {
    let sent = ContentType::parse("application/json; version=2").unwrap();
    let fits: Vec<Option<usize>> = [
        "application/json; version=2",
        "application/json",
        "application/json; charset=utf-8",
        "application/*",
        "*/*",
        "*",
        "application/json; version=1",
        "text/*",
        "nonsense",
    ]
    .into_iter()
    .map(|range| sent.fit(range))
    .collect();
    let expected = [Some(2001), Some(2000), Some(2000), Some(1000), Some(0), Some(0), None, None, None];
    assert_eq!(fits, expected);
}
