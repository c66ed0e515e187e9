//! Passes listening sockets from a process to its successor: SCM_RIGHTS (unix(7)) over the Unix socket of
//! administration, whose other end is our own user or root.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Interest};
use tokio::net::UnixStream;

use crate::Socket;

/// Sockets that are passed at a time.
pub const SOCKETS_MAX: usize = 64;
/// Longest line, either way.
const LINE_BYTES_MAX: usize = 64 << 20;
const SPACE: usize = rustix::cmsg_space!(ScmRights(SOCKETS_MAX));

/// Sends a line, and the sockets with its first byte.
pub(crate) async fn send(stream: &UnixStream, line: &[u8], sockets: &[&Socket]) -> io::Result<()> {
    if sockets.len() > SOCKETS_MAX {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let descriptors: Vec<BorrowedFd<'_>> = sockets.iter().map(|socket| socket.as_fd()).collect();
    let mut sent = stream
        .async_io(Interest::WRITABLE, || {
            let mut space = [MaybeUninit::uninit(); SPACE];
            let mut control = SendAncillaryBuffer::new(&mut space);
            if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            Ok(sendmsg(stream, &[IoSlice::new(line)], &mut control, SendFlags::NOSIGNAL)?)
        })
        .await?;
    while let Some(rest) = line.get(sent..).filter(|rest| !rest.is_empty()) {
        stream.writable().await?;
        match stream.try_write(rest) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The successor's end of a conversation with the process before it.
#[derive(Debug)]
pub struct Predecessor {
    stream: BufReader<UnixStream>,
}

impl Predecessor {
    /// Asks one line of the process that listens at `path`; its answer, and the sockets that came with it.
    /// Errors: nobody listens, or may not be spoken to; `InvalidData` when what came is no listening socket.
    pub async fn ask(
        path: &Path,
        question: &str,
        patience: Duration,
    ) -> io::Result<(Self, String, Vec<Socket>)> {
        let asked = async {
            let mut stream = UnixStream::connect(path).await?;
            stream.write_all(format!("{question}\n").as_bytes()).await?;
            let (line, descriptors) = receive(&stream).await?;
            let sockets = descriptors.into_iter().map(Socket::inherited).collect::<io::Result<Vec<_>>>();
            let sockets = sockets.map_err(|_| io::ErrorKind::InvalidData)?;
            Ok((Self { stream: BufReader::new(stream) }, line, sockets))
        };
        tokio::time::timeout(patience, asked).await?
    }

    /// Says a line and waits for the answer; `None` when the process before has ended.
    pub async fn say(&mut self, line: &str, patience: Duration) -> io::Result<Option<String>> {
        let said = async {
            self.stream.get_mut().write_all(format!("{line}\n").as_bytes()).await?;
            let mut answer = Vec::new();
            (&mut self.stream).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut answer).await?;
            match answer.pop() {
                Some(b'\n') => {
                    String::from_utf8(answer).map(Some).map_err(|_| io::ErrorKind::InvalidData.into())
                }
                _ => Ok(None),
            }
        };
        tokio::time::timeout(patience, said).await?
    }
}

/// Reads one line, and whatever descriptors come with its bytes.
async fn receive(stream: &UnixStream) -> io::Result<(String, Vec<OwnedFd>)> {
    let (mut line, mut descriptors) = (Vec::new(), Vec::new());
    let mut piece = vec![0; 16 << 10];
    while !line.ends_with(b"\n") {
        let read = stream
            .async_io(Interest::READABLE, || {
                let mut space = [MaybeUninit::uninit(); SPACE];
                let mut control = RecvAncillaryBuffer::new(&mut space);
                let mut slices = [IoSliceMut::new(&mut piece)];
                let message = recvmsg(stream, &mut slices, &mut control, RecvFlags::CMSG_CLOEXEC)?;
                for part in control.drain() {
                    if let RecvAncillaryMessage::ScmRights(passed) = part {
                        descriptors.extend(passed);
                    }
                }
                Ok(message.bytes)
            })
            .await?;
        line.extend_from_slice(piece.get(..read).unwrap_or_default());
        if read == 0 || line.len() > LINE_BYTES_MAX || descriptors.len() > SOCKETS_MAX {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    line.pop();
    let line = String::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok((line, descriptors))
}

#[cfg(test)]
mod tests;
