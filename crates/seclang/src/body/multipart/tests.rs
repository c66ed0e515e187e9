#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::request::{Header, Request};

struct Seen {
    body: Body,
    fault: Option<&'static str>,
}

impl Seen {
    fn flags(&self) -> &Flags {
        &self.body.multipart.as_ref().unwrap().flags
    }

    fn arguments(&self) -> Vec<String> {
        shown(&self.body.arguments)
    }

    fn file_names(&self) -> Vec<String> {
        shown(&self.body.multipart.as_ref().unwrap().file_names)
    }

    fn headers(&self) -> Vec<String> {
        shown(&self.body.multipart.as_ref().unwrap().headers)
    }
}

fn shown(pairs: &Pairs) -> Vec<String> {
    pairs
        .iter()
        .map(|(name, value)| format!("{}={}", String::from_utf8_lossy(name), String::from_utf8_lossy(value)))
        .collect()
}

fn read_as(content_type: &str, text: &str, settings: BodySettings) -> Seen {
    let headers = vec![Header::new("Content-Type", content_type.to_owned())];
    let input = Input::new(Request { headers, ..Request::default() }, &settings);
    let mut body = Body { raw: text.replace('\n', "\r\n").into(), ..Body::default() };
    let fault = read_body(&mut body, &input).err();
    Seen { body, fault }
}

fn read(text: &str) -> Seen {
    read_as("multipart/form-data; boundary=b", text, BodySettings::default())
}

fn part(disposition: &str) -> Seen {
    read(&format!("--b\nContent-Disposition: {disposition}\n\nv\n--b--\n"))
}

#[test]
fn reads_fields_and_files() {
    let seen = read(
        "--b\nContent-Disposition: form-data; name=\"x\"\n\n1\n2\n--b\nContent-Disposition: form-data; \
         name=\"f\"; filename=\"a\\\"b.txt\"\nContent-Type: text/plain\n\n--file\n\n--b--",
    );
    assert_eq!(seen.fault, None);
    assert!(!seen.flags().strict());
    assert_eq!(seen.arguments(), ["x=1\r\n2"]);
    assert_eq!(seen.file_names(), ["f=a\"b.txt"]);
    let file = &seen.body.multipart.as_ref().unwrap().files[0];
    assert_eq!((&*file.field, &*file.content), (b"f".as_slice(), b"--file\r\n".as_slice()));
    assert_eq!(
        seen.headers(),
        [
            "x=Content-Disposition: form-data; name=\"x\"",
            "f=Content-Disposition: form-data; name=\"f\"; filename=\"a\\\"b.txt\"",
            "f=Content-Type: text/plain"
        ]
    );
}

#[test]
fn reads_names_in_charsets() {
    let seen = part("form-data; name=f; filename=\"a.txt\"; filename*=UTF-8''%e2%82%ac.php");
    assert_eq!(seen.file_names(), ["f=a.txt", "f=\u{20ac}.php"]);
    assert_eq!(seen.fault, None);
    for bad in ["filename*=UTF-8'%41", "filename*=utf-7''a", "filename*=UTF-8''%4", "name*=UTF-8''x"] {
        assert!(part(&format!("form-data; name=f; {bad}")).fault.is_some(), "{bad}");
    }
}

#[test]
fn tells_departures_from_the_form() {
    assert!(read("junk\n--b--\n").flags().data_before);
    assert!(read("--b--\njunk").flags().data_after);
    assert!(part("form-data; name=\"a\" filename=x").flags().missing_semicolon);
    assert!(part("form-data; name='a'").flags().invalid_quoting);
    assert!(part("form-data; name=\"a").flags().invalid_quoting);
    assert!(!part("form-data; name=\"it's\"").flags().invalid_quoting);
    assert!(part("form-data;\n name=a").flags().header_folding);
    assert!(part("form-data;\n\u{b}name=a").flags().invalid_header_folding);
    assert!(part("attachment; name=a").flags().invalid_part);
    assert!(part("form-data").flags().invalid_part);
    let mixed = read("--b\nContent-Disposition: form-data; name=a\n\nv\n--b--\n");
    assert!(mixed.flags().crlf_line && !mixed.flags().lf_line);
    let quoted = read_as("multipart/form-data; boundary=\"b\"", "--b--", BodySettings::default());
    assert!(quoted.flags().boundary_quoted);
    let spaced = read_as("multipart/form-data; boundary= b", "--b--", BodySettings::default());
    assert!(spaced.flags().boundary_whitespace);
    assert!(read("--b \n").flags().boundary_whitespace);
}

