//! What the service and the journal thread say to each other.

use super::error::JournalError;
use super::record::Records;
use super::state::CellImage;
use crate::runtime::lock;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How far a producer's records are safe.
#[derive(Clone, Debug)]
pub enum Commit {
    /// All of them up to this ticket.
    Safe {
        /// The highest ticket.
        ticket: u64,
    },
    /// Nothing beyond what was said to be safe before; the journal has stopped.
    Failed(Arc<JournalError>),
}

/// Gets how far a producer's records are safe, on the journal thread. Must not block.
pub(crate) type Notify = Box<dyn FnMut(Commit) + Send>;

pub(super) enum Message {
    Records {
        producer: usize,
        records: Records,
        ticket: u64,
    },
    Snapshot {
        producer: usize,
        cells: Vec<CellImage>,
    },
    /// The thread that wrote the snapshot of this epoch ends.
    SnapshotEnded {
        epoch: u32,
    },
    Close,
}

/// What the journal has done.
#[derive(Clone, Copy, Debug)]
pub enum Done {
    /// A batch was made safe.
    Commit {
        /// When it began.
        began: Instant,
        /// Write and sync.
        took: Duration,
        /// Records.
        records: u32,
        /// Bytes, with the head of the batch.
        bytes: u64,
    },
    /// A snapshot was written, beside the one that the journal began with.
    Snapshot {
        /// When it began.
        began: Instant,
    },
}

/// Gets what the journal has done, on the journal thread. Must not block for long.
pub(crate) type Observer = Box<dyn FnMut(Done) + Send>;

/// Why the journal has stopped, once it has.
#[derive(Debug, Default)]
pub(super) struct Stopped(Mutex<Option<Arc<JournalError>>>);

impl Stopped {
    pub(super) fn set(&self, error: &Arc<JournalError>) {
        *lock(&self.0) = Some(Arc::clone(error));
    }

    pub(super) fn why(&self) -> Option<Arc<JournalError>> {
        lock(&self.0).clone()
    }
}
