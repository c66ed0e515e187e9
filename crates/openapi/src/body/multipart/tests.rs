#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;
use serde_json::json;

use super::super::tests::{checked, operation};
use super::{Fault, PARTS_MAX, parse};

const FIELD: &str = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";

fn fault(text: &str) -> Option<Fault> {
    parse(&Bytes::from(text.to_owned()), "B").err()
}

#[test]
fn parts_are_split_at_the_boundary_alone() {
    let head =
        "Content-Disposition: form-data; name=f; filename=\"x.txt\"\r\nContent-Type: text/plain\r\nX-Y: z";
    let text = format!("{FIELD}--B\r\n{head}\r\n\r\nx--B\r\n-\r\n--Bx\n\r\n--B--\r\n");
    // `--Bx` at a line's start is a boundary line that is not well-formed.
    assert_eq!(fault(&text), Some(Fault::Delimiter));
    // A boundary line where the body begins is one to some readers only.
    assert_eq!(fault(&text.replace("x--B\r\n", "--B\r\n")), Some(Fault::Header));
    let text = text.replace("\r\n--Bx\n", "\n--Bx\n");
    let parts = parse(&Bytes::from(text), "B").unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!((parts[0].name.as_str(), parts[0].body.as_ref()), ("a", b"1".as_slice()));
    assert_eq!(parts[1].filename.as_deref(), Some("x.txt"));
    assert_eq!(parts[1].content_type.as_ref().unwrap().essence, "text/plain");
    assert_eq!(parts[1].headers, ["content-disposition", "content-type", "x-y"]);
    assert_eq!(parts[1].body.as_ref(), b"x--B\r\n-\n--Bx\n");
}

#[test]
fn what_readers_understand_differently_is_refused() {
    let part = |head: &str| format!("--B\r\n{head}\r\n\r\nx\r\n--B--");
    let disposition = |rest: &str| part(&format!("Content-Disposition: form-data; {rest}"));
    let many = FIELD.repeat(PARTS_MAX + 1) + "--B--";
    let long = format!("name=\"{}\"", "n".repeat(257));
    let header = |line: &str| part(&format!("Content-Disposition: form-data; name=a\r\n{line}"));
    for (text, expected) in [
        (String::new(), Fault::Preamble),
        (format!("hello\r\n{FIELD}--B--"), Fault::Preamble),
        (format!("\r\n{FIELD}--B--"), Fault::Preamble),
        (FIELD.to_owned(), Fault::Unclosed),
        ("--B".to_owned(), Fault::Unclosed),
        (format!("{FIELD}--B-"), Fault::Delimiter),
        (format!("{FIELD}--B--\r\nmore"), Fault::Epilogue),
        (format!("{FIELD}--B-- "), Fault::Epilogue),
        (FIELD.replace("--B\r\n", "--B \r\n") + "--B--", Fault::Delimiter),
        (FIELD.replace("--B\r\n", "--B\n") + "--B--", Fault::Delimiter),
        (FIELD.replace("\r\n\r\n", "\n\n") + "--B--", Fault::Header),
        (many, Fault::Parts),
        (disposition("name=\"\""), Fault::Name),
        (disposition("filename=\"f\""), Fault::Name),
        (disposition(&long), Fault::Name),
        (disposition("name=a; name=b"), Fault::Disposition),
        (disposition("name=a; filename*=utf-8''f"), Fault::Disposition),
        (disposition("name=\"a"), Fault::Disposition),
        (disposition("name=a b"), Fault::Disposition),
        (disposition("name=a; filename=\"../f\""), Fault::Filename),
        (disposition("name=a; filename=\"..\""), Fault::Filename),
        (disposition("name=a; filename=\"c:f\""), Fault::Filename),
        (disposition("name=a; filename=\"a\\\\b\""), Fault::Disposition),
        (disposition("name=a; filename=\"a\\\".exe\""), Fault::Disposition),
        (disposition("name=\"a\\b\""), Fault::Disposition),
        (disposition("name=\"a\\\"; name=\"b\""), Fault::Disposition),
        (header("Content-Type: text/plain; charset*=utf-16"), Fault::Media),
        (disposition("name=a; filename=\"f\u{202E}gpj.exe\""), Fault::Filename),
        (part("Content-Disposition: attachment; name=a"), Fault::Disposition),
        (part("X: y"), Fault::Disposition),
        (header("Content-Disposition: form-data; name=b"), Fault::HeaderTwice),
        (header("Content-Type: text/plain\r\ncontent-type: a/b"), Fault::HeaderTwice),
        (header("Content-Type: text"), Fault::Media),
        (header("Content-Type: multipart/mixed; boundary=C"), Fault::Nested),
        (disposition("name=_charset_"), Fault::Charset),
        (header("Content-Transfer-Encoding: base64"), Fault::TransferEncoding),
        (header(" folded"), Fault::Header),
        (header("X : y"), Fault::Header),
        (header("X: a\rb"), Fault::Header),
        (header(&format!("X: {}", "y".repeat(5_000))), Fault::Head),
        (header(&(0..9).map(|n| format!("X{n}: y")).collect::<Vec<_>>().join("\r\n")), Fault::Head),
    ] {
        assert_eq!(fault(&text), Some(expected), "{text}");
    }
    assert_eq!(fault(&header("Content-Transfer-Encoding: binary")), None);
    assert_eq!(fault("--B--\r\n"), None);
}

