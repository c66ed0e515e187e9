//! Administration over a Unix socket: one line of JSON asks, lines of JSON answer. Only our own user and root may speak.

mod notify;

use std::future::Future;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::{Shutdown, Socket, handover};

pub use notify::notify;

/// Longest line, asked or answered.
const LINE_BYTES_MAX: usize = 4 << 20;
const CONNECTIONS_MAX: usize = 32;
/// For the question to arrive, and for one line of the answer to be taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers one question with as many lines as it takes.
pub trait LineHandler: Send + Sync + 'static {
    /// The future is dropped when the process stops.
    fn answer(
        self: Arc<Self>,
        question: String,
        answers: Answers,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Where the lines of one answer go.
#[derive(Debug)]
pub struct Answers {
    writer: OwnedWriteHalf,
    reader: BufReader<OwnedReadHalf>,
    peer_uid: u32,
}

impl Answers {
    /// The asker's user, as the kernel says (`SO_PEERCRED`).
    pub fn peer_uid(&self) -> u32 {
        self.peer_uid
    }

    /// Sends one line. Errors: the asker is gone or takes nothing; `InvalidInput` when there is a line feed in the line.
    pub async fn send(&mut self, line: &str) -> io::Result<()> {
        if line.contains('\n') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut text = String::with_capacity(line.len() + 1);
        text.push_str(line);
        text.push('\n');
        tokio::time::timeout(PATIENCE, self.writer.write_all(text.as_bytes())).await?
    }

    /// Like [`Answers::send`], and passes listening sockets along with the line.
    pub async fn send_with(&mut self, line: &str, sockets: &[&Socket]) -> io::Result<()> {
        if line.contains('\n') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let stream: &UnixStream = self.writer.as_ref();
        tokio::time::timeout(PATIENCE, handover::send(stream, format!("{line}\n").as_bytes(), sockets))
            .await?
    }

    /// What the asker says next; `None` when it has gone. Waits for as long as it takes.
    pub async fn next_line(&mut self) -> io::Result<Option<String>> {
        read_line(&mut self.reader).await
    }

    /// Resolves when the asker has closed its side: a stream of lines need not go on.
    pub async fn closed(&mut self) {
        let mut unasked = [0; 64];
        while matches!(self.reader.read(&mut unasked).await, Ok(read) if read > 0) {}
    }
}

/// The socket; its file is removed when this is dropped.
#[derive(Debug)]
pub struct LineListener {
    listener: UnixListener,
    path: PathBuf,
    /// Who may speak besides root: the owner of the socket's file, which is us.
    uid: u32,
    /// The file's device and inode: a successor may have put its own socket under the name.
    file: (u64, u64),
}

impl LineListener {
    /// Binds with mode 0600. A socket that nobody listens on any more is replaced; any other file is left alone.
    /// Errors: `AddrInUse` when another process listens; `AlreadyExists` when something else is there.
    pub async fn bind(path: &Path) -> io::Result<Self> {
        match std::fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => return Err(io::ErrorKind::AlreadyExists.into()),
            Ok(_) if UnixStream::connect(path).await.is_ok() => return Err(io::ErrorKind::AddrInUse.into()),
            Ok(_) | Err(_) => {}
        }
        Self::replace(path)
    }

    /// Like [`LineListener::bind`], but takes the name of a socket that is listened on, in one step: who asks meets
    /// either the one or the other. The process before keeps the connections that it has.
    pub fn replace(path: &Path) -> io::Result<Self> {
        if std::fs::symlink_metadata(path).is_ok_and(|found| !found.file_type().is_socket()) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        // Nobody finds the socket under its name before its mode is right.
        let mut fresh = path.as_os_str().to_owned();
        fresh.push(format!(".{}", std::process::id()));
        let fresh = PathBuf::from(fresh);
        let _ = std::fs::remove_file(&fresh);
        let listener = UnixListener::bind(&fresh)?;
        let named = std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(0o600))
            .and_then(|()| std::fs::metadata(&fresh))
            .and_then(|metadata| std::fs::rename(&fresh, path).map(|()| metadata));
        match named {
            Ok(metadata) => Ok(Self {
                listener,
                path: path.to_owned(),
                uid: metadata.uid(),
                file: (metadata.dev(), metadata.ino()),
            }),
            Err(error) => {
                let _ = std::fs::remove_file(&fresh);
                Err(error)
            }
        }
    }
}

impl Drop for LineListener {
    fn drop(&mut self) {
        let found = std::fs::symlink_metadata(&self.path);
        if found.is_ok_and(|found| (found.dev(), found.ino()) == self.file) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Answers until the shutdown begins; answers that are being given then have until the drain is over.
pub async fn serve<H: LineHandler + ?Sized>(listener: LineListener, handler: Arc<H>, shutdown: Shutdown) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    let mut begun = std::pin::pin!(shutdown.begun());
    loop {
        tokio::select! {
            () = &mut begun => break,
            Some(_ended) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let peer_uid = stream.peer_cred().map(|peer| peer.uid()).ok();
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                if let Some(peer_uid) = peer_uid.filter(|peer_uid| may_speak(*peer_uid, listener.uid)) {
                    let handler = Arc::clone(&handler);
                    connections.spawn(async move {
                        attend(stream, peer_uid, handler).await;
                        drop(place);
                    });
                }
            }
        }
    }
    drop(listener);
    tokio::select! {
        () = async { while connections.join_next().await.is_some() {} } => {}
        () = shutdown.drained() => connections.shutdown().await,
    }
}

/// The mode of the file says the same; it may be changed, this not.
fn may_speak(peer_uid: u32, own_uid: u32) -> bool {
    peer_uid == own_uid || peer_uid == 0
}

async fn attend<H: LineHandler + ?Sized>(stream: UnixStream, peer_uid: u32, handler: Arc<H>) {
    let (reader, writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let question = tokio::time::timeout(PATIENCE, read_line(&mut reader)).await;
    if let Ok(Ok(Some(question))) = question {
        handler.answer(question, Answers { writer, reader, peer_uid }).await;
    }
}

/// A question that was asked, and the lines that answer it.
#[derive(Debug)]
pub struct Asked {
    reader: BufReader<OwnedReadHalf>,
    _writer: OwnedWriteHalf,
}

/// Asks; `question` is one line. Errors: nobody listens, or may not be spoken to.
pub async fn ask(path: &Path, question: &str) -> io::Result<Asked> {
    let (reader, mut writer) = UnixStream::connect(path).await?.into_split();
    writer.write_all(question.as_bytes()).await?;
    writer.write_all(b"\n").await?;
    Ok(Asked { reader: BufReader::new(reader), _writer: writer })
}

impl Asked {
    /// The next line of the answer; `None` after the last.
    pub async fn next_line(&mut self) -> io::Result<Option<String>> {
        read_line(&mut self.reader).await
    }
}

async fn read_line(reader: &mut BufReader<OwnedReadHalf>) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let mut limited = reader.take(LINE_BYTES_MAX as u64);
    limited.read_until(b'\n', &mut line).await?;
    match line.pop() {
        None => Ok(None),
        Some(b'\n') => String::from_utf8(line).map(Some).map_err(|_| io::ErrorKind::InvalidData.into()),
        Some(_) => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests;
