//! Faults of queries and bodies that are longer, deeper or more than a limit, apart from those that are malformed: what
//! is beyond was not read, and so no rule has seen it.

pub(crate) const ARGUMENTS: &str = "there are more arguments than the limit";
pub(crate) const LONG: &str = "the body is longer than the limit";
pub(crate) const LONG_WITHOUT_FILES: &str = "the body without its files is longer than the limit";
pub(crate) const JSON_DEEP: &str = "JSON: the nesting is deeper than the limit";
pub(crate) const JSON_MANY: &str = "JSON: there are more values than the limit";
pub(crate) const JSON_LONG: &str = "JSON: the document is longer than the limit";
pub(crate) const JSON_WORDS_LONG: &str = "JSON: the names and values together are longer than the limit";
pub(crate) const PARTS: &str = "Multipart: there are more parts than the limit";
pub(crate) const FILES: &str = "Multipart: there are more files than the limit";
pub(crate) const PART_HEADER_LONG: &str = "Multipart: the header of a part is longer than the limit";
pub(crate) const XML_ATTRIBUTES: &str = "XML: an element has more attributes than the limit";
pub(crate) const XML_NODES: &str = "XML: there are more nodes than the limit";
pub(crate) const XML_DEEP: &str = "XML: the nesting is deeper than the limit";

/// The fault, and the limit's name.
const LIMITS: [(&str, &str); 13] = [
    (ARGUMENTS, "arguments_max"),
    (LONG, "body_bytes_max"),
    (LONG_WITHOUT_FILES, "body_bytes_max"),
    (JSON_DEEP, "depth_max"),
    (JSON_MANY, "values_max"),
    (JSON_LONG, "body_bytes_max"),
    (JSON_WORDS_LONG, "decoded_bytes_max"),
    (PARTS, "parts_max"),
    (FILES, "files_max"),
    (PART_HEADER_LONG, "part_header_bytes_max"),
    (XML_ATTRIBUTES, "attributes_max"),
    (XML_NODES, "nodes_max"),
    (XML_DEEP, "depth_max"),
];

/// The name of the limit that a fault is about; `None`: it is another fault.
pub(crate) fn limit(fault: &str) -> Option<&'static str> {
    LIMITS.iter().find(|(known, _)| *known == fault).map(|(_, limit)| *limit)
}