#[test]
fn each_part_is_checked_as_its_property() {
    let schema = json!({ "type": "object", "required": ["a"], "additionalProperties": false, "properties": {
        "a": { "type": "integer" },
        "meta": { "type": "object", "required": ["k"], "properties": { "k": { "type": "string" } } },
        "file": { "type": "string", "format": "binary", "maxLength": 4 },
        "files": { "type": "array", "items": { "type": "string" }, "maxItems": 2 }
    } });
    let content = json!({ "multipart/form-data": { "schema": schema, "encoding": {
        "file": { "contentType": "image/png, image/*", "headers": { "X-Sum": { "required": true, "schema": { "type": "string" } } } }
    } } });
    let operation = operation("3.0.3", &content);
    let part = |name: &str, head: &str, body: &str| {
        format!("--B\r\nContent-Disposition: form-data; name={name}{head}\r\n\r\n{body}\r\n")
    };
    let image = "; filename=a.png\r\nX-Sum: 1\r\nContent-Type: image/png";
    for (parts, told) in [
        (part("a", "", "1"), ""),
        (part("a", "", "x"), "/a type"),
        (part("a", "", "1") + &part("a", "", "2"), "/a type"),
        (part("b", "", "1"), "/b additionalProperties\n required"),
        (part("a", "", "1") + &part("meta", "", "{\"k\":\"v\"}"), ""),
        (
            part("a", "", "1") + &part("meta", "\r\nContent-Type: application/json", "{\"k\":1}"),
            "/meta/k type",
        ),
        (
            part("a", "", "1") + &part("meta", "\r\nContent-Type: application/json", "{k}"),
            "/meta contentType",
        ),
        (
            part("a", "", "1") + &part("meta", "\r\nContent-Type: application/json", "{\"k\":\"v\",\"k\":1}"),
            "/meta contentType",
        ),
        (part("a", "", "1") + &part("file", image, "abcd"), ""),
        (part("a", "", "1") + &part("file", image, "abcde"), "/file maxLength"),
        (
            part("a", "", "1")
                + &part("file", "; filename=a.exe\r\nX-Sum: 1\r\nContent-Type: application/x-dos", "a"),
            "/file contentType",
        ),
        (
            part("a", "", "1") + &part("file", "; filename=a.png\r\nContent-Type: image/png", "a"),
            "/file headers",
        ),
        (
            part("a", "", "1") + &part("files", "", "x\0y"),
            "malformed: a part that is text has a NUL character",
        ),
        (part("a", "", "1") + &part("files", "", "x") + &part("files", "", "y"), ""),
        (part("a", "", "1") + &part("files", "", "x").repeat(3), "/files maxItems"),
        (part("a", "\r\nContent-Type: text/plain; charset=utf-7", "1"), "/a contentType"),
        (
            part("a", "", "1")
                + &part("meta", "\r\nContent-Type: application/json; charset=utf-16", "{\"k\":\"v\"}"),
            "/meta contentType",
        ),
        (
            part("a", "", "1")
                + &part("meta", "\r\nContent-Type: application/json; charset=utf-8", "{\"k\":\"v\"}"),
            "",
        ),
    ] {
        let body = parts + "--B--\r\n";
        assert_eq!(checked(&operation, "multipart/form-data; boundary=B", body.as_bytes()), told, "{body}");
    }
    let mut octets = part("a", "", "1") + &part("file", image, "");
    octets.truncate(octets.len() - 2);
    let octets = [octets.as_bytes(), &[0xff, 0xfe, 0, 1], b"\r\n--B--"].concat();
    assert_eq!(checked(&operation, "multipart/form-data; boundary=B", &octets), "");
    assert_eq!(
        checked(&operation, "multipart/form-data", b"--B--"),
        "malformed: the boundary is missing or not well-formed"
    );
}

/// Every mutation of a good body is read or refused, and what is read is never more than was sent.
#[test]
fn mutated_bodies_are_read_or_refused() {
    let good = format!("{FIELD}--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\nContent-Type: a/b\r\n\r\nbody\r\n--B--\r\n").into_bytes();
    let mut faults = std::collections::BTreeSet::new();
    for at in 0..good.len() {
        for byte in [b'\r', b'\n', b'-', b'"', b'\\', b';', b':', 0, 0xff] {
            let mut bytes = good.clone();
            bytes[at] = byte;
            let mut longer = good.clone();
            longer.insert(at, byte);
            for bytes in [bytes, longer, good[..at].to_vec()] {
                let length = bytes.len();
                match parse(&Bytes::from(bytes), "B") {
                    Ok(parts) => assert!(parts.iter().map(|part| part.body.len()).sum::<usize>() < length),
                    Err(fault) => drop(faults.insert(fault.to_string())),
                }
            }
        }
    }
    assert!(faults.len() >= 8, "{faults:?}");
}
