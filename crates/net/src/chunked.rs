//! Where a message body ends: by length, by chunks (RFC 9112 section 7.1), or by the end of the connection.

mod extension;

use bytes::{Buf, Bytes, BytesMut};

use crate::body::BodyError;

/// Longest line that states a chunk's size, with its extensions.
const SIZE_LINE_BYTES_MAX: usize = 256;
/// Extensions of all chunks of one body together. Nobody has a use for them; floods of them are an attack.
const EXTENSION_BYTES_MAX: usize = 4 << 10;
/// The trailer section, which is read and dropped.
const TRAILER_BYTES_MAX: usize = 8 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoder {
    Done,
    /// Bytes that are still to come.
    Length(u64),
    Chunked {
        state: State,
        extension_bytes: usize,
        trailer_bytes: usize,
    },
    /// Until the peer closes; only for responses.
    Close,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Size,
    Data(u64),
    DataEnd,
    Trailer,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Data(Bytes),
    /// The buffer holds no more of the body; it must be filled.
    More,
    Done,
}

impl Decoder {
    pub(crate) const CHUNKED: Self =
        Self::Chunked { state: State::Size, extension_bytes: 0, trailer_bytes: 0 };

    pub(crate) fn length(bytes: u64) -> Self {
        if bytes == 0 { Self::Done } else { Self::Length(bytes) }
    }

    pub(crate) fn is_done(&self) -> bool {
        *self == Self::Done
    }

    /// Bytes to come, when they are known.
    pub(crate) fn remaining(&self) -> Option<u64> {
        match self {
            Self::Done => Some(0),
            Self::Length(left) => Some(*left),
            Self::Chunked { .. } | Self::Close => None,
        }
    }

    /// How many of the next `most` bytes are to come; 0 where that is not known.
    pub(crate) fn coming(self, most: usize) -> usize {
        match self {
            Self::Length(left) => usize::try_from(left).map_or(most, |left| left.min(most)),
            Self::Done | Self::Chunked { .. } | Self::Close => 0,
        }
    }

    /// Looks whether the last chunk is there already, so that the end is known together with the last piece.
    pub(crate) fn settle(&mut self, buffer: &mut BytesMut) {
        if matches!(self, Self::Chunked { state: State::DataEnd, .. }) && buffer.as_ref() == b"\r\n0\r\n\r\n"
        {
            buffer.clear();
            *self = Self::Done;
        }
    }

    /// Takes the whole body, when its length was said and `buffer` holds all of it.
    pub(crate) fn take_whole(&mut self, buffer: &mut BytesMut) -> Option<Bytes> {
        let Self::Length(left) = self else { return None };
        let length = usize::try_from(*left).ok().filter(|length| *length <= buffer.len())?;
        *self = Self::Done;
        Some(buffer.split_to(length).freeze())
    }

    /// Takes the next piece of the body from the front of `buffer`, without copying it.
    pub(crate) fn decode(&mut self, buffer: &mut BytesMut) -> Result<Step, BodyError> {
        match self {
            Self::Done => Ok(Step::Done),
            Self::Length(left) => {
                let Some(data) = take(buffer, *left) else { return Ok(Step::More) };
                *self = Self::length(left.saturating_sub(data.len() as u64));
                Ok(Step::Data(data))
            }
            Self::Close => Ok(take(buffer, u64::MAX).map_or(Step::More, Step::Data)),
            Self::Chunked { state, extension_bytes, trailer_bytes } => {
                let step = decode_chunk(buffer, state, extension_bytes, trailer_bytes)?;
                if step == Step::Done {
                    *self = Self::Done;
                }
                Ok(step)
            }
        }
    }
}

fn decode_chunk(
    buffer: &mut BytesMut,
    state: &mut State,
    extension_bytes: &mut usize,
    trailer_bytes: &mut usize,
) -> Result<Step, BodyError> {
    loop {
        match state {
            State::Size => {
                let Some(end) = line_end(buffer, SIZE_LINE_BYTES_MAX)? else { return Ok(Step::More) };
                let line = buffer.get(..end).unwrap_or_default();
                let (size, extension) = read_size(line)?;
                *extension_bytes += extension;
                if *extension_bytes > EXTENSION_BYTES_MAX {
                    return Err(BodyError::Malformed);
                }
                buffer.advance(end + 2);
                *state = if size == 0 { State::Trailer } else { State::Data(size) };
            }
            State::Data(left) => {
                let Some(data) = take(buffer, *left) else { return Ok(Step::More) };
                *left -= data.len() as u64;
                if *left == 0 {
                    *state = State::DataEnd;
                }
                return Ok(Step::Data(data));
            }
            State::DataEnd => match buffer.get(..2) {
                Some(b"\r\n") => {
                    buffer.advance(2);
                    *state = State::Size;
                }
                None if buffer.is_empty() || buffer.as_ref() == b"\r" => return Ok(Step::More),
                _ => return Err(BodyError::Malformed),
            },
            State::Trailer => {
                let Some(end) = line_end(buffer, TRAILER_BYTES_MAX.saturating_sub(*trailer_bytes))? else {
                    return Ok(Step::More);
                };
                check_trailer(buffer.get(..end).unwrap_or_default())?;
                *trailer_bytes += end + 2;
                buffer.advance(end + 2);
                if end == 0 {
                    return Ok(Step::Done);
                }
                if *trailer_bytes >= TRAILER_BYTES_MAX {
                    return Err(BodyError::Malformed);
                }
            }
        }
    }
}

fn take(buffer: &mut BytesMut, left: u64) -> Option<Bytes> {
    if buffer.is_empty() {
        return None;
    }
    let length = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
    Some(buffer.split_to(length).freeze())
}

/// Where the first line ends (at its CR), when it is there whole. A line feed alone ends nothing.
fn line_end(buffer: &[u8], bytes_max: usize) -> Result<Option<usize>, BodyError> {
    let window = buffer.get(..buffer.len().min(bytes_max + 2)).unwrap_or_default();
    match window.iter().position(|byte| *byte == b'\n') {
        Some(feed) if feed > 0 && window.get(feed - 1) == Some(&b'\r') => Ok(Some(feed - 1)),
        Some(_) => Err(BodyError::Malformed),
        None if window.len() < bytes_max + 2 => Ok(None),
        None => Err(BodyError::Malformed),
    }
}

/// The size in a line such as `1aF;name=value`, and the bytes of its extension.
fn read_size(line: &[u8]) -> Result<(u64, usize), BodyError> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (size, extension) = line.split_at_checked(digits).ok_or(BodyError::Malformed)?;
    // 15 digits leave room in u64 and in every sum.
    if digits == 0 || digits > 15 || !extension::is_well_formed(extension) {
        return Err(BodyError::Malformed);
    }
    let text = std::str::from_utf8(size).map_err(|_| BodyError::Malformed)?;
    let size = u64::from_str_radix(text, 16).map_err(|_| BodyError::Malformed)?;
    Ok((size, extension.len()))
}

fn check_trailer(line: &[u8]) -> Result<(), BodyError> {
    if line.is_empty() {
        return Ok(());
    }
    let colon = line.iter().position(|byte| *byte == b':').ok_or(BodyError::Malformed)?;
    let (name, value) = line.split_at_checked(colon).ok_or(BodyError::Malformed)?;
    let fine = http::HeaderName::from_bytes(name).is_ok() && http::HeaderValue::from_bytes(value).is_ok();
    if fine { Ok(()) } else { Err(BodyError::Malformed) }
}

#[cfg(test)]
mod tests;
