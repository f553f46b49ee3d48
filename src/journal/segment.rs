//! The file of an epoch: a header, then batches, each bound to the one before by its hash.
//!
//! ```text
//! file header, 64 bytes
//!  0 magic "YUEFUJNL" · 8 u32 version · 12 u32 epoch · 16 u64 last sequence before it · 24 state that it stands on (32) ·
//! 56 u32 cells · 60 u32 CRC-32C of bytes 0..60
//!
//! batch header, 64 bytes, then the records
//!  0 u32 magic · 4 u32 bytes of records · 8 u64 first sequence · 16 u32 records · 20 u32 number of the batch from 1 ·
//! 24 hash of the batch before, of the file header for the first (32) · 56 u32 epoch · 60 u32 CRC-32C of bytes 0..60 and records
//! ```
//!
//! The hash of a batch is BLAKE3 over its header and records. Reading ([`Scan`]) stops at the first thing that is not the next
//! batch. Zeros up to the end of the file are its end: room that was allocated and not used. Whether records are missing there
//! only the high-water mark can say.

use std::io::{self, Read};

/// What a file of this directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Journal,
    Snapshot,
}

impl Kind {
    const fn magic(self) -> &'static [u8; 8] {
        match self {
            Kind::Journal => b"YUEFUJNL",
            Kind::Snapshot => b"YUEFUSNP",
        }
    }
}

const BATCH_MAGIC: u32 = u32::from_le_bytes(*b"YBAT");
/// Goes up when the form of a record, of a batch or of a header changes.
pub(super) const VERSION: u32 = 2;

/// Bytes of either header.
pub(super) const HEADER_BYTES: usize = 64;

/// The most bytes of records in a batch: what a reader is ready to hold.
pub(super) const BATCH_BYTES_MAX: usize = 16 << 20;

/// A BLAKE3 hash.
pub(crate) type Hash = [u8; 32];

/// The little-endian word at an offset of a header.
pub(super) fn word<const N: usize>(bytes: &[u8; N], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn long(bytes: &[u8; HEADER_BYTES], at: usize) -> u64 {
    u64::from(word(bytes, at)) | u64::from(word(bytes, at + 4)) << 32
}

fn hash_in(bytes: &[u8; HEADER_BYTES]) -> Hash {
    std::array::from_fn(|i| bytes[24 + i])
}

/// The header of an epoch's journal, and of its snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileHeader {
    /// Number of the epoch from 1.
    pub epoch: u32,
    /// Number of the last record before this file; the first record has the next.
    pub sequence: u64,
    /// Hash of the state that the records apply to ([`super::state_hash`]).
    pub stands_on: Hash,
    /// Cells of the service.
    pub cells: u32,
}

impl FileHeader {
    pub(super) fn encode(&self, kind: Kind) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(kind.magic());
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[24..56].copy_from_slice(&self.stands_on);
        bytes[56..60].copy_from_slice(&self.cells.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..60]);
        bytes[60..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The version of a whole header of this kind.
    pub(super) fn version(kind: Kind, bytes: &[u8; HEADER_BYTES]) -> Option<u32> {
        let whole = word(bytes, 60) == crc32c::crc32c(&bytes[..60]) && bytes.starts_with(kind.magic());
        whole.then(|| word(bytes, 8))
    }

    pub(super) fn decode(kind: Kind, bytes: &[u8; HEADER_BYTES]) -> Option<FileHeader> {
        let right = FileHeader::version(kind, bytes) == Some(VERSION);
        right.then(|| FileHeader {
            epoch: word(bytes, 12),
            sequence: long(bytes, 16),
            stands_on: hash_in(bytes),
            cells: word(bytes, 56),
        })
    }

    pub(super) fn start(&self) -> Position {
        Position {
            epoch: self.epoch,
            offset: HEADER_BYTES as u64,
            batch: 0,
            sequence: self.sequence,
            hash: *blake3::hash(&self.encode(Kind::Journal)).as_bytes(),
        }
    }
}

/// A position between two batches, with all that the next batch must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// Epoch of the file.
    pub epoch: u32,
    /// Offset in the file.
    pub offset: u64,
    /// Batches before it.
    pub batch: u32,
    /// Number of the last record before it.
    pub sequence: u64,
    /// Hash of the batch before it.
    pub hash: Hash,
}

impl Position {
    /// Writes the header of the next batch over the first [`HEADER_BYTES`] of `batch`, whose rest are `count` records, and
    /// returns the position behind it.
    ///
    /// # Panics
    /// When the batch is longer than a reader takes, or empty.
    pub(super) fn seal(&self, batch: &mut [u8], count: u32) -> Position {
        let length = batch.len() - HEADER_BYTES;
        assert!(length <= BATCH_BYTES_MAX && count > 0, "a batch of {count} records in {length} bytes");
        batch[..4].copy_from_slice(&BATCH_MAGIC.to_le_bytes());
        batch[4..8].copy_from_slice(&(length as u32).to_le_bytes());
        batch[8..16].copy_from_slice(&(self.sequence + 1).to_le_bytes());
        batch[16..20].copy_from_slice(&count.to_le_bytes());
        batch[20..24].copy_from_slice(&(self.batch + 1).to_le_bytes());
        batch[24..56].copy_from_slice(&self.hash);
        batch[56..60].copy_from_slice(&self.epoch.to_le_bytes());
        let crc = crc32c::crc32c_append(crc32c::crc32c(&batch[..60]), &batch[HEADER_BYTES..]);
        batch[60..HEADER_BYTES].copy_from_slice(&crc.to_le_bytes());
        self.behind(batch, count)
    }