#[test]
fn tells_lines_that_resemble_a_boundary() {
    let unmatched = |line: &str| {
        let seen = read(&format!("--b\nContent-Disposition: form-data; name=a\n\n{line}\n--b--\n"));
        String::from_utf8(seen.flags().unmatched_boundary.as_bytes().to_vec()).unwrap()
    };
    assert_eq!(unmatched("text"), "0");
    assert_eq!(unmatched("-----BEGIN CERTIFICATE-----"), "2");
    assert_eq!(unmatched("--B"), "1");
    assert_eq!(unmatched("-- b"), "1");
    assert_eq!(unmatched("--\"b\""), "1");
}

#[test]
fn refuses_what_two_readers_could_understand_in_two_ways() {
    for text in [
        "--b\nContent-Disposition: form-data; name=a\n\nv\n",
        "--b\nContent-Disposition: form-data; name=a\n\nv\n--bx\n--b--",
        "--b\nContent-Disposition: form-data; name=a\n\nv\n --b\n--b--",
        "--b\nContent-Disposition: form-data; name=a\nContent-Disposition: form-data; name=b\n\nv\n--b--",
        "--b\nContent-Disposition: form-data; name=a; name=b\n\nv\n--b--",
        "--b\nContent-Disposition: form-data; name=a; filename=x; filename=y\n\nv\n--b--",
        "--b\nContent-\u{e}Disposition: form-data; name=a\n\nv\n--b--",
        "--b\nno colon\n\nv\n--b--",
        "--b\n\nv\n--b--",
        "--b\n--b--",
        "--b--\n--b\n",
        "nothing",
    ] {
        assert!(read(text).fault.is_some(), "{text}");
    }
    for content_type in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=\"b",
        "multipart/form-data; boundary=b\u{7f}",
    ] {
        assert!(read_as(content_type, "--b--", BodySettings::default()).fault.is_some(), "{content_type}");
    }
}

#[test]
fn keeps_to_its_limits() {
    let one = "--b\nContent-Disposition: form-data; name=a\n\nv\n";
    let file = "--b\nContent-Disposition: form-data; name=a; filename=f\n\nv\n";
    let settings = |change: fn(&mut BodySettings)| {
        let mut settings = BodySettings::default();
        change(&mut settings);
        settings
    };
    let content_type = "multipart/form-data; boundary=b";
    let many = |part: &str, settings| read_as(content_type, &format!("{}--b--", part.repeat(3)), settings);
    assert_eq!(many(one, settings(|s| s.arguments_max = 3)).fault, None);
    assert!(many(one, settings(|s| s.arguments_max = 2)).fault.is_some());
    assert!(many(one, settings(|s| s.parts_max = 2)).fault.is_some());
    assert_eq!(many(file, settings(|s| s.files_max = 3)).fault, None);
    assert!(many(file, settings(|s| s.files_max = 2)).flags().file_limit_exceeded);
    let long = format!("--b\nX: {}\n\nv\n--b--", "x".repeat(5_000));
    assert_eq!(read(&long).fault, Some("Multipart: the header of a part is longer than the limit"));
}

#[test]
fn a_part_that_servers_may_take_for_a_field_is_an_argument_too() {
    for (disposition, arguments) in [
        ("form-data; name=q; filename=\"\"", 1),
        ("form-data; name=q; filename*=UTF-8''a.txt", 1),
        ("form-data; name=q; filename=\"\"; filename*=UTF-8''a.txt", 1),
        ("form-data; name=q; filename=a.txt", 0),
    ] {
        let seen = part(disposition);
        assert_eq!(seen.fault, None, "{disposition}");
        assert_eq!(seen.arguments(), vec!["q=v"; arguments], "{disposition}");
        assert_eq!(seen.body.multipart.as_ref().unwrap().files.len(), 1, "{disposition}");
    }
}

#[test]
fn a_fault_of_a_limit_goes_before_others_and_stays() {
    let one = BodySettings { parts_max: 1, ..BodySettings::default() };
    let malformed = "--b\nContent-Disposition: form-data; name=a; name=b\n\nv\n";
    let parts = format!("{malformed}{malformed}--b--\n--b\n");
    let kind = "multipart/form-data; boundary=b";
    assert_eq!(read_as(kind, &parts, one.clone()).fault, Some(crate::body::beyond::PARTS));
    let headers =
        vec![Header::new("Content-Type", kind.to_owned()), Header::new("Content-Type", "a/b".to_owned())];
    let input = Input::new(Request { headers, ..Request::default() }, &one);
    let mut body = Body { raw: parts.replace('\n', "\r\n").into(), ..Body::default() };
    assert_eq!(read_body(&mut body, &input), Err(crate::body::beyond::PARTS));
}
