//! File descriptors: as many as the system lets us have, and how many of them clients may take.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Kept for files, fetches, name lookups and administration; an eighth where there are few.
const SPARE_MAX: u64 = 64;
/// Taken to be in use where the system does not say.
const IN_USE: u64 = 64;

/// Raises the bound on open files to what the system allows at most; that bound, `None` where there is none. A bound
/// that cannot be raised stays.
pub fn raise() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let most = limit.maximum;
    if limit.current != most {
        let before = std::mem::replace(&mut limit.current, most);
        if setrlimit(Resource::Nofile, limit).is_err() {
            return before;
        }
    }
    most
}

/// Connections of clients that fit beneath a bound of `limit` open files next to those that are open now: half of what
/// is left, because a request may need a connection to a service as well, and at least one.
pub fn connections_max(limit: Option<u64>) -> usize {
    let Some(limit) = limit else { return usize::MAX };
    let in_use = std::fs::read_dir("/proc/self/fd").map_or(IN_USE, |open| open.count() as u64);
    usize::try_from(fitting(limit, in_use)).unwrap_or(usize::MAX)
}

fn fitting(limit: u64, in_use: u64) -> u64 {
    let spare = SPARE_MAX.min(limit / 8);
    (limit.saturating_sub(in_use).saturating_sub(spare) / 2).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_get_half_of_what_is_left_of_few_and_of_many_descriptors() {
        for (limit, in_use, expected) in
            [(64, 30, 13), (1_024, 30, 465), (1 << 20, 40, 524_236), (20, 30, 1), (0, 0, 1)]
        {
            assert_eq!(fitting(limit, in_use), expected, "{limit} {in_use}");
        }
        assert_eq!(connections_max(None), usize::MAX);
    }

    #[test]
    fn the_bound_is_the_hard_one_afterwards() {
        let limit = raise();
        assert_eq!(limit, getrlimit(Resource::Nofile).current);
        assert!(connections_max(limit) >= 1);
    }
}