    fn behind(&self, batch: &[u8], count: u32) -> Position {
        Position {
            epoch: self.epoch,
            offset: self.offset + batch.len() as u64,
            batch: self.batch + 1,
            sequence: self.sequence + u64::from(count),
            hash: *blake3::hash(batch).as_bytes(),
        }
    }

    /// The number of bytes of records and of records that a header states, when it is the header of the batch that comes here.
    fn expects(&self, header: &[u8; HEADER_BYTES]) -> Option<(usize, u32)> {
        let (length, count) = (word(header, 4) as usize, word(header, 16));
        let right = word(header, 0) == BATCH_MAGIC
            && length <= BATCH_BYTES_MAX
            && count > 0
            && Some(long(header, 8)) == self.sequence.checked_add(1)
            && self.sequence.checked_add(u64::from(count)).is_some()
            && Some(word(header, 20)) == self.batch.checked_add(1)
            && hash_in(header) == self.hash
            && word(header, 56) == self.epoch;
        right.then_some((length, count))
    }
}

/// How a file ends behind its last whole batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// There, or with zeros only.
    Clean,
    /// With so many bytes, trailing zeros apart, that are no batch: a write was cut short, or the file is damaged.
    Damaged {
        /// Bytes.
        bytes: u64,
    },
}

/// Reads the batches of a file one by one, as far as they are whole.
#[derive(Debug)]
pub(super) struct Scan<R> {
    source: R,
    position: Position,
    buffer: Vec<u8>,
    end: Option<End>,
}

/// A whole batch.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    /// The encoded records.
    pub records: &'a [u8],
    /// Their number.
    pub count: u32,
    /// The position behind it.
    pub behind: Position,
}

impl<R: Read> Scan<R> {
    /// Reads the header of a file. Without a whole one nothing in the file can be trusted: `None`.
    ///
    /// # Errors
    /// From the source.
    pub(super) fn start(mut source: R) -> io::Result<Option<(FileHeader, Scan<R>)>> {
        let mut bytes = [0; HEADER_BYTES];
        if fill(&mut source, &mut bytes)? < HEADER_BYTES {
            return Ok(None);
        }
        let header = FileHeader::decode(Kind::Journal, &bytes);
        Ok(header.map(|header| (header, Scan::resume(source, header.start()))))
    }

    /// Reads on from a position between two batches; the source stands there.
    pub(super) fn resume(source: R, position: Position) -> Scan<R> {
        Scan { source, position, buffer: Vec::new(), end: None }
    }

    /// The next batch, or `None` at the end of what is whole.
    ///
    /// # Errors
    /// From the source.
    pub(super) fn next_batch(&mut self) -> io::Result<Option<Batch<'_>>> {
        if self.end.is_some() {
            return Ok(None);
        }
        self.buffer.resize(HEADER_BYTES, 0);
        let got = fill(&mut self.source, &mut self.buffer)?;
        self.buffer.truncate(got);
        let header = self.buffer.first_chunk::<HEADER_BYTES>().copied();
        let Some((length, count)) = header.as_ref().and_then(|header| self.position.expects(header)) else {
            return self.stop();
        };
        self.buffer.resize(HEADER_BYTES + length, 0);
        let got = HEADER_BYTES + fill(&mut self.source, &mut self.buffer[HEADER_BYTES..])?;
        self.buffer.truncate(got);
        let crc = crc32c::crc32c_append(crc32c::crc32c(&self.buffer[..60]), &self.buffer[HEADER_BYTES..]);
        let stated = header.map(|header| word(&header, 60));
        if got < HEADER_BYTES + length || stated != Some(crc) {
            return self.stop();
        }
        self.position = self.position.behind(&self.buffer, count);
        Ok(Some(Batch { records: &self.buffer[HEADER_BYTES..], count, behind: self.position }))
    }

    /// Looks at what is behind the last whole batch: the bytes in the buffer and the rest of the source.
    fn stop(&mut self) -> io::Result<Option<Batch<'_>>> {
        let (mut read, mut last) = (0_u64, 0_u64);
        let mut piece = std::mem::take(&mut self.buffer);
        while !piece.is_empty() {
            if let Some(at) = piece.iter().rposition(|byte| *byte != 0) {
                last = read + at as u64 + 1;
            }
            read += piece.len() as u64;
            piece.resize(4 << 10, 0);
            let got = fill(&mut self.source, &mut piece)?;
            piece.truncate(got);
        }
        self.end = Some(if last == 0 { End::Clean } else { End::Damaged { bytes: last } });
        Ok(None)
    }

    /// The position behind the last batch that was read.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// How the file ends, once [`Scan::next_batch`] has said `None`.
    pub(super) fn end(&self) -> Option<End> {
        self.end
    }
}

/// Reads until `bytes` are full or the source is at its end; returns how many were read.
fn fill(source: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < bytes.len() {
        match source.read(&mut bytes[got..]) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}
