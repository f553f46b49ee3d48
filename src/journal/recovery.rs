//! From the directory of a service to its state: the newest whole snapshot, then every whole record after it, each applied and
//! compared. Damage ends the journal where it begins; what the mark says was acknowledged beyond that is reported as missing.

use super::directory::{Directory, Service};
use super::disk::Disk;
use super::error::RecoveryError;
use super::mark::{self, Mark};
use super::record;
use super::replay::{Context, Replay, Replayed};
use super::segment::{End, FileHeader, Hash, Position, Scan};
use super::state::{self, CellImage, CellState, hash_of};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

/// What was acknowledged and is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing.
    Nothing,
    /// So many records.
    Records(u64),
    /// It cannot be said, since no mark is readable.
    Unknown,
}

impl Missing {
    /// What is missing when the last record that is there has this number.
    pub(super) fn of(mark: Option<Mark>, sequence: u64) -> Missing {
        match mark.map(|mark| mark.sequence.saturating_sub(sequence)) {
            None => Missing::Unknown,
            Some(0) => Missing::Nothing,
            Some(records) => Missing::Records(records),
        }
    }
}

/// Where a journal ended before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Epoch of the journal.
    pub epoch: u32,
    /// Number of the last record before it.
    pub sequence: u64,
    /// Bytes that are no batch, trailing zeros apart; 0 when the whole journal does not fit what is before it.
    pub bytes: u64,
}

/// A recovered service.
#[derive(Debug)]
pub struct Recovered {
    /// Its directory.
    pub dir: PathBuf,
    /// Its cells in the order of their numbers.
    pub cells: Vec<CellState>,
    /// Hash of that state.
    pub state_hash: Hash,
    /// Epoch of the snapshot that it was made from.
    pub snapshot_epoch: u32,
    /// The last epoch that has a file.
    pub last_epoch: u32,
    /// Number of the last record.
    pub sequence: u64,
    /// Records that were applied to the snapshot.
    pub replayed: u64,
    /// The high-water mark.
    pub mark: Option<Mark>,
    /// One of the mark's two slots is damaged: the mark may be the one before the last.
    pub mark_damaged: bool,
    /// What was acknowledged and is not there.
    pub missing: Missing,
    /// Records that are there and were not acknowledged: written, and the crash came before the mark. They are kept, since
    /// nobody was answered that they are not done, and a user who asks again is answered the same.
    pub beyond_mark: u64,
    /// Where journals were cut.
    pub cuts: Vec<Cut>,
    /// Snapshots that are of no use; another one was taken, from which the journals lead to the same state.
    pub unusable_snapshots: Vec<UnusableSnapshot>,
    /// Nobody was ever answered: the service was stopped before its first mark.
    pub nobody_answered: bool,
    /// What lies in the directory and is none of a service's files, by name. It is not read.
    pub strays: Vec<String>,
}

/// A snapshot that is damaged or cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableSnapshot {
    /// Its epoch.
    pub epoch: u32,
    /// What is wrong with it.
    pub why: String,
}

impl Recovered {
    /// Images of the cells.
    pub fn images(&self) -> Vec<CellImage> {
        self.cells.iter().zip(0..).map(|(cell, number)| cell.image(number)).collect()
    }

    /// Users of all cells.
    pub(crate) fn users(&self) -> usize {
        self.cells.iter().map(CellState::users).sum()
    }

    /// Nothing that was acknowledged is missing, as far as can be known.
    pub fn is_complete(&self) -> bool {
        self.missing == Missing::Nothing
    }
}

/// Which snapshot a recovery begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The newest whole one: the quickest way.
    Latest,
    /// The oldest whole one: the uninterrupted replay of everything, which must reach the same state.
    First,
}

/// Reads which service a directory is of.
///
/// # Errors
/// [`RecoveryError`] when it is of none, or what it says of the service was changed.
pub(crate) fn read_service(dir: &Path) -> Result<Service, RecoveryError> {
    Directory::at(dir).read()
}

/// How far the walk over the epochs has come.
struct Walk<'a> {
    disk: &'a dyn Disk,
    directory: &'a Directory,
    replay: Replay<'a>,
    mark: Option<Mark>,
    sequence: u64,
    replayed: u64,
    cuts: Vec<Cut>,
}

