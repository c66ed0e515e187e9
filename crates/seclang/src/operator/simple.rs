//! Regular expressions that say so little that no automaton is needed.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// What such an expression matches, with `.` taking line ends and `^` and `$` standing at every line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Simple {
    /// `^.*$`: the whole value.
    Whole,
    /// `^$`: a line without a byte.
    EmptyLine,
    /// `.`: the first byte.
    AnyByte,
}

impl Simple {
    /// `pattern` in the notation of the crate `regex`; `None` for one that says more.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let mut parser = ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .dot_matches_new_line(true)
            .multi_line(true)
            .build();
        let parsed = parser.parse(pattern).ok()?;
        let is = |part: &Hir, look: Look| matches!(part.kind(), HirKind::Look(own) if *own == look);
        match parsed.kind() {
            HirKind::Concat(parts) => match parts.as_slice() {
                [start, end] if is(start, Look::StartLF) && is(end, Look::EndLF) => Some(Self::EmptyLine),
                [start, all, end]
                    if is(start, Look::StartLF) && is_everything(all) && is(end, Look::EndLF) =>
                {
                    Some(Self::Whole)
                }
                _ => None,
            },
            _ => is_any_byte(&parsed).then_some(Self::AnyByte),
        }
    }

    /// Where the first match begins and ends.
    pub(super) fn find(self, value: &[u8]) -> Option<(usize, usize)> {
        match self {
            Self::Whole => Some((0, value.len())),
            Self::AnyByte => (!value.is_empty()).then_some((0, 1)),
            Self::EmptyLine => {
                let is_end = |at: usize| value.get(at).is_none_or(|byte| *byte == b'\n');
                if is_end(0) {
                    return Some((0, 0));
                }
                memchr::memchr_iter(b'\n', value).map(|at| at + 1).find(|at| is_end(*at)).map(|at| (at, at))
            }
        }
    }
}

fn is_everything(part: &Hir) -> bool {
    matches!(part.kind(), HirKind::Repetition(times)
        if times.min == 0 && times.max.is_none() && times.greedy && is_any_byte(&times.sub))
}

fn is_any_byte(part: &Hir) -> bool {
    matches!(part.kind(), HirKind::Class(Class::Bytes(bytes))
        if matches!(bytes.ranges(), [all] if (all.start(), all.end()) == (0, u8::MAX)))
}

#[cfg(test)]
mod tests {
    use super::Simple;
    use crate::operator::rx::compile;

    #[test]
    fn what_says_little_is_found_where_the_expression_finds_it() {
        let mut random = mutate::Random::new(31);
        for (pattern, simple) in [
            ("^.*$", Some(Simple::Whole)),
            ("^$", Some(Simple::EmptyLine)),
            (".", Some(Simple::AnyByte)),
            ("^.*?$", None),
            ("^.+$", None),
            ("(^.*$)", None),
            ("(?-s:.)", None),
            ("$^", None),
            ("", None),
        ] {
            assert_eq!(Simple::of(pattern), simple, "{pattern}");
            let Some(simple) = simple else { continue };
            let regex = compile(pattern.as_bytes()).expect("an expression");
            for _ in 0..500 {
                let value: Vec<u8> = (0..random.below(6)).map(|_| b"\n\na\xff"[random.below(4)]).collect();
                let found = regex.find(&value).map(|found| (found.start(), found.end()));
                assert_eq!(simple.find(&value), found, "{pattern} {}", value.escape_ascii());
            }
        }
    }
}
