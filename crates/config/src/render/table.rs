//! Rows and paragraphs for a terminal.

use super::printable;

/// Rows under a heading, columns as wide as their widest cell; the last one is not padded. Cells are made [`printable`].
pub fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect()).collect();
    let mut widths: Vec<usize> = heading.iter().map(|cell| cell.chars().count()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let heading: Vec<String> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    let mut out = String::new();
    for row in std::iter::once(&heading).chain(&rows) {
        let mut text = String::new();
        for (cell, &width) in row.iter().zip(&widths) {
            let gap = width - cell.chars().count().min(width) + 2;
            text.push_str(cell);
            text.push_str(&" ".repeat(gap));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

/// Words in lines of at most `width` characters.
pub fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}