/// Recovers a service whose engines get terms, prices and calendar from `context`, and shows every request on the way to `observe`.
///
/// # Errors
/// [`RecoveryError`] when no state can be vouched for.
pub(crate) fn recover(
    disk: &dyn Disk,
    dir: &Path,
    context: &dyn Context,
    start: Start,
    mut observe: Option<&mut dyn FnMut(Replayed)>,
) -> Result<Recovered, RecoveryError> {
    let directory = Directory::at(dir);
    if directory.not_begun()? {
        return Err(RecoveryError::NotBegun { path: dir.to_path_buf() });
    }
    let marks = mark::read(disk, &directory.mark()).map_err(|error| RecoveryError::io(&directory.mark(), error))?;
    let (header, cells, unusable_snapshots) = first_whole(disk, &directory, start)?;
    let journals = directory.epochs(".journal")?;
    let snapshots = directory.epochs(".snapshot")?;
    let mut walk = Walk {
        disk,
        directory: &directory,
        replay: Replay::new(context, cells),
        mark: marks.newest,
        sequence: header.sequence,
        replayed: 0,
        cuts: Vec::new(),
    };
    let mut stands_on = header.stands_on;
    let mut applied = None;
    for &epoch in journals.iter().filter(|epoch| **epoch >= header.epoch) {
        if applied.is_some() {
            stands_on = hash_of(&walk.replay.cells);
        }
        if walk.epoch(epoch, stands_on, observe.as_deref_mut())? {
            applied = Some(epoch);
        }
    }
    let Walk { replay, sequence, replayed, cuts, .. } = walk;
    let cells = replay.cells;
    for (cell, state) in cells.iter().enumerate() {
        if let Some(difference) = state.engines.iter().find_map(|state| state.engine.books_differ()) {
            return Err(RecoveryError::Books { cell, difference });
        }
    }
    let last_epoch = journals.iter().chain(&snapshots).copied().max().unwrap_or(header.epoch);
    // Records are taken in after the first mark is safe.
    let nobody_answered = marks.newest.is_none() && sequence == 0 && last_epoch == 1;
    Ok(Recovered {
        dir: dir.to_path_buf(),
        state_hash: hash_of(&cells),
        cells,
        snapshot_epoch: header.epoch,
        last_epoch,
        sequence,
        replayed,
        mark: marks.newest,
        mark_damaged: marks.damaged && !nobody_answered,
        missing: if nobody_answered { Missing::Nothing } else { Missing::of(marks.newest, sequence) },
        beyond_mark: marks.newest.map_or(0, |mark| sequence.saturating_sub(mark.sequence)),
        cuts,
        unusable_snapshots,
        nobody_answered,
        strays: directory.strays()?,
    })
}

/// The snapshot to begin with, and those on the way to it that are of no use. One that cannot be read is no reason to refuse: the
/// journals lead to the same state from an earlier one.
fn first_whole(
    disk: &dyn Disk,
    directory: &Directory,
    start: Start,
) -> Result<(FileHeader, Vec<CellState>, Vec<UnusableSnapshot>), RecoveryError> {
    let mut epochs = directory.epochs(".snapshot")?;
    if start == Start::Latest {
        epochs.reverse();
    }
    let mut unusable = Vec::new();
    for epoch in epochs {
        let why = match state::read(disk, &directory.snapshot(epoch)) {
            Ok((header, cells)) if header.epoch == epoch => return Ok((header, cells, unusable)),
            Ok((header, _)) => format!("it holds that of epoch {}", header.epoch),
            Err(error) => error.to_string(),
        };
        unusable.push(UnusableSnapshot { epoch, why });
    }
    let why = unusable.first().map(|first| format!("epoch {}: {}", first.epoch, first.why));
    Err(RecoveryError::NoSnapshot { path: directory.path().to_path_buf(), why })
}

impl Walk<'_> {
    /// Applies the journal of an epoch as far as it is whole; `false` when it does not stand on the present state.
    fn epoch(
        &mut self,
        epoch: u32,
        stands_on: Hash,
        mut observe: Option<&mut (dyn FnMut(Replayed) + '_)>,
    ) -> Result<bool, RecoveryError> {
        let path = self.directory.journal(epoch);
        let fail = |error| RecoveryError::io(&path, error);
        let file = self.disk.read(&path).map_err(fail)?;
        let Some((header, mut scan)) = Scan::start(BufReader::with_capacity(1 << 20, file)).map_err(fail)? else {
            let mut whole = self.disk.read(&path).map_err(fail)?;
            let bytes = io::copy(&mut whole, &mut io::sink()).map_err(fail)?;
            self.cuts.push(Cut { epoch, sequence: self.sequence, bytes });
            return Ok(false);
        };
        let cells = self.replay.cells.len();
        let expected = FileHeader { epoch, sequence: self.sequence, stands_on, cells: cells as u32 };
        if header != expected {
            self.cuts.push(Cut { epoch, sequence: self.sequence, bytes: 0 });
            return Ok(false);
        }
        self.compare_with_mark(scan.position(), &path)?;
        while let Some(batch) = scan.next_batch().map_err(fail)? {
            let behind = batch.behind;
            let mut records = batch.records;
            for _ in 0..batch.count {
                let no_record = || RecoveryError::NoRecord { path: path.clone(), sequence: self.sequence };
                let record = record::read(&mut records).ok_or_else(no_record)?;
                self.replay.apply(record, observe.as_deref_mut()).map_err(|conflict| RecoveryError::Conflict {
                    path: path.clone(),
                    sequence: self.sequence + 1,
                    conflict: Box::new(conflict),
                })?;
                self.sequence += 1;
                self.replayed += 1;
            }
            if !records.is_empty() {
                return Err(RecoveryError::NoRecord { path, sequence: self.sequence });
            }
            self.compare_with_mark(behind, &path)?;
        }
        if let Some(End::Damaged { bytes }) = scan.end() {
            self.cuts.push(Cut { epoch, sequence: self.sequence, bytes });
        }
        Ok(true)
    }

    fn compare_with_mark(&self, position: Position, path: &Path) -> Result<(), RecoveryError> {
        let other = self.mark.is_some_and(|mark| {
            (mark.epoch, mark.batch) == (position.epoch, position.batch)
                && (mark.hash, mark.sequence) != (position.hash, position.sequence)
        });
        let batch = position.batch;
        if other { Err(RecoveryError::OtherJournal { path: path.to_path_buf(), batch }) } else { Ok(()) }
    }
}
