//! The state of a service: its cells' engines, and how far each is in its day. Images of it, their hash, and their file.
//!
//! ```text
//! image of a cell    u32 cell, day, stages done · controls of the day (52 bytes) · snapshot of the engine
//! state hash         BLAKE3 over the BLAKE3 hashes of the images, in the order of the cells
//! epoch-N.snapshot   header as in an epoch's journal, magic "YUEFUSNP" · for each cell u64 length, image · BLAKE3 of all before
//! ```
//!
//! A snapshot is written under a temporary name, synced, renamed, and the directory synced: under its name it is whole or the
//! disk has damaged it since, which the last hash shows.

use super::disk::Disk;
use super::segment::{FileHeader, HEADER_BYTES, Hash, Kind};
use crate::base::time::Day;
use crate::credit::{CONTROLS_BYTES, ClosePhase, Controls, Engine, SnapshotError};
use std::io::{self, Read};
use std::path::Path;

/// Bytes of an image before the engine's.
const FRONT_BYTES: usize = 12 + CONTROLS_BYTES;

/// Length of a snapshot's header, of a hash.
const HASH_BYTES: usize = 32;

/// A cell of the service as the journal knows it.
#[derive(Clone, Debug)]
pub struct CellState {
    /// The engine.
    pub engine: Engine,
    /// The day that was opened last; [`Day::NEVER`] before the first.
    pub day: Day,
    /// Stages of the close of that day that are done: [`ClosePhase::ALL`]'s length when the day is closed.
    pub stages_done: u8,
    /// Controls of that day.
    pub controls: Controls,
}

impl CellState {
    /// The day is closed (or none was opened yet).
    pub fn is_closed(&self) -> bool {
        usize::from(self.stages_done) == ClosePhase::ALL.len()
    }

    /// The image of this cell under its number.
    pub fn image(&self, cell: u32) -> CellImage {
        CellImage::new(cell, &self.engine, self.day, self.stages_done, &self.controls)
    }
}

/// A cell's state as bytes, with their hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellImage {
    cell: u32,
    bytes: Vec<u8>,
    hash: Hash,
}

impl CellImage {
    /// The image of a cell: its number, its engine, the day that was opened last, the stages of its close that are done, and
    /// the controls of that day. Takes about half a microsecond a user; made on the thread that owns the cell.
    pub fn new(cell: u32, engine: &Engine, day: Day, stages_done: u8, controls: &Controls) -> CellImage {
        let mut bytes = Vec::with_capacity(FRONT_BYTES + engine.len() * 400);
        for word in [cell, u32::from(day.0), u32::from(stages_done)] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        controls.write(&mut bytes);
        engine.write_snapshot(&mut |piece| bytes.extend_from_slice(piece));
        CellImage { cell, hash: *blake3::hash(&bytes).as_bytes(), bytes }
    }

    /// Number of the cell.
    pub fn cell(&self) -> u32 {
        self.cell
    }

    /// The cell of an image, with its number.
    fn read(bytes: &[u8]) -> Result<(u32, CellState), SnapshotError> {
        let (front, engine) = bytes.split_at_checked(FRONT_BYTES).ok_or(SnapshotError::Length)?;
        let word = |i: usize| u32::from_le_bytes(std::array::from_fn(|b| front[4 * i + b]));
        let impossible = SnapshotError::Impossible("day of a cell");
        let day = u16::try_from(word(1)).map(Day).map_err(|_| impossible)?;
        let stages_done = u8::try_from(word(2)).ok().filter(|done| usize::from(*done) <= ClosePhase::ALL.len());
        let stages_done = stages_done.ok_or(impossible)?;
        let controls = front.last_chunk().and_then(Controls::read).ok_or(impossible)?;
        Ok((word(0), CellState { engine: Engine::read_snapshot(engine)?, day, stages_done, controls }))
    }
}

/// The hash of a service's state, from the images of its cells in the order of their numbers.
pub(crate) fn state_hash(images: &[CellImage]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    images.iter().for_each(|image| {
        hasher.update(&image.hash);
    });
    *hasher.finalize().as_bytes()
}

/// The hash of a service's state.
pub(crate) fn hash_of(cells: &[CellState]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    for (number, cell) in cells.iter().enumerate() {
        hasher.update(&cell.image(number as u32).hash);
    }
    *hasher.finalize().as_bytes()
}

/// Writes a snapshot; the images are in the order of the cells.
///
/// # Errors
/// From the disk.
pub(super) fn write(disk: &dyn Disk, path: &Path, header: &FileHeader, images: &[CellImage]) -> io::Result<()> {
    let partial = path.with_extension("snapshot.partial");
    let mut file = disk.open(&partial)?;
    file.truncate(0)?;
    let mut hasher = blake3::Hasher::new();
    let mut offset = 0;
    let mut put = |bytes: &[u8]| {
        hasher.update(bytes);
        file.write_at(offset, bytes)?;
        offset += bytes.len() as u64;
        io::Result::Ok(())
    };
    put(&header.encode(Kind::Snapshot))?;
    for image in images {
        put(&(image.bytes.len() as u64).to_le_bytes())?;
        put(&image.bytes)?;
    }
    let hash = hasher.finalize();
    file.write_at(offset, hash.as_bytes())?;
    file.sync()?;
    disk.rename(&partial, path)
}

/// Why a snapshot is of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum SnapshotFileError {
    /// It could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Its bytes are not those that were written.
    #[error("its bytes are not those that were written")]
    Damaged,
    /// Its bytes are those that were written, and not a state.
    #[error(transparent)]
    Cell(#[from] SnapshotError),
}

/// Reads a snapshot.
///
/// # Errors
/// [`SnapshotFileError`] when it is not whole.
pub(super) fn read(disk: &dyn Disk, path: &Path) -> Result<(FileHeader, Vec<CellState>), SnapshotFileError> {
    let mut bytes = Vec::new();
    disk.read(path)?.read_to_end(&mut bytes)?;
    decode(&bytes)
}

fn decode(bytes: &[u8]) -> Result<(FileHeader, Vec<CellState>), SnapshotFileError> {
    let (content, stated) = bytes.split_last_chunk::<HASH_BYTES>().ok_or(SnapshotFileError::Damaged)?;
    if blake3::hash(content).as_bytes() != stated {
        return Err(SnapshotFileError::Damaged);
    }
    let (header, mut left) = content.split_first_chunk::<HEADER_BYTES>().ok_or(SnapshotFileError::Damaged)?;
    let header = FileHeader::decode(Kind::Snapshot, header).ok_or(SnapshotFileError::Damaged)?;
    let mut cells = Vec::new();
    while let Some((length, tail)) = left.split_first_chunk::<8>() {
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| SnapshotFileError::Damaged)?;
        let (image, tail) = tail.split_at_checked(length).ok_or(SnapshotFileError::Damaged)?;
        let (number, cell) = CellImage::read(image)?;
        if number as usize != cells.len() {
            return Err(SnapshotFileError::Damaged);
        }
        cells.push(cell);
        left = tail;
    }
    if !left.is_empty() || cells.len() != header.cells as usize || hash_of(&cells) != header.stands_on {
        return Err(SnapshotFileError::Damaged);
    }
    Ok((header, cells))
}
