//! JSON Patch (RFC 6902) as everybody reads it: what some service might take for something else is none.

#[cfg(test)]
mod tests;

use tape::{Kind, Node};

/// One operation of a patch.
pub(crate) struct Change<'t> {
    pub(crate) path: &'t str,
    pub(crate) from: Option<&'t str>,
    pub(crate) value: Option<Node<'t>>,
    /// It puts there what stands elsewhere in the document: `copy` and `move`.
    pub(crate) carries: bool,
    /// It puts the value there: `add` and `replace`.
    pub(crate) sets: bool,
    /// It compares, and writes nothing.
    pub(crate) tests: bool,
}

/// The operations of a patch; `None` when it is none, or one has a member that RFC 6902 does not name: services that
/// read names without case would find another value there.
pub(crate) fn changes(patch: Node<'_>) -> Option<Vec<Change<'_>>> {
    if patch.kind() != Kind::Array {
        return None;
    }
    patch.items().map(change).collect()
}

fn change(node: Node<'_>) -> Option<Change<'_>> {
    if node.kind() != Kind::Object {
        return None;
    }
    if node.members().any(|member| !matches!(member.key, "op" | "path" | "from" | "value")) {
        return None;
    }
    let op = node.get("op")?.as_str()?;
    let carries = match op {
        "copy" | "move" => true,
        "add" | "remove" | "replace" | "test" => false,
        _ => return None,
    };
    let (sets, tests) = (matches!(op, "add" | "replace"), op == "test");
    let from = match node.get("from") {
        Some(from) => Some(from.as_str()?),
        None if carries => return None,
        None => None,
    };
    Some(Change { path: node.get("path")?.as_str()?, from, value: node.get("value"), carries, sets, tests })
}

/// The reference tokens of a JSON Pointer (RFC 6901 section 4); none for the whole document.
pub(crate) fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let tokens = pointer.strip_prefix('/')?.split('/');
    Some(tokens.map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
}

/// Whether a token names an item of an array, or the place behind the last one.
pub(crate) fn is_index(token: &str) -> bool {
    token == "-" || (!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()))
}
