//! Patterns that are a row of characters or classes, each so many times, matched without an engine.
//!
//! What ends a class's run must not be in the class, so that taking as many as there are is the only way to match.

use crate::schema::keywords::Engine;

pub(super) enum Pattern {
    Row(Vec<Atom>),
    Engine(Engine),
}

/// Characters of ASCII, a bit each, from so many to so many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Atom {
    class: [u64; 2],
    least: u32,
    most: u32,
}

/// What stands for itself outside a class, beside letters and digits.
const LITERALS: &[u8] = b" _-/:@#,;=%~!\"'<>&";
/// The same inside one.
const CLASS_LITERALS: &[u8] = b" _./:@#,;=%!\"'<>+*?(){}|$";
/// What an escape makes stand for itself.
const ESCAPED: &[u8] = b".-/+*?()[]{}|^$\\";

impl Pattern {
    /// `None` for one that may backtrack.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let engine = || Engine::new(pattern).filter(Engine::is_linear).map(Self::Engine);
        row(pattern).map(Self::Row).or_else(engine)
    }

    pub(super) fn steps(&self, text: &str) -> u32 {
        match self {
            Self::Row(_) => 0,
            Self::Engine(engine) => u32::try_from(engine.reads(text)).unwrap_or(u32::MAX),
        }
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Row(atoms) => is_row(atoms, text.as_bytes()),
            Self::Engine(engine) => engine.is_match(text),
        }
    }
}

fn is_row(atoms: &[Atom], mut rest: &[u8]) -> bool {
    for atom in atoms {
        let most = rest.len().min(atom.most as usize);
        let within = rest.get(..most).unwrap_or_default();
        let run = within.iter().position(|byte| !atom.has(*byte)).unwrap_or(most);
        if run < atom.least as usize {
            return false;
        }
        rest = rest.get(run..).unwrap_or_default();
    }
    rest.is_empty()
}

impl Atom {
    #[inline]
    fn has(&self, byte: u8) -> bool {
        // There is no word for what is not ASCII.
        self.class.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 != 0)
    }
}

/// Of ASCII.
fn bit(byte: u8) -> u128 {
    1 << (byte & 127)
}

/// The atoms of a pattern that is anchored at both ends; `None` when it has anything else.
fn row(pattern: &str) -> Option<Vec<Atom>> {
    let mut rest = pattern.strip_prefix('^')?.strip_suffix('$')?.as_bytes();
    let mut atoms: Vec<Atom> = Vec::new();
    while let Some((first, after)) = rest.split_first() {
        let (class, after) = match first {
            b'[' => class(after)?,
            b'\\' => escape(after)?,
            literal if literal.is_ascii_alphanumeric() || LITERALS.contains(literal) => {
                (bit(*literal), after)
            }
            _ => return None,
        };
        let (least, most, after) = quantifier(after)?;
        atoms.push(Atom { class: [class as u64, (class >> 64) as u64], least, most });
        rest = after;
    }
    is_decided(&atoms).then_some(atoms)
}

/// Whether no run could leave to a later atom what it may take itself.
fn is_decided(atoms: &[Atom]) -> bool {
    atoms.iter().enumerate().filter(|(_, atom)| atom.least != atom.most).all(|(at, atom)| {
        for later in atoms.iter().skip(at + 1) {
            if later.class.iter().zip(&atom.class).any(|(later, own)| later & own != 0) {
                return false;
            }
            if later.least > 0 {
                break;
            }
        }
        true
    })
}

/// A class after its bracket.
fn class(mut rest: &[u8]) -> Option<(u128, &[u8])> {
    let mut found = 0;
    let mut first = true;
    loop {
        let (byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b']' if !first => return Some((found, rest)),
            b'-' if first || rest.first() == Some(&b']') => found |= bit(b'-'),
            b'\\' => {
                let (class, after) = escape(rest)?;
                // No range begins with it.
                if let [b'-', next, ..] = after
                    && *next != b']'
                {
                    return None;
                }
                (found, rest) = (found | class, after);
            }
            low if low.is_ascii_alphanumeric() => match rest {
                [b'-', high, after @ ..] if *high != b']' => {
                    let of_one_sort = |is: fn(&u8) -> bool| is(low) && is(high);
                    let sorted = of_one_sort(u8::is_ascii_digit)
                        || of_one_sort(u8::is_ascii_uppercase)
                        || of_one_sort(u8::is_ascii_lowercase);
                    if !sorted || low > high {
                        return None;
                    }
                    (*low..=*high).for_each(|byte| found |= bit(byte));
                    rest = after;
                }
                _ => found |= bit(*low),
            },
            literal if CLASS_LITERALS.contains(literal) && rest.first() != Some(&b'-') => {
                found |= bit(*literal)
            }
            // At the end of the class a hyphen is one.
            literal if CLASS_LITERALS.contains(literal) && rest.starts_with(b"-]") => found |= bit(*literal),
            _ => return None,
        }
        first = false;
    }
}

/// An escape after its backslash.
fn escape(rest: &[u8]) -> Option<(u128, &[u8])> {
    let (byte, rest) = rest.split_first()?;
    let digits = || (b'0'..=b'9').map(bit).sum::<u128>();
    let class = match byte {
        b'd' => digits(),
        b'w' => digits() | (b'A'..=b'Z').chain(b'a'..=b'z').map(bit).sum::<u128>() | bit(b'_'),
        literal if ESCAPED.contains(literal) => bit(*literal),
        _ => return None,
    };
    Some((class, rest))
}

/// How often, at least and at most, and what follows.
fn quantifier(rest: &[u8]) -> Option<(u32, u32, &[u8])> {
    let (least, most, rest) = match rest {
        [b'?', rest @ ..] => (0, 1, rest),
        [b'*', rest @ ..] => (0, u32::MAX, rest),
        [b'+', rest @ ..] => (1, u32::MAX, rest),
        [b'{', rest @ ..] => {
            let end = rest.iter().position(|byte| *byte == b'}')?;
            let times = std::str::from_utf8(rest.get(..end)?).ok()?;
            let number = |text: &str| text.parse::<u32>().ok().filter(|_| !text.starts_with('+'));
            let (least, most) = match times.split_once(',') {
                None => (number(times)?, number(times)?),
                Some((least, "")) => (number(least)?, u32::MAX),
                Some((least, most)) => (number(least)?, number(most)?),
            };
            if least > most {
                return None;
            }
            (least, most, rest.get(end + 1..)?)
        }
        _ => return Some((1, 1, rest)),
    };
    // Lazy and possessive ones are left to the engine.
    (!matches!(rest.first(), Some(b'?' | b'+' | b'*' | b'{'))).then_some((least, most, rest))
}

#[cfg(test)]
mod tests;
