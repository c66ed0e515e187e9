//! As much of HPACK (RFC 7541) as an attacker needs: literals to send, and the status of an answer to read. The table is
//! declared to have no room, so that nothing is ever remembered.

/// A field as a literal that nobody keeps, without Huffman coding (section 6.2.2).
pub fn literal(name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        integer(&mut bytes, 7, text.len());
        bytes.extend(text);
    }
    bytes
}

/// An integer with a prefix of so many bits, the other bits being 0 (section 5.1).
fn integer(bytes: &mut Vec<u8>, prefix: u32, mut value: usize) {
    let max = (1_usize << prefix) - 1;
    if value < max {
        bytes.push(u8::try_from(value).unwrap());
        return;
    }
    bytes.push(u8::try_from(max).unwrap());
    value -= max;
    while value >= 128 {
        bytes.push(u8::try_from(value % 128).unwrap() | 128);
        value /= 128;
    }
    bytes.push(u8::try_from(value).unwrap());
}

/// The `:status` of a block. It stands first, after changes of the table's size.
pub fn status(block: &[u8]) -> Option<u16> {
    const INDEXED: [u16; 7] = [200, 204, 206, 304, 400, 404, 500];
    let block = block.get(block.iter().take_while(|byte| **byte & 0xe0 == 0x20).count()..)?;
    let (first, rest) = block.split_first()?;
    if first & 0x80 != 0 {
        return INDEXED.get(usize::from(first & 0x7f).checked_sub(8)?).copied();
    }
    let name = first & if first & 0x40 != 0 { 0x3f } else { 0x0f };
    if !(8..=14).contains(&name) {
        return None;
    }
    let (length, text) = rest.split_first()?;
    let text = text.get(..usize::from(length & 0x7f))?;
    if length & 0x80 == 0 {
        return std::str::from_utf8(text).ok()?.parse().ok();
    }
    digits(text)
}

/// Huffman codes of digits (appendix B): 0, 1 and 2 have five bits, the others six.
fn digits(text: &[u8]) -> Option<u16> {
    let bits: Vec<u8> = text.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
    let take = |at: usize, count: usize| {
        bits.get(at..at + count)?.iter().try_fold(0_u16, |all, bit| Some(all << 1 | u16::from(*bit)))
    };
    let (mut at, mut number) = (0, 0);
    for _ in 0..3 {
        let five = take(at, 5)?;
        let (digit, length) = if five <= 2 { (five, 5) } else { ((take(at, 6)?).checked_sub(0x19)? + 3, 6) };
        number = number * 10 + digit;
        at += length;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_read_in_every_coding() {
        assert_eq!(status(&[0x88]), Some(200));
        assert_eq!(status(&[0x20, 0x8c]), Some(400));
        // RFC 7541 appendix C.6.1: 302 with Huffman coding; C.5.1: without.
        assert_eq!(status(&[0x48, 0x82, 0x64, 0x02]), Some(302));
        assert_eq!(status(&[0x48, 0x03, b'3', b'0', b'2']), Some(302));
        // C.6.2: 307.
        assert_eq!(status(&[0x48, 0x83, 0x64, 0x0e, 0xff]), Some(307));
    }

    #[test]
    fn long_literals_have_long_lengths() {
        let block = literal(b"a", &[b'b'; 300]);
        assert_eq!(block[..5], [0, 1, b'a', 127, 0xad]);
        assert_eq!(block.len(), 3 + 3 + 300);
    }
}
