#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;

/// Feeds `text` in pieces of `size` bytes; gives the body and what is left over.
fn decode(text: &[u8], size: usize) -> Result<(Vec<u8>, Vec<u8>), BodyError> {
    let (mut decoder, mut buffer, mut body) = (Decoder::CHUNKED, BytesMut::new(), Vec::new());
    let mut pieces = text.chunks(size);
    loop {
        match decoder.decode(&mut buffer)? {
            Step::Data(data) => body.extend_from_slice(&data),
            Step::Done => {
                let rest = pieces.flatten().copied();
                return Ok((body, buffer.iter().copied().chain(rest).collect()));
            }
            Step::More => buffer.extend_from_slice(pieces.next().ok_or(BodyError::Truncated)?),
        }
    }
}

#[test]
fn the_result_does_not_depend_on_how_the_bytes_arrive() {
    let text = b"3;name=value\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\nAnother: y\r\n\r\nNEXT";
    for size in 1..=text.len() {
        assert_eq!(
            decode(text, size),
            Ok((b"abc0123456789".to_vec(), b"NEXT".to_vec())),
            "in pieces of {size}"
        );
    }
    for end in 0..text.len() - 4 {
        assert_eq!(decode(&text[..end], 7), Err(BodyError::Truncated), "cut at {end}");
    }
}

#[test]
fn a_size_has_at_most_15_digits_and_no_more_than_they_say() {
    assert_eq!(read_size(b"fffffffffffffff"), Ok((0x0fff_ffff_ffff_ffff, 0)));
    assert_eq!(read_size(b"1000000000000000"), Err(BodyError::Malformed));
    assert_eq!(read_size(b"0a;x"), Ok((10, 2)));
    for line in [&b""[..], b"g", b"-1", b"+1", b" 1", b"1 ", b"1\t;x", b"1,2", b"0x1", b"1;\x01", b"1_0"] {
        assert_eq!(read_size(line), Err(BodyError::Malformed), "{line:?}");
    }
}

#[test]
fn a_last_chunk_that_is_there_already_is_seen_with_the_last_piece() {
    let mut buffer = BytesMut::from(&b"3\r\nabc\r\n0\r\n\r\n"[..]);
    let mut decoder = Decoder::CHUNKED;
    assert_eq!(decoder.decode(&mut buffer), Ok(Step::Data(Bytes::from_static(b"abc"))));
    decoder.settle(&mut buffer);
    assert!(decoder.is_done() && buffer.is_empty());
}

#[test]
fn a_length_ends_where_it_says() {
    let (mut decoder, mut buffer) = (Decoder::length(3), BytesMut::from(&b"abcdef"[..]));
    assert_eq!(decoder.remaining(), Some(3));
    assert_eq!(decoder.decode(&mut buffer), Ok(Step::Data(Bytes::from_static(b"abc"))));
    assert_eq!((decoder.decode(&mut buffer), buffer.as_ref()), (Ok(Step::Done), &b"def"[..]));
    assert!(Decoder::length(0).is_done());
}
