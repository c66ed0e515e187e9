//! The records on disk: JSON lines in rotating segments, written by one thread behind a bounded queue.
//!
//! A segment's name is the millisecond in which it was begun, and a request id carries the millisecond in which the
//! request came, so an id leads to its segment without an index beside it.

pub mod latest;
mod line;
mod segments;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use model::{Clock, Record};
use serde::Serialize;
use tokio::sync::broadcast;

use segments::Segments;

/// Records waiting for the writer; beyond it they are lost, and the loss is counted and recorded.
pub const RECORDS_QUEUED_MAX: usize = 8192;
/// Bytes of all segments together, unless told otherwise.
pub const RECORDS_BYTES_MAX: u64 = 256 << 20;
/// Live followers that lag by more than this many records miss some.
const TAIL_QUEUED_MAX: usize = 1024;
/// How long the writer lets records gather, so that a busy gateway wakes it rarely.
const GATHER: Duration = Duration::from_millis(10);

/// Hands records to the writer and to followers; never waits.
pub struct Records {
    /// Whether records go to disk; followers get them anyway.
    kept: bool,
    queue: Arc<Queue>,
    tail: broadcast::Sender<Arc<Record>>,
    directory: PathBuf,
    writer: Mutex<Option<JoinHandle<()>>>,
}

struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    written: Condvar,
    lost: AtomicU64,
    recorded: AtomicU64,
    /// Segments that others removed, renamed or exchanged while they were written to.
    gone: AtomicU64,
    /// Why the last batch could not be written whole; `None` when it could.
    fault: Mutex<Option<io::ErrorKind>>,
}

/// What became of the records since the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordTotals {
    pub written: u64,
    /// Neither queued nor written.
    pub lost: u64,
    /// Files that others removed, renamed or exchanged while they were written to.
    pub files_gone: u64,
    /// Why records cannot be written now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Arc<Record>>,
    /// How many records were ever queued, and how many of them the writer has put on disk.
    queued: u64,
    done: u64,
    hurry: bool,
    closed: bool,
}

impl Records {
    /// Opens (and makes, 0700) `directory` and starts the writer. `bytes_max` is of all segments together; `None` keeps
    /// nothing on disk.
    pub fn open(directory: &Path, bytes_max: Option<u64>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let segments = bytes_max.map(|bytes_max| Segments::open(directory, bytes_max)).transpose()?;
        let queue = Arc::new(Queue {
            state: Mutex::default(),
            arrived: Condvar::new(),
            written: Condvar::new(),
            lost: AtomicU64::new(0),
            recorded: AtomicU64::new(0),
            gone: AtomicU64::new(0),
            fault: Mutex::default(),
        });
        let (kept, for_writer) = (segments.is_some(), Arc::clone(&queue));
        let begin = |segments| {
            std::thread::Builder::new()
                .name("records".to_owned())
                .spawn(move || write_all(&for_writer, segments, clock.as_ref()))
        };
        let writer = segments.map(begin).transpose()?;
        Ok(Self {
            kept,
            queue,
            tail: broadcast::channel(TAIL_QUEUED_MAX).0,
            directory: directory.to_owned(),
            writer: Mutex::new(writer),
        })
    }

    /// Whether anybody wants records: the disk, or a follower.
    pub fn are_wanted(&self) -> bool {
        self.kept || self.tail.receiver_count() > 0
    }

    pub fn push(&self, record: Record) {
        let record = Arc::new(record);
        if self.tail.receiver_count() > 0 {
            // Fails only when the last follower has just left.
            let _ = self.tail.send(Arc::clone(&record));
        }
        if !self.kept {
            return;
        }
        let mut state = self.queue.lock();
        if state.closed || state.waiting.len() >= RECORDS_QUEUED_MAX {
            drop(state);
            self.queue.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        state.waiting.push_back(record);
        state.queued += 1;
        let wake = state.waiting.len() == 1 || state.waiting.len() == RECORDS_QUEUED_MAX / 2;
        state.hurry |= state.waiting.len() >= RECORDS_QUEUED_MAX / 2;
        drop(state);
        if wake {
            self.queue.arrived.notify_one();
        }
    }

    /// Every record from now on; a follower that lags is told how many it missed.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Record>> {
        self.tail.subscribe()
    }

