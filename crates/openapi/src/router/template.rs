//! Path templates, segment by segment.

use std::sync::Arc;

use crate::path::normal_literal;

/// More segments are nobody's template; the router's recursion is as deep as the longest.
const SEGMENTS_MAX: usize = 256;

pub(super) struct Template {
    pub(super) segments: Vec<Segment>,
}

pub(super) enum Segment {
    /// In normal form.
    Literal(String),
    /// With the names in order.
    Pattern(Vec<Piece>, Vec<Arc<str>>),
}

/// A part of a segment; names do not count, so that `/a/{x}/b` and `/a/{y}/c` share a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// In normal form.
    Literal(String),
    Value,
}

impl Template {
    /// None where no path in normal form can match.
    pub(super) fn parse(template: &str) -> Option<Self> {
        let inner = template.strip_prefix('/')?;
        let parts = split(inner)?;
        let last = parts.len() - 1;
        if last >= SEGMENTS_MAX {
            return None;
        }
        let mut segments = Vec::with_capacity(parts.len());
        for (at, part) in parts.iter().enumerate() {
            if part.is_empty() && at != last {
                return None;
            }
            segments.push(segment(part)?);
        }
        Some(Self { segments })
    }
}

/// Splits at slashes outside braces.
fn split(text: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut start, mut inside) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if inside => return None,
            b'{' => inside = true,
            b'}' if !inside => return None,
            b'}' => inside = false,
            b'/' if !inside => {
                parts.push(text.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..)?);
    (!inside).then_some(parts)
}

fn segment(text: &str) -> Option<Segment> {
    let mut pieces = Vec::new();
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        if !literal.is_empty() {
            pieces.push(Piece::Literal(normal_literal(literal)?));
        }
        if pieces.last() == Some(&Piece::Value) {
            // Where one value ends and the other begins, nobody can say.
            return None;
        }
        pieces.push(Piece::Value);
        names.push(Arc::from(name));
        rest = after;
    }
    if names.is_empty() {
        return Some(Segment::Literal(normal_literal(rest)?)).filter(|_| !matches!(rest, "." | ".."));
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(normal_literal(rest)?));
    }
    Some(Segment::Pattern(pieces, names))
}

/// How much a pattern says: literal characters first, then fewer values.
pub(super) fn weight(pieces: &[Piece]) -> (usize, std::cmp::Reverse<usize>) {
    let literal = pieces.iter().map(|piece| match piece {
        Piece::Literal(text) => text.len(),
        Piece::Value => 0,
    });
    (literal.sum(), std::cmp::Reverse(pieces.iter().filter(|piece| **piece == Piece::Value).count()))
}

/// Matches a segment, and adds its values. A value has at least one character and is as short as the literal behind
/// it allows; the last value takes what is left. Linear in the segment for each literal.
pub(super) fn matches<'s>(pieces: &[Piece], segment: &'s str, values: &mut Vec<&'s str>) -> bool {
    let (pieces, mut rest) = match pieces.split_last() {
        Some((Piece::Literal(suffix), before)) => match segment.strip_suffix(suffix.as_str()) {
            Some(rest) if is_border(segment, rest.len()) => (before, rest),
            _ => return false,
        },
        _ => (pieces, segment),
    };
    let mut pending = false;
    for piece in pieces {
        match piece {
            Piece::Value => pending = true,
            Piece::Literal(text) if pending => {
                let Some(at) = find(rest, text) else { return false };
                let Some((value, after)) = rest.split_at_checked(at) else { return false };
                values.push(value);
                rest = after.get(text.len()..).unwrap_or_default();
                pending = false;
            }
            Piece::Literal(text) => match rest.strip_prefix(text.as_str()) {
                Some(after) => rest = after,
                None => return false,
            },
        }
    }
    if pending && !rest.is_empty() {
        values.push(rest);
        return true;
    }
    !pending && rest.is_empty()
}

/// The first place of a literal that leaves something before it.
fn find(text: &str, literal: &str) -> Option<usize> {
    text.match_indices(literal).map(|(at, _)| at).find(|at| *at > 0 && is_border(text, *at))
}

/// Whether a place is not inside an escape: `{a}2{b}` does not cut `%20`.
fn is_border(text: &str, at: usize) -> bool {
    let before = text.as_bytes().get(at.saturating_sub(2)..at).unwrap_or_default();
    !before.contains(&b'%')
}
