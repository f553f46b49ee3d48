//! The state of a service: its cells' engines, and how far each is in its day. Images of it, their hash, and their file.
//!
//! ```text
//! image of a cell    u32 cell, lenders · for each lender: image of its engine
//! … of an engine     u32 day, stages done · controls of the day (52 bytes) · u64 length, snapshot of the engine
//! state hash         BLAKE3 over the BLAKE3 hashes of the images, in the order of the cells
//! epoch-N.snapshot   header as in an epoch's journal, magic "YUEFUSNP" · for each cell u64 length, image · BLAKE3 of all before
//! ```
//!
//! A snapshot is written under a temporary name, synced, renamed, and the directory synced: under its name it is whole or the
//! disk has damaged it since, which the last hash shows.

use super::disk::Disk;
use super::segment::{FileHeader, HEADER_BYTES, Hash, Kind, VERSION};
use crate::base::bytes::Reader;
use crate::base::ids::{LENDERS_MAX, Lender};
use crate::base::time::Day;
use crate::credit::{CONTROLS_BYTES, ClosePhase, Controls, Engine, NoLender, SnapshotError, check_lenders};
use std::io::{self, Read};
use std::path::Path;

/// Length of a snapshot's header, of a hash.
const HASH_BYTES: usize = 32;

/// A cell of the service as the journal knows it.
#[derive(Clone, Debug)]
pub struct CellState {
    /// The engines of its lenders, by number.
    pub engines: Vec<EngineState>,
}

/// An engine of a cell as the journal knows it. Each has its own days and controls, so that a record is about one of them alone.
#[derive(Clone, Debug)]
pub struct EngineState {
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
    /// The engine of a lender.
    ///
    /// # Errors
    /// [`NoLender`] when there is none.
    pub(super) fn engine_mut(&mut self, lender: Lender) -> Result<&mut EngineState, NoLender> {
        let lenders = self.engines.len();
        self.engines.get_mut(lender.index()).ok_or(NoLender { lender, lenders })
    }

    /// Users of the cell.
    pub(super) fn users(&self) -> usize {
        self.engines.first().map_or(0, |state| state.engine.len())
    }

    /// The image of this cell under its number.
    pub fn image(&self, cell: u32) -> CellImage {
        CellImage::new(cell, self.engines.iter().map(EngineState::as_it_stands))
    }
}

impl EngineState {
    /// The day is closed (or none was opened yet).
    pub fn is_closed(&self) -> bool {
        usize::from(self.stages_done) == ClosePhase::ALL.len()
    }

    fn as_it_stands(&self) -> StandingEngine<'_> {
        let EngineState { engine, day, stages_done, controls } = self;
        StandingEngine { engine, day: *day, stages_done: *stages_done, controls }
    }

    /// The engine of an image, off the front of some bytes.
    fn read(reader: &mut Reader<'_>) -> Result<EngineState, SnapshotError> {
        let impossible = SnapshotError::Impossible("day of a cell");
        let [day, stages_done] = reader.value::<[u32; 2]>().ok_or(SnapshotError::Length)?;
        let day = u16::try_from(day).map(Day).map_err(|_| impossible)?;
        let stages_done = u8::try_from(stages_done).ok().filter(|done| usize::from(*done) <= ClosePhase::ALL.len());
        let stages_done = stages_done.ok_or(impossible)?;
        let controls = reader.value::<[u8; CONTROLS_BYTES]>().ok_or(SnapshotError::Length)?;
        let controls = Controls::read(&controls).ok_or(impossible)?;
        let engine = Engine::read_snapshot(reader.sized().ok_or(SnapshotError::Length)?)?;
        Ok(EngineState { engine, day, stages_done, controls })
    }
}

/// An engine on its way into an image, with the day that was opened last, the stages of its close that are done, and the controls of
/// that day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StandingEngine<'a> {
    pub engine: &'a Engine,
    pub day: Day,
    pub stages_done: u8,
    pub controls: &'a Controls,
}

impl StandingEngine<'_> {
    fn write(&self, into: &mut Vec<u8>) {
        let bytes = self.engine.snapshot_bytes();
        into.reserve(16 + CONTROLS_BYTES + bytes as usize);
        for word in [u32::from(self.day.0), u32::from(self.stages_done)] {
            into.extend_from_slice(&word.to_le_bytes());
        }
        self.controls.write(into);
        into.extend_from_slice(&bytes.to_le_bytes());
        self.engine.write_snapshot(&mut |piece| into.extend_from_slice(piece));
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
    /// The image of a cell: its number and its engines, in the order of their lenders. Takes about half a microsecond a user; made on the
    /// thread that owns the cell.
    pub(crate) fn new<'a>(cell: u32, engines: impl Iterator<Item = StandingEngine<'a>>) -> CellImage {
        let mut bytes = [cell.to_le_bytes(), [0; 4]].concat();
        let mut lenders = 0_u32;
        for engine in engines {
            lenders += 1;
            engine.write(&mut bytes);
        }
        bytes[4..8].copy_from_slice(&lenders.to_le_bytes());
        CellImage { cell, hash: *blake3::hash(&bytes).as_bytes(), bytes }
    }

    /// Number of the cell.
    pub fn cell(&self) -> u32 {
        self.cell
    }

    /// The cell of an image, with its number.
    fn read(bytes: &[u8]) -> Result<(u32, CellState), SnapshotError> {
        let mut reader = Reader::new(bytes);
        let [cell, lenders] = reader.value::<[u32; 2]>().ok_or(SnapshotError::Length)?;
        if !(1..=LENDERS_MAX).contains(&(lenders as usize)) {
            return Err(SnapshotError::Impossible("number of lenders"));
        }
        let engines = (0..lenders).map(|_| EngineState::read(&mut reader)).collect::<Result<Vec<_>, _>>()?;
        if !reader.rest().is_empty() {
            return Err(SnapshotError::Length);
        }
        check_lenders(engines.iter().map(|state| &state.engine))?;
        Ok((cell, CellState { engines }))
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
    /// Another version of the program wrote it.
    #[error("it is of version {found}; this program reads version {VERSION}")]
    Version {
        /// As stated.
        found: u32,
    },
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
    if let Some(found) = FileHeader::version(Kind::Snapshot, header).filter(|found| *found != VERSION) {
        return Err(SnapshotFileError::Version { found });
    }
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
