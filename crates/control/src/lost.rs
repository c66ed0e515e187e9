//! Says in the log when records begin to be lost, why, and when they are kept again.

use std::sync::Arc;
use std::time::Duration;

use gateway::{Gateway, RecordTotals};

use crate::talk;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(1);

/// Until it is aborted.
pub(crate) async fn tell(gateway: Arc<Gateway>) {
    let mut seen = Seen::default();
    let mut every = tokio::time::interval(EVERY);
    loop {
        every.tick().await;
        for sentence in seen.news(&gateway.record_totals()) {
            talk::say(&sentence);
        }
    }
}

/// What was said last.
#[derive(Default)]
struct Seen {
    lost: u64,
    files_gone: u64,
    /// How many had been lost when it was said that they are.
    losing_since: Option<u64>,
}

impl Seen {
    fn news(&mut self, now: &RecordTotals) -> Vec<String> {
        let mut news = Vec::new();
        if now.files_gone > self.files_gone {
            news.push(
                "a file of records was removed, renamed or exchanged while it was written to: the next records go to a \
                 new one"
                    .to_owned(),
            );
        }
        match self.losing_since {
            None if now.lost > self.lost => {
                let why = match &now.fault {
                    Some(fault) => {
                        format!("{fault}: make room in `state_dir`, or allow fewer `records_bytes_max`")
                    }
                    None => "they come faster than the disk takes them".to_owned(),
                };
                news.push(format!("records are being lost, and requests go on: {why}"));
                self.losing_since = Some(self.lost);
            }
            Some(before) if now.lost == self.lost && now.fault.is_none() => {
                news.push(format!("records are kept again; {} were lost", now.lost - before));
                self.losing_since = None;
            }
            _ => {}
        }
        (self.lost, self.files_gone) = (now.lost, now.files_gone);
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(lost: u64, files_gone: u64, fault: Option<&str>) -> RecordTotals {
        RecordTotals { written: 9, lost, files_gone, fault: fault.map(str::to_owned) }
    }

    #[test]
    fn a_loss_is_said_once_with_its_cause_and_its_end_with_its_size() {
        let mut seen = Seen::default();
        assert!(seen.news(&totals(0, 0, None)).is_empty());
        let begun = seen.news(&totals(3, 0, Some("no storage space")));
        assert!(begun.len() == 1 && begun[0].contains("being lost") && begun[0].contains("no storage space"));
        assert!(seen.news(&totals(9, 0, Some("no storage space"))).is_empty());
        // No request came, so nothing more was lost, and nothing was written either.
        assert!(seen.news(&totals(9, 0, Some("no storage space"))).is_empty());
        assert_eq!(seen.news(&totals(9, 0, None)), ["records are kept again; 9 were lost"]);
        assert!(seen.news(&totals(9, 0, None)).is_empty());
    }

    #[test]
    fn a_file_that_is_gone_is_said_each_time() {
        let mut seen = Seen::default();
        assert_eq!(seen.news(&totals(0, 1, None)).len(), 1);
        assert!(seen.news(&totals(0, 1, None)).is_empty());
        assert_eq!(seen.news(&totals(0, 2, None)).len(), 1);
    }
}
