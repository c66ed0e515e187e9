//! From byte offsets to lines and columns.

/// The starts of a text's lines.
#[derive(Debug, Clone)]
pub struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    /// Texts beyond 4 GiB have their later lines counted as one.
    pub fn new(text: &[u8]) -> Self {
        let after = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(after.map_while(|at| u32::try_from(at).ok())).collect() }
    }

    /// Line and column of a byte, both from 1, the column in characters. `text` is the one given to [`Lines::new`];
    /// an offset beyond it means its end.
    pub fn line_column(&self, text: &[u8], offset: usize) -> (u32, u32) {
        let offset = offset.min(text.len());
        let line = self.starts.partition_point(|start| *start as usize <= offset);
        let start = line.checked_sub(1).and_then(|at| self.starts.get(at)).copied().unwrap_or(0) as usize;
        let before = text.get(start..offset).unwrap_or_default();
        // Every byte that does not continue a UTF-8 sequence begins a character.
        let characters = before.iter().filter(|byte| (**byte & 0xC0) != 0x80).count();
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(characters + 1).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn counts_characters_and_not_bytes() {
        let text = "a\nüé: x\n\nend".as_bytes();
        let lines = Lines::new(text);
        assert_eq!(lines.line_column(text, 0), (1, 1));
        assert_eq!(lines.line_column(text, 1), (1, 2));
        assert_eq!(lines.line_column(text, 2), (2, 1));
        assert_eq!(lines.line_column(text, 6), (2, 3));
        assert_eq!(lines.line_column(text, 10), (3, 1));
        assert_eq!(lines.line_column(text, 9_999), (4, 4));
    }
}
