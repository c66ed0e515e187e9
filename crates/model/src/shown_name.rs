//! Which of the names that a caller may have made up are repeated to anybody.

use std::borrow::Cow;

/// Characters of a name that is repeated; and stars of one that is not.
const NAME_CHARS_MAX: usize = 20;
const STARS_MAX: usize = 32;
/// Digits of an index.
const INDEX_DIGITS_MAX: usize = 6;
/// Letters of one of its words.
const WORD_LETTERS_MAX: usize = 14;

/// A name that no description declares, as records and answers show it: as it is when it consists of short plain words,
/// otherwise a star for each character, at most 32. Plain words are ASCII letters, joined by `_`, `-`, `.` or a single
/// capital, at most 14 letters each and 20 characters in all; no digits, and no two capitals side by side.
pub fn shown_name(name: &str) -> Cow<'_, str> {
    match is_plain(name) {
        true => Cow::Borrowed(name),
        false => Cow::Owned("*".repeat(name.chars().count().min(STARS_MAX))),
    }
}

/// A token of a JSON Pointer that is an index of an array: at most 6 digits, for a longer number may be a caller's word.
pub fn is_index(token: &str) -> bool {
    token.len() <= INDEX_DIGITS_MAX && token.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_plain(name: &str) -> bool {
    let mut letters = 0;
    let mut before = None;
    for c in name.chars() {
        let is_fine = match c {
            'a'..='z' => true,
            'A'..='Z' => !before.is_some_and(|c: char| c.is_ascii_uppercase()),
            '_' | '-' | '.' => before.is_some_and(|c: char| c.is_ascii_alphabetic()),
            _ => false,
        };
        letters = match c {
            'a'..='z' => letters + 1,
            'A'..='Z' => 1,
            _ => 0,
        };
        if !is_fine || letters > WORD_LETTERS_MAX {
            return false;
        }
        before = Some(c);
    }
    name.len() <= NAME_CHARS_MAX && before.is_none_or(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::shown_name;

    #[test]
    fn only_short_plain_words_are_repeated() {
        for plain in ["", "debug", "isAdmin", "x-forwarded-user", "user_id", "page.size", "X-Admin"] {
            assert_eq!(shown_name(plain), plain);
        }
        for other in [
            "sk_live_LEAKabcdefgh",
            "hunterLEAKpassword",
            "hunter2",
            "correcthorsebattery",
            "a_b_c_d_e_f_g_h_i_j_k",
            "_a",
            "a__b",
            "a-",
            "a b",
            "gr\u{f6}\u{df}e",
            "anna@example",
        ] {
            assert_eq!(shown_name(other), "*".repeat(other.chars().count()));
        }
        assert_eq!(shown_name(&"A".repeat(99)), "*".repeat(32));
    }
}
