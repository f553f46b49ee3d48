//! Frames: what goes over a socket between two members. Each carries a mark: a keyed hash of its place in the row and of its bytes. So
//! a byte that was changed, a frame that was left out, doubled or put elsewhere is seen, and with a key that others do not know,
//! nobody else can make one. Frames are not encrypted.

use std::io::{Error, ErrorKind, Read, Result, Write};

/// Bytes of a payload, at most.
pub(super) const PAYLOAD_MAX: usize = 1 << 18;

pub(super) const HEAD_BYTES: usize = 8;
const MARK_BYTES: usize = blake3::OUT_LEN;

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// The other is who it says it is, and knows the key.
    Welcome = 1,
    /// All members are here: where each of them is.
    Start = 2,
    /// Bytes of timely.
    Data = 3,
    /// The sender lives.
    Heartbeat = 4,
    /// The sender ends, and why.
    Goodbye = 5,
    /// Nothing follows: the sender has come to its end.
    Close = 6,
}

impl Kind {
    const ALL: [Kind; 6] = [Kind::Welcome, Kind::Start, Kind::Data, Kind::Heartbeat, Kind::Goodbye, Kind::Close];

    fn of(byte: u8) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// Marks the frames of one direction, in their order.
#[derive(Clone, Debug)]
pub(super) struct Marker {
    key: [u8; blake3::KEY_LEN],
    next: u64,
}

impl Marker {
    /// For the frames that are sent or expected under a key.
    pub(super) fn new(key: [u8; blake3::KEY_LEN]) -> Marker {
        Marker { key, next: 0 }
    }

    fn mark(&mut self, frame: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&self.next.to_le_bytes()).update(frame);
        self.next += 1;
        hasher.finalize()
    }

    /// Writes a frame.
    pub(super) fn write(&mut self, to: &mut impl Write, kind: Kind, payload: &[u8]) -> Result<()> {
        assert!(payload.len() <= PAYLOAD_MAX, "who sends cuts it");
        let mut frame = Vec::with_capacity(HEAD_BYTES + payload.len() + MARK_BYTES);
        frame.extend((payload.len() as u32).to_le_bytes());
        frame.extend([kind as u8, 0, 0, 0]);
        frame.extend(payload);
        let mark = self.mark(&frame);
        frame.extend(mark.as_bytes());
        to.write_all(&frame)
    }
}

/// Reads the frames of one direction, in their order, however they come in.
#[derive(Debug)]
pub(super) struct Opener {
    marker: Marker,
    frame: Vec<u8>,
    filled: usize,
}

impl Opener {
    /// For frames marked with this.
    pub(super) fn new(marker: Marker) -> Opener {
        Opener { marker, frame: vec![0; HEAD_BYTES], filled: 0 }
    }

    /// True when a frame has come in part.
    pub(super) fn is_within(&self) -> bool {
        self.filled > 0
    }

    /// Reads on; the frame, when it is whole. An error of the source leaves what has come, so that reading may go on.
    ///
    /// # Errors
    /// What the source says; its end is an error, too; a frame that is damaged or not of the sender.
    pub(super) fn read(&mut self, from: &mut impl Read) -> Result<Option<(Kind, Vec<u8>)>> {
        let read = from.read(&mut self.frame[self.filled..])?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.filled += read;
        if self.filled < self.frame.len() {
            return Ok(None);
        }
        let length = u32::from_le_bytes([self.frame[0], self.frame[1], self.frame[2], self.frame[3]]) as usize;
        if self.filled == HEAD_BYTES {
            if length > PAYLOAD_MAX {
                return Err(damaged());
            }
            self.frame.resize(HEAD_BYTES + length + MARK_BYTES, 0);
            return Ok(None);
        }
        let (frame, mark) = self.frame.split_at(HEAD_BYTES + length);
        let expected = self.marker.mark(frame);
        // The comparison takes as long whatever the bytes are.
        let came = <[u8; MARK_BYTES]>::try_from(mark).map(blake3::Hash::from_bytes);
        let kind = Kind::of(frame[4]).filter(|_| came.is_ok_and(|came| came == expected)).ok_or_else(damaged)?;
        self.filled = 0;
        let mut payload = std::mem::replace(&mut self.frame, vec![0; HEAD_BYTES]);
        payload.truncate(HEAD_BYTES + length);
        payload.drain(..HEAD_BYTES);
        Ok(Some((kind, payload)))
    }
}

/// True of the head of a frame that says nothing of the work.
pub(super) fn may_be_read(head: &[u8]) -> bool {
    let kind = head.get(4).copied().and_then(Kind::of);
    head.len() == HEAD_BYTES && matches!(kind, Some(Kind::Heartbeat | Kind::Goodbye))
}

fn damaged() -> Error {
    Error::new(ErrorKind::InvalidData, "a message is damaged or marked with another key")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes one by one, with a timeout after each.
    struct Drip<'a>(&'a [u8], bool);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
            self.1 = !self.1;
            let Some((first, rest)) = self.0.split_first().filter(|_| self.1) else {
                return if self.1 { Ok(0) } else { Err(ErrorKind::WouldBlock.into()) };
            };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn frames(bytes: &[u8], key: u8) -> std::result::Result<Vec<(Kind, Vec<u8>)>, ErrorKind> {
        let (mut source, mut opener) = (Drip(bytes, false), Opener::new(Marker::new([key; 32])));
        let mut all = Vec::new();
        loop {
            match opener.read(&mut source) {
                Ok(frame) => all.extend(frame),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof && opener.filled == 0 => return Ok(all),
                Err(error) => return Err(error.kind()),
            }
        }
    }

    fn three() -> (Vec<u8>, [usize; 4]) {
        let (mut bytes, mut ends) = (Vec::new(), [0; 4]);
        let mut marker = Marker::new([7; 32]);
        for (number, (kind, payload)) in
            [(Kind::Data, &b"some bytes"[..]), (Kind::Heartbeat, b""), (Kind::Close, b"x")].into_iter().enumerate()
        {
            marker.write(&mut bytes, kind, payload).expect("memory takes it");
            ends[number + 1] = bytes.len();
        }
        (bytes, ends)
    }

    #[test]
    fn frames_come_as_they_were_sent_however_they_are_cut() {
        let (bytes, _) = three();
        let expected =
            vec![(Kind::Data, b"some bytes".to_vec()), (Kind::Heartbeat, vec![]), (Kind::Close, b"x".to_vec())];
        assert_eq!(frames(&bytes, 7), Ok(expected));
    }

    #[test]
    fn a_changed_byte_another_key_a_frame_left_out_doubled_or_moved_is_seen() {
        let (bytes, ends) = three();
        assert_eq!(frames(&bytes, 8), Err(ErrorKind::InvalidData), "another key");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert!(frames(&changed, 7).is_err(), "byte {at}");
        }
        let frame = |number: usize| &bytes[ends[number]..ends[number + 1]];
        for order in [&[1, 2][..], &[0, 0, 1, 2], &[0, 2, 1], &[0, 2]] {
            let moved = order.iter().map(|number| frame(*number)).collect::<Vec<_>>().concat();
            assert_eq!(frames(&moved, 7), Err(ErrorKind::InvalidData), "{order:?}");
        }
        assert_eq!(frames(&bytes[..bytes.len() - 1], 7), Err(ErrorKind::UnexpectedEof), "cut");
    }
}
