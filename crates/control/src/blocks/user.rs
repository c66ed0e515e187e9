//! Who asked: the user that the kernel names, and the name that the machine has for it.

use gateway::blocks::By;

const PASSWD: &str = "/etc/passwd";
/// Longest name that is kept.
const NAME_BYTES_MAX: usize = 64;

pub(super) fn by(uid: u32, sudo_user: Option<String>) -> By {
    let sudo_user = sudo_user.filter(|user| is_name(user));
    By { uid, name: name_of(uid), sudo_user }
}

/// Of whoever runs this process.
pub(super) fn own() -> By {
    use std::os::unix::fs::MetadataExt;
    // The process's own directory belongs to its user.
    let uid = std::fs::metadata("/proc/self").map_or(u32::MAX, |metadata| metadata.uid());
    by(uid, super::sudo_user())
}

pub(super) fn words(by: &By) -> String {
    let name = by.name.clone().unwrap_or_else(|| format!("uid {}", by.uid));
    match &by.sudo_user {
        Some(user) => format!("{name} (for {user})"),
        None => name,
    }
}

/// Only local users have a name here: asking a directory service could hang in the middle of an incident.
fn name_of(uid: u32) -> Option<String> {
    let text = std::fs::read_to_string(PASSWD).ok()?;
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse::<u32>().ok()? == uid && is_name(name)).then(|| name.to_owned())
    })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_BYTES_MAX && text.chars().all(|c| c.is_ascii_graphic())
}
