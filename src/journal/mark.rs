//! The high-water mark: how far the journal had been acknowledged. It lies in a file of its own, so that a journal that lost
//! its tail cannot also lose the knowledge of it.
//!
//! ```text
//! at 0 and at 4096, the newer one counts:
//!  0 u32 magic · 4 u32 version · 8 u32 epoch · 12 u32 batch · 16 u64 sequence · 24 hash of that batch · 56 u32 0 · 60 u32 CRC-32C
//! ```
//!
//! Marks are written to the two slots in turn: a write that is torn by a loss of power leaves the former mark whole, and it had
//! not been acknowledged by then.

use super::disk::Disk;
use super::segment::{Hash, word};
use std::io::{self, Read};
use std::path::Path;

const MAGIC: u32 = u32::from_le_bytes(*b"YMRK");
const VERSION: u32 = 1;

/// Bytes of a mark.
pub(super) const MARK_BYTES: usize = 64;

/// Distance of the slots: no page and no sector of a disk holds both.
pub(super) const SLOT_DISTANCE: usize = 4096;

/// The last record that was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Epoch of its batch.
    pub epoch: u32,
    /// Number of its batch in the epoch from 1; 0 when the epoch has none yet.
    pub batch: u32,
    /// Number of the record.
    pub sequence: u64,
    /// Hash of its batch; of the header of the epoch's file when it has no batch yet.
    pub hash: Hash,
}

/// What the file of the mark holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// The newest readable mark.
    pub newest: Option<Mark>,
    /// The slot that it lies in.
    pub(super) newest_slot: Option<u64>,
    /// A slot holds something that is no mark: a write was torn, or the file is damaged.
    pub damaged: bool,
}

/// The slot of the next mark after `written` marks, as an offset in the file.
pub(super) const fn slot_offset(written: u64) -> u64 {
    (written % 2) * SLOT_DISTANCE as u64
}

impl Mark {
    pub(super) fn encode(&self) -> [u8; MARK_BYTES] {
        let mut bytes = [0; MARK_BYTES];
        bytes[..4].copy_from_slice(&MAGIC.to_le_bytes());
        bytes[4..8].copy_from_slice(&VERSION.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.batch.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[24..56].copy_from_slice(&self.hash);
        let crc = crc32c::crc32c(&bytes[..60]);
        bytes[60..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8; MARK_BYTES]) -> Option<Mark> {
        let right = word(bytes, 60) == crc32c::crc32c(&bytes[..60])
            && word(bytes, 0) == MAGIC
            && word(bytes, 4) == VERSION
            && word(bytes, 56) == 0;
        right.then(|| Mark {
            epoch: word(bytes, 8),
            batch: word(bytes, 12),
            sequence: u64::from(word(bytes, 16)) | u64::from(word(bytes, 20)) << 32,
            hash: std::array::from_fn(|i| bytes[24 + i]),
        })
    }
}

/// The marks in the bytes of the file.
pub(super) fn decode(bytes: &[u8]) -> Marks {
    let mut marks = Marks { newest: None, newest_slot: None, damaged: false };
    for slot in 0..2 {
        let at = bytes.get(slot * SLOT_DISTANCE..).and_then(|tail| tail.first_chunk::<MARK_BYTES>());
        match at.map(|bytes| (Mark::decode(bytes), bytes)) {
            Some((Some(mark), _)) => {
                if marks.newest.is_none_or(|other| (other.epoch, other.batch) < (mark.epoch, mark.batch)) {
                    (marks.newest, marks.newest_slot) = (Some(mark), Some(slot as u64));
                }
            }
            // The second slot is empty until the second mark.
            Some((None, bytes)) => marks.damaged |= bytes.iter().any(|byte| *byte != 0),
            None => marks.damaged = true,
        }
    }
    marks
}

/// Reads the file of the mark.
///
/// # Errors
/// From the disk. A missing file is no error: it holds no mark.
pub(super) fn read(disk: &dyn Disk, path: &Path) -> io::Result<Marks> {
    let mut bytes = Vec::new();
    match disk.read(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => Ok(decode(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(Marks { newest: None, newest_slot: None, damaged: true })
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(batch: u32) -> Mark {
        Mark { epoch: 3, batch, sequence: 7_000_000_000 + u64::from(batch), hash: [batch as u8; 32] }
    }

    fn file(marks: &[Mark]) -> Vec<u8> {
        let mut bytes = vec![0; SLOT_DISTANCE + MARK_BYTES];
        for (written, mark) in marks.iter().enumerate() {
            let at = slot_offset(written as u64) as usize;
            bytes[at..at + MARK_BYTES].copy_from_slice(&mark.encode());
        }
        bytes
    }

    #[test]
    fn the_newer_slot_counts() {
        for count in 1..6 {
            let marks: Vec<Mark> = (1..=count).map(mark).collect();
            let newest_slot = Some(u64::from(count - 1) % 2);
            assert_eq!(decode(&file(&marks)), Marks { newest: Some(mark(count)), newest_slot, damaged: false });
        }
        let next_epoch = Mark { epoch: 4, batch: 0, ..mark(1) };
        assert_eq!(decode(&file(&[mark(9), next_epoch])).newest, Some(next_epoch));
    }

    #[test]
    fn no_byte_of_a_mark_can_change_unseen() {
        let bytes = file(&[mark(1), mark(2)]);
        for byte in (0..MARK_BYTES).chain(SLOT_DISTANCE..SLOT_DISTANCE + MARK_BYTES) {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[byte] ^= 1 << bit;
                let (left, slot) = if byte < MARK_BYTES { (mark(2), 1) } else { (mark(1), 0) };
                let expected = Marks { newest: Some(left), newest_slot: Some(slot), damaged: true };
                assert_eq!(decode(&damaged), expected, "byte {byte} bit {bit}");
            }
        }
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).damaged, "{length} bytes");
        }
    }
}
