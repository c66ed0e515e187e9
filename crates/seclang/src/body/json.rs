//! JSON bodies as arguments: one for every value, named by its path.

use tape::{Limits, View};

use super::Body;
use crate::input::{Input, JsonNames, Pairs};

/// The values of a document beyond which it is not read; the limit of arguments is met long before.
const VALUES_MAX: u32 = 1_000_000;

/// What every name begins with.
const ROOT: &[u8] = b"json";

/// A container whose values are being listed.
enum Open<'t> {
    Array(tape::Items<'t>, usize),
    Object(tape::Members<'t>),
}

pub(super) fn read_body(body: &mut Body, input: &Input) -> Result<(), &'static str> {
    let settings = &input.settings;
    let limits = Limits {
        depth_max: settings.depth_max,
        values_max: VALUES_MAX,
        members_max: VALUES_MAX,
        bytes_max: settings.body_bytes_max,
    };
    // A reader may pass over a byte order mark (RFC 8259, section 8.1), and those behind us do.
    let start = if body.raw.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let tape = tape::json::parse(body.raw.slice(start..), &limits).map_err(|fault| words(fault.kind))?;
    // Room for names that are not nested.
    let pairs = tape.len().min(settings.arguments_max);
    let bytes = body.raw.len() + pairs * ROOT.len();
    body.arguments.reserve(pairs, bytes.min(settings.decoded_bytes_max));
    let mut list = List {
        path: ROOT.to_vec(),
        names: settings.json_names,
        left: settings.arguments_max.saturating_sub(input.query.len()),
        bytes_max: settings.decoded_bytes_max,
        pairs: &mut body.arguments,
        bare_names: &mut body.bare_names,
    };
    list.document(tape.root())
}

/// What the reader says, in words without content.
fn words(kind: tape::FaultKind) -> &'static str {
    use tape::FaultKind;
    match kind {
        FaultKind::Incomplete => "JSON: the document ends too early",
        FaultKind::DuplicateMember => "JSON: a member name is repeated",
        FaultKind::DepthMax => crate::body::beyond::JSON_DEEP,
        FaultKind::ValuesMax | FaultKind::MembersMax => crate::body::beyond::JSON_MANY,
        FaultKind::BytesMax => crate::body::beyond::JSON_LONG,
        FaultKind::Utf8 => "JSON: the text is not UTF-8",
        FaultKind::Surrogate => "JSON: an escape is half of a surrogate pair",
        FaultKind::Number => "JSON: a number is not representable",
        FaultKind::Trailing => "JSON: something follows the document",
        _ => "JSON: the syntax is not valid",
    }
}

struct List<'p> {
    path: Vec<u8>,
    names: JsonNames,
    /// Arguments that may still be added.
    left: usize,
    bytes_max: usize,
    pairs: &'p mut Pairs,
    bare_names: &'p mut Pairs,
}

impl List<'_> {
    /// Without recursion: the stack holds what is open and how long the path was before it.
    fn document(&mut self, root: tape::Node<'_>) -> Result<(), &'static str> {
        let mut open = Vec::new();
        if let Some(first) = self.value(root, true)? {
            open.push((first, self.path.len()));
        }
        while let Some((container, length)) = open.last_mut() {
            self.path.truncate(*length);
            let named = matches!(container, Open::Object(_));
            let next = match container {
                Open::Array(items, index) => {
                    self.index(*index);
                    *index += 1;
                    items.next()
                }
                Open::Object(members) => members.next().map(|member| {
                    self.path.push(b'.');
                    let key = if member.key.is_empty() { "empty-key" } else { member.key };
                    self.path.extend_from_slice(key.as_bytes());
                    member.value
                }),
            };
            match next {
                Some(value) => {
                    if let Some(inner) = self.value(value, false)? {
                        // In front of an index a name would not be seen as a name: patterns look at its end.
                        if named {
                            self.bare_names.push(&self.path, b"");
                            self.room()?;
                        }
                        open.push((inner, self.path.len()));
                    }
                }
                None => {
                    open.pop();
                }
            }
        }
        Ok(())
    }

    fn index(&mut self, index: usize) {
        self.path.extend_from_slice(match self.names {
            JsonNames::Marked => b".array_",
            JsonNames::Plain => b".",
        });
        self.path.extend_from_slice(index.to_string().as_bytes());
    }

    /// Adds a scalar, or returns the container to go into. An empty one is an argument too, for its name's sake.
    fn value<'t>(&mut self, node: tape::Node<'t>, root: bool) -> Result<Option<Open<'t>>, &'static str> {
        let text = match node.view() {
            View::Array(items) if !node.is_empty() => return Ok(Some(Open::Array(items, 0))),
            View::Object(members) if !node.is_empty() => return Ok(Some(Open::Object(members))),
            View::Array(_) | View::Object(_) if root => return Ok(None),
            View::Array(_) | View::Object(_) | View::Null => "",
            View::Bool(true) => "true",
            View::Bool(false) => "false",
            View::Number(text) | View::String(text) => text,
        };
        self.left = self.left.checked_sub(1).ok_or(crate::body::beyond::ARGUMENTS)?;
        self.pairs.push(&self.path, text.as_bytes());
        self.room()?;
        Ok(None)
    }

    fn room(&self) -> Result<(), &'static str> {
        if self.pairs.bytes() + self.bare_names.bytes() > self.bytes_max {
            return Err(crate::body::beyond::JSON_WORDS_LONG);
        }
        Ok(())
    }
}
