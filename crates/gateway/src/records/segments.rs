//! Segment files: begin, append, rotate, drop the oldest, look up.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use model::{RECORD_VERSION, Record, rfc3339_millis};
use serde::Serialize;

/// The whole is kept in this many segments, so that dropping the oldest loses a small part.
const SEGMENTS: u64 = 16;
const EXTENSION: &str = "jsonl";
/// What a file system's clock may lag behind ours.
const CLOCKS_MS: u64 = 2_000;

/// Says in the stream of records that some are missing.
#[derive(Serialize)]
struct Loss {
    v: u32,
    time: String,
    lost: u64,
}

pub(super) struct Segments {
    directory: PathBuf,
    bytes_max: u64,
    current: Option<Segment>,
    line: Vec<u8>,
}

struct Segment {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
}

impl Segment {
    /// Whether the path still leads to what is written to.
    fn is_found(&self) -> bool {
        let place =
            |metadata: io::Result<std::fs::Metadata>| metadata.ok().map(|file| (file.dev(), file.ino()));
        place(self.file.get_ref().metadata()) == place(self.path.metadata())
    }
}

impl Segments {
    pub(super) fn open(directory: &Path, bytes_max: u64) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let segments = Self { directory: directory.to_owned(), bytes_max, current: None, line: Vec::new() };
        segments.drop_oldest()?;
        Ok(segments)
    }

    pub(super) fn append(&mut self, record: &Record, now_ms: u64) -> io::Result<()> {
        self.line.clear();
        super::line::write(record, &mut self.line)?;
        self.append_line(now_ms)
    }

    pub(super) fn append_loss(&mut self, lost: u64, now_ms: u64) -> io::Result<()> {
        self.line.clear();
        let loss = Loss { v: RECORD_VERSION, time: rfc3339_millis(now_ms), lost };
        serde_json::to_writer(&mut self.line, &loss)?;
        self.append_line(now_ms)?;
        self.flush()
    }

    /// Whether the segment was removed, renamed or exchanged by others: what is written to it nobody would find, so
    /// the next record begins another.
    pub(super) fn leave_what_is_gone(&mut self) -> bool {
        let gone = self.current.take_if(|segment| !segment.is_found()).is_some();
        if gone {
            // The folder may be gone with it; what cannot be made is told by the next record.
            let _ = DirBuilder::new().recursive(true).mode(0o700).create(&self.directory);
        }
        gone
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        let flushed = self.current.as_mut().map_or(Ok(()), |segment| segment.file.flush());
        if flushed.is_err() {
            // A half-written line stays in the old file; the next record begins a new one.
            self.current = None;
        }
        flushed
    }

    /// Appends what is in `line`.
    fn append_line(&mut self, now_ms: u64) -> io::Result<()> {
        self.line.push(b'\n');
        let length = u64::try_from(self.line.len()).unwrap_or(u64::MAX);
        if self.current.as_ref().is_none_or(|segment| segment.bytes + length > self.bytes_max / SEGMENTS) {
            self.begin(now_ms)?;
        }
        let Some(segment) = self.current.as_mut() else { return Err(io::ErrorKind::NotFound.into()) };
        segment.file.write_all(&self.line)?;
        segment.bytes += length;
        Ok(())
    }

    /// Ends the current segment and begins one whose name is later than every other.
    fn begin(&mut self, now_ms: u64) -> io::Result<()> {
        self.flush()?;
        self.current = None;
        let newest = list(&self.directory)?.last().map_or(0, |(begun_ms, _)| *begun_ms);
        let mut begun_ms = now_ms.max(newest + 1);
        let (path, file) = loop {
            let path = self.directory.join(format!("{begun_ms:014}.{EXTENSION}"));
            match OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path) {
                // A process that is being replaced writes its last records here too.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => begun_ms += 1,
                opened => break (path, opened?),
            }
        };
        self.current = Some(Segment { path, file: BufWriter::with_capacity(64 << 10, file), bytes: 0 });
        self.drop_oldest()
    }

    /// Leaves room for one more segment within the bound, and for one of another process while it is being replaced;
    /// never removes the newest.
    fn drop_oldest(&self) -> io::Result<()> {
        let all = list(&self.directory)?;
        let mut sizes = Vec::with_capacity(all.len());
        for (_, path) in &all {
            sizes.push(path.metadata()?.len());
        }
        let mut total: u64 = sizes.iter().sum();
        let room = self.bytes_max - 2 * (self.bytes_max / SEGMENTS);
        for ((_, path), size) in all.iter().zip(&sizes).take(all.len().saturating_sub(1)) {
            if total <= room {
                break;
            }
            std::fs::remove_file(path)?;
            total -= size;
        }
        Ok(())
    }
}

/// When the segment was last written to, in milliseconds since 1970.
fn written_ms(path: &Path) -> Option<u64> {
    let written = path.metadata().ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    u64::try_from(written.as_millis()).ok()
}

/// The segments in the order in which they were begun.
pub(super) fn list(directory: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let begun_ms = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if let (Some(begun_ms), true) = (begun_ms, path.extension().is_some_and(|found| found == EXTENSION)) {
            all.push((begun_ms, path));
        }
    }
    all.sort();
    Ok(all)
}

/// A record is written after its request came, so segments that ended before `received_ms` cannot hold it. Where a
/// process was replaced, the one before wrote on in a segment that was begun earlier: those are looked at last.
pub(super) fn find(directory: &Path, request_id: &str, received_ms: u64) -> io::Result<Option<Record>> {
    let all = list(directory)?;
    let first = all.iter().rposition(|(begun_ms, _)| *begun_ms <= received_ms).unwrap_or(0);
    let member = format!("\"request_id\":\"{request_id}\"");
    let written_on =
        |path: &Path| written_ms(path).is_none_or(|written_ms| written_ms + CLOCKS_MS >= received_ms);
    let earlier = all.iter().take(first).rev().filter(|(_, path)| written_on(path));
    // A clock that was ahead and is put right leaves ids that are later than their segments.
    let unlikely = all.iter().take(first).rev().filter(|(_, path)| !written_on(path));
    for (_, path) in all.iter().skip(first).chain(earlier).chain(unlikely) {
        for line in BufReader::new(File::open(path)?).lines() {
            let line = line?;
            if !line.contains(&member) {
                continue;
            }
            let record = serde_json::from_str::<Record>(&line).ok();
            if let Some(record) = record.filter(|record| record.request_id == request_id) {
                return Ok(Some(record));
            }
        }
    }
    Ok(None)
}
