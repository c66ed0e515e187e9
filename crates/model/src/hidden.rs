//! Which characters have no place where people read words of others.

/// Controls (C0, C1, DEL), line and paragraph separators, and what is unseen or changes the direction of text
/// (Unicode Bidirectional Algorithm, UAX #9 section 2).
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
            | '\u{E0000}'..='\u{E007F}')
}
