//! The table of `SecUnicodeMapFile`: which byte stands for a code point in one code page.

use std::collections::HashMap;

/// Code points above 255 to the byte that a server of that code page would take them for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnicodeMap(HashMap<u32, u8>);

impl UnicodeMap {
    pub fn get(&self, code_point: u32) -> Option<u8> {
        self.0.get(&code_point).copied()
    }
}
