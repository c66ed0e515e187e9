#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;

fn document(text: &str) -> Result<Document, &'static str> {
    let mut body = Body { raw: text.to_owned().into(), ..Body::default() };
    read_body(&mut body, &Input::default())?;
    Ok(body.xml.unwrap())
}

fn values(document: &Document, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let path = XPath::parse(path).unwrap();
    document.each(&path, &mut |key, value| {
        found.push(format!("{}={}", String::from_utf8_lossy(key), String::from_utf8_lossy(value)));
    });
    found
}

const ORDER: &str = "<?xml version='1.0'?><!-- c --><o:order xmlns:o='urn:o' id='7'>a<item n='1'>b<![CDATA[<x>]]></item>\
                     <item n='2&lt;'>c<part>d</part></item>&#101;</o:order>";

#[test]
fn gives_all_text_and_all_attributes() {
    let order = document(ORDER).unwrap();
    assert_eq!(values(&order, "/*"), ["/*=ab<x>cde"]);
    assert_eq!(values(&order, "//@*"), ["//@*=7", "//@*=1", "//@*=2<"]);
}

#[test]
fn follows_paths() {
    let order = document(ORDER).unwrap();
    assert_eq!(values(&order, "/o:order/item"), ["item=b<x>", "item=cd"]);
    assert_eq!(values(&order, "//part"), ["part=d"]);
    assert_eq!(values(&order, "//item/@n"), ["n=1", "n=2<"]);
    assert_eq!(values(&order, "/order/@*"), ["id=7"]);
    assert_eq!(values(&order, "/order/text()"), ["order=a", "order=e"]);
    assert_eq!(values(&order, "//item//text()"), ["item=b<x>", "item=c", "part=d"]);
    assert!(values(&order, "/item").is_empty());
}

#[test]
fn refuses_what_could_expand_or_load() {
    for (text, fault) in [
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "XML: a document type is not accepted"),
        (
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd' [<!ENTITY x SYSTEM 'file:///x'>]><a/>",
            "XML: a document type is not accepted",
        ),
        ("<a>&b;</a>", "XML: an entity is not known"),
        ("<a b='1' b='2'/>", "XML: an attribute is repeated"),
        ("<a>", "XML: the document is not well-formed"),
        ("<a></b>", "XML: the document is not well-formed"),
        ("", "XML: the document is not well-formed"),
    ] {
        assert_eq!(document(text).err(), Some(fault), "{text}");
    }
}

#[test]
fn limits_depth_and_nodes() {
    let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(document(&deep(512)).is_ok());
    assert_eq!(document(&deep(513)).err(), Some("XML: the nesting is deeper than the limit"));
    assert!(document(&deep(40_000)).is_err());
    let wide = format!("<a>{}</a>", "<b/>".repeat(100_001));
    assert_eq!(document(&wide).err(), Some("XML: there are more nodes than the limit"));
    let many =
        |count: usize| format!("<a {}/>", (0..count).map(|n| format!("b{n}='>=' ")).collect::<String>());
    assert!(document(&many(500)).is_ok());
    assert_eq!(document(&many(501)).err(), Some("XML: an element has more attributes than the limit"));
    // Few enough in each, and too many to compare in all.
    let elements = |count: usize| format!("<r>{}</r>", many(400).repeat(count));
    assert!(document(&elements(20)).is_ok());
    assert_eq!(document(&elements(30)).err(), Some("XML: an element has more attributes than the limit"));
}
