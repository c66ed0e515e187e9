//! The `Date` field (RFC 9110 section 5.6.7), formatted once a second and thread.

use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

/// `Sun, 06 Nov 1994 08:49:37 GMT`
pub(crate) type Stamp = [u8; 29];

thread_local! {
    static LAST: Cell<(u64, Stamp)> = const { Cell::new((u64::MAX, [b' '; 29])) };
}

pub(crate) fn now() -> Stamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    LAST.with(|last| {
        let (at, stamp) = last.get();
        if at == seconds {
            return stamp;
        }
        let stamp = format(seconds);
        last.set((seconds, stamp));
        stamp
    })
}

fn format(unix_s: u64) -> Stamp {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days = unix_s / 86_400;
    let (year, month, day) = model::civil_date(days);
    let second = unix_s % 86_400;
    let weekday = usize::try_from(days % 7).ok().and_then(|index| DAYS.get(index)).unwrap_or(&"Thu");
    let month = usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"Jan");
    let text = format!(
        "{weekday}, {day:02} {month} {year:04} {:02}:{:02}:{:02} GMT",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    let mut stamp = [b' '; 29];
    for (place, byte) in stamp.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    stamp
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn formats_the_examples_of_the_rfc_and_leap_days() {
        for (seconds, text) in [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ] {
            assert_eq!(std::str::from_utf8(&format(seconds)), Ok(text));
        }
    }
}
