//! What is blotted out of what is shown: user and password of a URL wherever they stand; and where the file could not be
//! parsed, so that nobody knows where a secret ends, everything after the first literal one.

use std::borrow::Cow;

use crate::keys::{AUTHENTICATOR, Key, Kind, ROOT, Section};
use crate::suggest;

/// The column, in characters from 1, from which the line with this number is not shown.
pub(super) fn from_column(text: &str, number: u32) -> Option<u32> {
    for (line, at) in text.lines().zip(1_u32..=number) {
        let Some(literal) = literal_secret(line) else { continue };
        // A secret of an earlier line may go on in this one.
        return Some(if at == number { literal } else { 1 });
    }
    None
}

/// The text with a star for each character of what may be the user and the password of a URL. It may not be well-formed,
/// and a password may hold anything: all from the first `//` to the last `@` is hidden, and so is `user:password` without
/// a scheme before it.
pub(crate) fn without_userinfo(text: &str) -> Cow<'_, str> {
    let Some(end) = text.rfind('@') else { return Cow::Borrowed(text) };
    let before = text.get(..end).unwrap_or_default();
    let Some(start) = before.find("//").map(|at| at + 2).or_else(|| credentials(before)) else {
        return Cow::Borrowed(text);
    };
    let (shown, hidden) = before.split_at(start);
    let rest = text.get(end..).unwrap_or_default();
    Cow::Owned(format!("{shown}{}{rest}", "*".repeat(hidden.chars().count())))
}

/// Where `user:password` begins, with a word's character on either side of the colon.
fn credentials(before: &str) -> Option<usize> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '[' | '{' | ',');
    let colons = before.match_indices(':').map(|(at, _)| at);
    let mut starts = colons.filter_map(|at| {
        let (user, password) = before.split_at(at);
        let start = user.rfind(ends).and_then(|end| Some(end + user.get(end..)?.chars().next()?.len_utf8()));
        let start = start.unwrap_or(0);
        let goes_on = password.chars().nth(1).is_some_and(|c| !ends(c));
        (start < at && goes_on).then_some(start)
    });
    starts.next()
}

/// Where a value begins that stands literally beside a key that holds a secret.
fn literal_secret(line: &str) -> Option<u32> {
    let holds = |name: &str| is_secret(name, &ROOT);
    for (at, _) in line.match_indices(':') {
        let (before, after) = line.split_at(at);
        let before = before.trim_end().trim_end_matches(['"', '\'']);
        let start = before.rfind(|c: char| !is_of_name(c)).map_or(0, |at| at + 1);
        let name = before.get(start..).unwrap_or_default();
        let value = after.trim_start_matches(':').trim_start_matches([' ', '\t', '"', '\'']);
        if holds(name) && !value.starts_with("${") {
            let shown = line.get(..=at).unwrap_or_default().chars().count();
            return u32::try_from(shown + 1).ok();
        }
    }
    None
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// The name of a key for secrets, or one that is misspelt.
pub(crate) fn is_secret(name: &str, root: &'static Section) -> bool {
    let mut all = Vec::new();
    collect(root, &mut all);
    collect(&AUTHENTICATOR, &mut all);
    let of_secret = |key: &&&Key| matches!(key.kind, Kind::Secret);
    if all.iter().any(|key| key.name == name) {
        return all.iter().filter(of_secret).any(|key| key.name == name);
    }
    suggest::closest(name, all.iter().filter(of_secret).map(|key| key.name)).is_some()
}

fn collect(section: &'static Section, all: &mut Vec<&'static Key>) {
    for key in section.keys {
        all.push(key);
        of_kind(&key.kind, all);
    }
}

fn of_kind(kind: &'static Kind, all: &mut Vec<&'static Key>) {
    match kind {
        Kind::Section(section) | Kind::Short { section, .. } => collect(section, all),
        Kind::List(inner) | Kind::OneOrMany(inner) | Kind::Map { value: inner, .. } => of_kind(inner, all),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{from_column, without_userinfo};

    #[test]
    fn user_and_password_are_hidden_wherever_they_stand() {
        for (text, shown) in [
            ("upstream: http://user:pw@127.0.0.1:3000", "upstream: http://*******@127.0.0.1:3000"),
            ("jwks: \"https://u:p/w@host/k\" # x", "jwks: \"https://*****@host/k\" # x"),
            ("a: [http://u:p w`\"@h, b]", "a: [http://*******@h, b]"),
            ("a: http://token@h", "a: http://*****@h"),
            ("a: user:pw@h:80", "a: *******@h:80"),
            ("{\"a\":\"http:\\/\\/u:pw@h\"}", "{\"a\":\"*************@h\"}"),
            ("`http://ü:é@h` cannot be read", "`http://***@h` cannot be read"),
            ("upstream: http://127.0.0.1:3000", "upstream: http://127.0.0.1:3000"),
            ("contact: me@example.com", "contact: me@example.com"),
            ("{\"contact\":\"me@example.com\"}", "{\"contact\":\"me@example.com\"}"),
        ] {
            assert_eq!(without_userinfo(text), shown);
        }
    }

    #[test]
    fn everything_after_a_literal_secret_is_hidden() {
        for (text, line, column) in [
            ("a: { secret: hunter2, b: ]", 1, Some(13)),
            ("a: { \"client_secret\" : \"hunter2", 1, Some(23)),
            ("a: { secrt: hunter2", 1, Some(12)),
            ("secret: |\n  hunter2\n  x: [", 3, Some(1)),
            ("- { id: a, key: hunter2 ]", 1, Some(16)),
            ("a: { secret: \"${env:A}\", client_secret: hunter2 ]", 1, Some(40)),
            ("a: { secret: \"${env:A}\", issuer: x ]", 1, None),
            ("keys: [", 1, None),
            ("a: [\nsecret: hunter2", 1, None),
        ] {
            assert_eq!(from_column(text, line), column, "{text}");
        }
    }
}
