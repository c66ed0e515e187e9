//! What names say: types from segments, owners, tenants, privileges, pages.

use crate::ids::snake;

/// `/users/{user_id}/orders/{order_id}`: parameter and type, in order.
pub(super) fn parameters(template: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut literal: Option<&str> = None;
    for segment in template.split('/').filter(|segment| !segment.is_empty()) {
        match segment.find('{').zip(segment.find('}')) {
            Some((open, close)) if open < close => {
                let name = segment.get(open + 1..close).unwrap_or_default();
                let of_name = snake(name);
                let stem = ["_id", "_uuid", "_slug", "_name", "_key", "_number"]
                    .iter()
                    .find_map(|end| of_name.strip_suffix(end))
                    .filter(|stem| !stem.is_empty());
                let kind = match (literal, stem) {
                    (Some(literal), _) => type_name(literal),
                    (None, Some(stem)) => type_name(stem),
                    (None, None) => type_name(&of_name),
                };
                found.push((name.to_owned(), kind));
                literal = None;
            }
            _ if is_version(segment) => {}
            _ => literal = Some(segment),
        }
    }
    found
}

/// The type that a collection's path lists: of its last segment.
pub(super) fn listed(template: &str) -> Option<String> {
    let last = template.rsplit('/').find(|segment| !segment.is_empty() && !is_version(segment))?;
    let last = last.strip_suffix(".json").unwrap_or(last);
    (!last.is_empty() && !last.contains('{')).then(|| type_name(last))
}

/// `v1`, `v2.1`: which interface, not which thing.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix(['v', 'V']).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// `order-items` as `OrderItem`, an identifier of the policy language.
pub(super) fn type_name(segment: &str) -> String {
    let snake = snake(segment);
    let words: Vec<&str> =
        snake.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut name = String::new();
    for (index, word) in words.iter().enumerate() {
        let word = if index + 1 == words.len() { singular(word) } else { (*word).to_owned() };
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.extend(letters);
    }
    let reserved = ["Action", "User", "Client", "Operator", "Anonymous", "Api", "Object"];
    match name.as_str() {
        "" => "Thing".to_owned(),
        // Principals are called so; objects of the same name are their accounts.
        "User" => "User".to_owned(),
        _ if reserved.contains(&name.as_str()) => format!("{name}Object"),
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("Type{name}"),
        _ => name,
    }
}

fn singular(word: &str) -> String {
    const KEPT: [&str; 6] = ["status", "news", "series", "address", "access", "bus"];
    if KEPT.contains(&word) || word.len() < 4 {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for end in ["sses", "shes", "ches", "xes"] {
        if word.ends_with(end) {
            return word.get(..word.len() - 2).unwrap_or(word).to_owned();
        }
    }
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word.to_owned();
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

/// Properties that hold an owner, the surest first, with per cents.
pub(super) const OWNERS: [(&str, u8); 15] = [
    ("owner_id", 85),
    ("owner", 85),
    ("user_id", 80),
    ("author.username", 80),
    ("owner.id", 80),
    ("user.id", 75),
    ("author_id", 75),
    ("author.id", 75),
    ("user", 70),
    ("user.username", 70),
    ("username", 60),
    ("author", 65),
    ("created_by", 60),
    ("customer_id", 60),
    ("account_id", 50),
];

pub(super) const TENANTS: [(&str, u8); 10] = [
    ("tenant_id", 95),
    ("tenant", 90),
    ("org_id", 90),
    ("organization_id", 90),
    ("organisation_id", 90),
    ("org", 75),
    ("company_id", 70),
    ("workspace_id", 70),
    ("organization.id", 80),
    ("tenant.id", 90),
];

/// What no caller sets unless a role says so.
pub(super) fn is_privileged(name: &str) -> bool {
    const WORDS: [&str; 12] = [
        "role",
        "roles",
        "admin",
        "superuser",
        "permissions",
        "scopes",
        "verified",
        "balance",
        "credit",
        "approved",
        "staff",
        "privileges",
    ];
    let snake = snake(name);
    snake.split('_').any(|word| WORDS.contains(&word))
}

/// Accounts of people: an object of such a type is its own owner.
pub(super) fn is_account(kind: &str) -> bool {
    matches!(kind, "User" | "Account" | "Profile" | "Customer" | "Member" | "Person")
}

/// Segments of operations that callers have no business with.
pub(super) fn is_debug(template: &str) -> bool {
    const WORDS: [&str; 9] = [
        "debug",
        "_debug",
        "createdb",
        "actuator",
        "heapdump",
        "resetdb",
        "phpinfo",
        "test_reset",
        "console",
    ];
    template.split('/').any(|segment| WORDS.contains(&segment.to_lowercase().as_str()))
}

pub(super) fn is_admin(template: &str, tags: &[String]) -> bool {
    let is = |word: &str| {
        matches!(word.to_lowercase().as_str(), "admin" | "administration" | "admins" | "superadmin")
    };
    template.split('/').any(is) || tags.iter().any(|tag| is(tag))
}

/// A GET whose path asks for something to be done.
pub(super) fn is_verb(template: &str) -> bool {
    const WORDS: [&str; 17] = [
        "create",
        "delete",
        "remove",
        "reset",
        "send",
        "cancel",
        "confirm",
        "approve",
        "activate",
        "deactivate",
        "enable",
        "disable",
        "logout",
        "populate",
        "purge",
        "execute",
        "run",
    ];
    let last = template.rsplit('/').find(|segment| !segment.is_empty() && !segment.contains('{'));
    last.is_some_and(|last| {
        let last = snake(last);
        last.split('_').next().is_some_and(|word| WORDS.contains(&word)) || last.starts_with("create")
    })
}

/// An operation that says who calls.
pub(super) fn is_whoami(template: &str) -> bool {
    let mut segments = template.trim_end_matches('/').rsplit('/');
    let last = segments.next().unwrap_or_default().to_lowercase();
    matches!(last.as_str(), "me" | "whoami" | "self" | "userinfo")
        || (matches!(last.as_str(), "profile" | "user") && !template.contains('{'))
}

pub(super) const OFFSETS: [&str; 4] = ["offset", "skip", "start", "from"];
pub(super) const NUMBERS: [&str; 4] = ["page", "page_number", "page_no", "p"];
pub(super) const CURSORS: [&str; 7] =
    ["cursor", "after", "page_token", "next_token", "starting_after", "continuation_token", "next_cursor"];
pub(super) const LIMITS: [&str; 8] =
    ["limit", "size", "per_page", "page_size", "count", "take", "top", "max_results"];
pub(super) const NEXTS: [&str; 8] = [
    "next_cursor",
    "next",
    "next_page_token",
    "next_token",
    "meta.next_cursor",
    "pagination.next_cursor",
    "meta.next",
    "paging.cursors.after",
];
pub(super) const TOTALS: [&str; 7] =
    ["total", "total_count", "count", "total_elements", "total_items", "meta.total", "pagination.total"];
/// Envelopes around one object, and around lists.
pub(super) const ENVELOPES: [&str; 5] = ["data", "result", "item", "object", "payload"];
pub(super) const LISTS: [&str; 7] = ["items", "data", "results", "content", "records", "entries", "value"];
