use super::{Lines, STRIDE};

#[test]
fn lines_and_columns_count_from_one_and_in_characters() {
    let text = "ab\ncä€d\n\nx".as_bytes();
    let lines = Lines::new(text);
    let at = |offset| lines.line_column(text, offset);
    assert_eq!((at(0), at(2), at(3)), ((1, 1), (1, 3), (2, 1)));
    assert_eq!(at(9), (2, 4), "the d after two characters of more than one byte");
    assert_eq!((at(10), at(11), at(12)), ((2, 5), (3, 1), (4, 1)));
    assert_eq!(at(usize::MAX), (4, 2), "beyond the end counts as the end");
    assert_eq!(Lines::new(b"").line_column(b"", 0), (1, 1));
}

#[test]
fn columns_of_a_long_line_agree_with_counting() {
    let text: String = "aä€".repeat(STRIDE);
    let lines = Lines::new(text.as_bytes());
    for (count, (offset, _)) in text.char_indices().enumerate().step_by(97) {
        assert_eq!(lines.line_column(text.as_bytes(), offset), (1, u32::try_from(count).unwrap_or(0) + 1));
    }
}
