//! Why there is no journal, or no state.

use super::replay::Conflict;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no journal, or none any more.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The directory holds a service already.
    #[error("{path} holds the journal of a service already: recover it, or choose another directory")]
    Occupied {
        /// The directory.
        path: PathBuf,
    },
    /// It could not be begun; nothing was acknowledged.
    #[error("the journal could not be begun: {path}: {source}")]
    Begin {
        /// File or directory.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// It has stopped for good.
    #[error(
        "the journal has stopped: could not {doing} {path}: {source}; records up to number {safe} are safe, no later one was \
         acknowledged"
    )]
    Stopped {
        /// What was being done.
        doing: &'static str,
        /// File.
        path: PathBuf,
        /// Cause.
        source: io::Error,
        /// Number of the last record that was acknowledged.
        safe: u64,
    },
    /// Its thread is gone without a word.
    #[error("the journal has stopped: its thread is gone")]
    Gone,
}

/// Why there is no state.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecoveryError {
    /// The directory is none of a service, or what it says of the service was changed.
    #[error("{path}: no service can be recovered: {why}")]
    NoService {
        /// File or directory.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A service was to begin there and was stopped before its journal was there: nobody was answered, so nothing can be missing.
    #[error("{path}: the service was stopped before its journal had begun, and nobody was answered")]
    NotBegun {
        /// The directory.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("{path}: {source}")]
    Io {
        /// File or directory.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// No snapshot is whole, so there is nothing that records could apply to.
    #[error("{path}: no snapshot of an epoch is whole{}", why.as_ref().map_or(String::new(), |why| format!(" ({why})")))]
    NoSnapshot {
        /// The directory.
        path: PathBuf,
        /// What is wrong with the newest one.
        why: Option<String>,
    },
    /// A whole record does not fit the state that it is for: the files are not of one service, or the program is another.
    #[error("{path}: record {sequence} does not fit: {conflict}")]
    Conflict {
        /// The journal.
        path: PathBuf,
        /// Number of the record.
        sequence: u64,
        /// Why.
        conflict: Box<Conflict>,
    },
    /// A whole batch holds something that is no record.
    #[error("{path}: the batch behind record {sequence} is whole, but what it holds is no record")]
    NoRecord {
        /// The journal.
        path: PathBuf,
        /// Number of the last record before it.
        sequence: u64,
    },
    /// The mark is about another journal than the one that is there.
    #[error("{path}: batch {batch} is not the one that was acknowledged: the mark names another hash")]
    OtherJournal {
        /// The journal.
        path: PathBuf,
        /// Number of the batch.
        batch: u32,
    },
    /// The books of a cell do not agree.
    #[error("cell {cell}: the books do not agree: {difference}")]
    Books {
        /// The cell.
        cell: usize,
        /// The first difference.
        difference: String,
    },
}

impl RecoveryError {
    pub(super) fn io(path: &Path, source: io::Error) -> RecoveryError {
        RecoveryError::Io { path: path.to_path_buf(), source }
    }
}
