//! Names that one service or another takes for the same: without regard to case, as most frameworks of Go and .NET bind
//! them, and without regard to what parts words, where one is another's alias (`userId` for `user_id`).

#[cfg(test)]
mod tests;

/// Whether some service may take one name for the other. Both are of the same letters and digits, in whatever case;
/// letters that only become ASCII when their case changes (`ſ`, `K`) count as what they become, as Go's JSON has it.
pub fn alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    if one.is_ascii() && other.is_ascii() {
        let (mut one, mut other) = (plain(one).peekable(), plain(other));
        return one.peek().is_some() && one.eq(&mut other);
    }
    let mut one = folded(one).peekable();
    one.peek().is_some() && one.eq(folded(other))
}

fn plain(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
}

fn folded(name: &str) -> impl Iterator<Item = char> {
    let upper = name.chars().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).filter(|character| character.is_alphanumeric())
}

/// Whether a field of a form is, or holds, or stands for the property of that name: frameworks bind `id[]`, `id[0]` and
/// `id.x` to `id`, and `order.id` and `order[id` to `order_id`.
pub fn form_alike(field: &str, name: &str) -> bool {
    field.split(['[', '.']).next().is_some_and(|first| alike(first, name)) || alike(field, name)
}