    /// Records that were neither queued nor written.
    pub fn lost(&self) -> u64 {
        self.queue.lost.load(Ordering::Relaxed)
    }

    pub fn written(&self) -> u64 {
        self.queue.recorded.load(Ordering::Relaxed)
    }

    pub fn totals(&self) -> RecordTotals {
        RecordTotals {
            written: self.written(),
            lost: self.lost(),
            files_gone: self.queue.gone.load(Ordering::Relaxed),
            fault: (*self.queue.fault()).map(|kind| kind.to_string()),
        }
    }

    /// Blocks until everything queued so far is in its segment (or counted as lost).
    pub fn flush(&self) {
        let mut state = self.queue.lock();
        let target = state.queued;
        while state.done < target {
            state.hurry = true;
            self.queue.arrived.notify_one();
            let waited = self.queue.written.wait_timeout(state, Duration::from_millis(100));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if self.writer_is_gone() {
                return;
            }
        }
    }

    /// Where the segments are, when everything queued so far is in them; `None` when none are kept. Blocks.
    pub fn flushed(&self) -> Option<&Path> {
        self.kept.then(|| {
            self.flush();
            self.directory.as_path()
        })
    }

    /// Looks a request up on disk. Blocks; reads one segment, seldom more.
    pub fn find(&self, request_id: &str) -> io::Result<Option<Record>> {
        if !self.kept {
            return Ok(None);
        }
        self.flush();
        find_in(&self.directory, request_id)
    }

    /// Writes what is queued and ends the writer. Later records are counted as lost.
    pub fn close(&self) {
        self.queue.lock().closed = true;
        self.queue.arrived.notify_one();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A writer that panicked has nothing more to write.
            let _ = writer.join();
        }
    }

    fn writer_is_gone(&self) -> bool {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

/// Looks a request up in a directory that nobody writes to, and changes nothing in it. Blocks.
pub fn find_in(directory: &Path, request_id: &str) -> io::Result<Option<Record>> {
    match crate::request_id::unix_ms_of(request_id) {
        Some(received_ms) => segments::find(directory, request_id, received_ms),
        None => Ok(None),
    }
}

impl Drop for Records {
    fn drop(&mut self) {
        self.close();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self) -> MutexGuard<'_, Option<io::ErrorKind>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next batch; `None` when the queue is closed and empty.
    fn next_batch(&self) -> Option<VecDeque<Arc<Record>>> {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return None;
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if !state.hurry && !state.closed {
            let gathered =
                self.arrived.wait_timeout_while(state, GATHER, |state| !state.hurry && !state.closed);
            state = gathered.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.hurry = false;
        Some(std::mem::take(&mut state.waiting))
    }
}

/// The writer's whole life. What cannot be written is counted as lost, and the next line that can says how many.
fn write_all(queue: &Queue, mut segments: Segments, clock: &dyn Clock) {
    let mut lost_recorded = 0;
    while let Some(batch) = queue.next_batch() {
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        queue.gone.fetch_add(u64::from(segments.leave_what_is_gone()), Ordering::Relaxed);
        let (mut recorded, mut fault) = (0, None);
        for record in &batch {
            match segments.append(record.as_ref(), clock.unix_ms()) {
                Ok(()) => recorded += 1,
                Err(error) => fault = Some(error.kind()),
            }
        }
        drop(batch);
        let flushed = segments.flush().inspect_err(|error| fault = Some(error.kind())).is_ok();
        *queue.fault() = fault;
        queue.recorded.fetch_add(if flushed { recorded } else { 0 }, Ordering::Relaxed);
        queue.lost.fetch_add(if flushed { count - recorded } else { count }, Ordering::Relaxed);
        let lost = queue.lost.load(Ordering::Relaxed);
        if lost > lost_recorded && segments.append_loss(lost - lost_recorded, clock.unix_ms()).is_ok() {
            lost_recorded = lost;
        }
        queue.lock().done += count;
        queue.written.notify_all();
    }
    let lost = queue.lost.load(Ordering::Relaxed);
    if lost > lost_recorded {
        // The last chance; a disk that refuses it has refused the records as well.
        let _ = segments.append_loss(lost - lost_recorded, clock.unix_ms());
    }
}
