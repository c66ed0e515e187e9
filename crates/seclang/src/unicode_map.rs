//! The table of `SecUnicodeMapFile`: which byte stands for a code point in one code page.

use std::collections::HashMap;

/// Code points above 127 to the byte that a server of that code page would take them for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnicodeMap(HashMap<u32, u8>);

impl UnicodeMap {
    /// Reads the page `number` of a file: a line `NUMBER (NAME)`, then `CODE:BYTE` in hexadecimal, up to an empty line.
    ///
    /// # Errors
    /// A sentence: the page is absent, or an entry is not of that form.
    pub fn parse(file: &[u8], number: &str) -> Result<Self, String> {
        let number = if number.is_empty() { "20127" } else { number };
        let text = String::from_utf8_lossy(file);
        let mut lines = text.lines();
        lines
            .find(|line| {
                line.strip_prefix(number).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            })
            .ok_or_else(|| format!("there is no code page `{number}`"))?;
        let mut map = HashMap::new();
        for entry in lines.take_while(|line| !line.trim().is_empty()).flat_map(str::split_ascii_whitespace) {
            let pair = entry.split_once(':').and_then(|(code, byte)| {
                Some((u32::from_str_radix(code, 16).ok()?, u8::from_str_radix(byte, 16).ok()?))
            });
            let (code, byte) = pair.ok_or_else(|| format!("`{entry}` is not CODE:BYTE"))?;
            map.insert(code, byte);
        }
        Ok(Self(map))
    }

    pub fn get(&self, code_point: u32) -> Option<u8> {
        self.0.get(&code_point).copied()
    }
}
