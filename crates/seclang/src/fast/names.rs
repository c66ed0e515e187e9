//! Which names members may have, told at a glance.

/// A set of names in 64 bits, without regard to ASCII case: different names may share a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameBits(u64);

impl NameBits {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self(u64::MAX);
    /// Of a value that is no member.
    pub const NAMELESS: Self = Self(1);

    pub fn of(name: &[u8]) -> Self {
        let fold = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(byte | 0x20));
        let mixed = name.len() * 5 + fold(name.first()) * 3 + fold(name.last());
        Self(1 << (mixed % 64))
    }

    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the two may have a name in common.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::NameBits;

    #[test]
    fn names_are_told_apart_by_length_and_ends_and_not_by_case() {
        let of = |name: &str| NameBits::of(name.as_bytes());
        assert_eq!(of("Content-Type"), of("CONTENT-TYPE"));
        assert!(!of("host").meets(of("accept")));
        assert!(of("host").or(of("accept")).meets(of("Accept")));
        assert!(NameBits::ALL.meets(of("")) && NameBits::ALL.meets(NameBits::NAMELESS));
    }
}
