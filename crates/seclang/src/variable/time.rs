//! When the request arrived, as a clock on the wall shows it.

use super::Variable;
use crate::input::{Digits, Input, Sink};
use crate::request::Moment;

/// A moment as text.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    epoch: Digits,
    /// `HH:MM:SS`.
    time: [u8; 8],
    year: Digits,
    /// 0 is January.
    month: Digits,
    day: Digits,
    /// 0 is Sunday.
    weekday: Digits,
}

const DAY: i64 = 86_400;

impl Clock {
    pub(crate) fn new(moment: Moment) -> Self {
        let local = moment.unix_seconds.saturating_add(i64::from(moment.offset_minutes) * 60);
        let (days, second) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let (year, month, day) = date(days);
        let positive = |number: i64| Digits::new(number.unsigned_abs());
        let mut time = *b"00:00:00";
        for (at, number) in [(0, second / 3_600), (3, second / 60 % 60), (6, second % 60)] {
            if let Some(place) = time.get_mut(at..at + 2) {
                place.copy_from_slice(Digits::padded(number.unsigned_abs(), 2).as_bytes());
            }
        }
        Self {
            epoch: positive(moment.unix_seconds.max(0)),
            time,
            year: positive(year),
            month: positive(month - 1),
            day: positive(day),
            weekday: positive((days + 4).rem_euclid(7)),
        }
    }
}

/// Year, month (1 to 12) and day (1 to 31) of a day counted from 1970, in the Gregorian calendar: the years are made to
/// begin in March, so that the leap day is the last.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

pub(super) fn each<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
    let clock = &input.texts.time;
    let part = |from: usize| clock.time.get(from..from + 2).unwrap_or_default();
    sink.scalar(match sink.variable {
        Variable::Duration => input.texts.duration.as_bytes(),
        Variable::Time => &clock.time,
        Variable::TimeHour => part(0),
        Variable::TimeMin => part(3),
        Variable::TimeSec => part(6),
        Variable::TimeEpoch => clock.epoch.as_bytes(),
        Variable::TimeYear => clock.year.as_bytes(),
        Variable::TimeMon => clock.month.as_bytes(),
        Variable::TimeDay => clock.day.as_bytes(),
        _ => clock.weekday.as_bytes(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_calendar() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(-1), (1969, 12, 31));
        assert_eq!(date(19_782), (2024, 2, 29));
        assert_eq!(date(20_779), (2026, 11, 22));
        let clock = Clock::new(Moment { unix_seconds: 1_795_330_799, offset_minutes: 60 });
        assert_eq!(&clock.time, b"07:59:59");
        assert_eq!(clock.weekday.as_bytes(), b"0");
        assert_eq!(clock.month.as_bytes(), b"10");
    }
}
