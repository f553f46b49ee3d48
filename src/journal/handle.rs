//! What the service holds of its journal: producers to send records by, and the journal itself to begin, watch and close.

use super::disk::Disk;
use super::home::Home;
use super::inbox::Sender;
use super::record::Records;
use super::recovery::Recovered;
use super::segment::BATCH_BYTES_MAX;
use super::state::CellImage;
use super::writer::{BATCH_BYTES_FULL, Writer};
use crate::measure::latency::{JournalRecord, histogram_ns};
use crate::runtime::JoinHandle;
use crate::scenario::{Durability, Scenario};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a record takes with its share of the head of its batch.
const RECORD_ROOM_BYTES: u64 = 52;

/// How a journal is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// When an answer counts as safe; [`Durability::None`] has no journal.
    pub durability: Durability,
    /// Room that is written with zeros before the first record of a journal, bytes. Overwriting it costs a sync of about half
    /// the time of appending, since the file system's own journal has nothing to add.
    pub allocate_bytes: u64,
}

impl Settings {
    /// A journal under this policy with room for so many records: 64 MB at least, 1 GB at most.
    pub fn for_records(durability: Durability, records: u64) -> Settings {
        let bytes = records.saturating_mul(RECORD_ROOM_BYTES);
        Settings { durability, allocate_bytes: bytes.clamp(64 << 20, 1 << 30) }
    }
}

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

/// Told how far a producer's records are safe, on the journal thread. Must not block.
pub(crate) type Notify = Box<dyn FnMut(Commit) + Send>;

pub(super) enum Message {
    Records { producer: usize, records: Records, ticket: u64 },
    Snapshot { producer: usize, cells: Vec<CellImage> },
    Close,
}

/// One service thread's way into the journal.
pub struct Producer {
    pub(super) number: usize,
    pub(super) sender: Sender,
    pub(super) shared: Arc<Shared>,
}

impl Producer {
    /// Sends records. They are safe when the producer's [`Notify`] says so for this ticket or a later one; tickets rise.
    ///
    /// # Errors
    /// When the journal has stopped.
    ///
    /// # Panics
    /// When the records are more than a batch may hold (16 MB).
    pub fn send(&self, records: Records, ticket: u64) -> Result<(), Arc<JournalError>> {
        assert!(records.bytes().len() <= BATCH_BYTES_MAX - BATCH_BYTES_FULL, "{} bytes", records.bytes().len());
        self.message(Message::Records { producer: self.number, records, ticket })
    }

    /// Hands over this producer's part of a snapshot: images of all its cells, as they are after all records sent so far.
    /// What it sends from now on belongs to the next epoch, which begins when all producers have handed over their parts;
    /// until then its records wait.
    ///
    /// # Errors
    /// When the journal has stopped.
    pub fn snapshot(&self, cells: Vec<CellImage>) -> Result<(), Arc<JournalError>> {
        self.message(Message::Snapshot { producer: self.number, cells })
    }

    fn message(&self, message: Message) -> Result<(), Arc<JournalError>> {
        // Once it has stopped, the thread lives on for a moment and takes messages that nobody reads.
        match lock(&self.shared.stopped).clone() {
            Some(error) => Err(error),
            None if self.sender.send(message) => Ok(()),
            None => Err(self.shared.why()),
        }
    }
}

/// What the journal thread and others both look at.
pub(super) struct Shared {
    pub(super) record: Mutex<JournalRecord>,
    pub(super) stopped: Mutex<Option<Arc<JournalError>>>,
}

impl Shared {
    pub(super) fn new(durability: Durability) -> Shared {
        let record = JournalRecord { policy: policy(durability), snapshots: 1, ..empty_record() };
        Shared { record: Mutex::new(record), stopped: Mutex::new(None) }
    }

    fn why(&self) -> Arc<JournalError> {
        lock(&self.stopped).clone().unwrap_or_else(|| Arc::new(JournalError::Gone))
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Both are plain values; a thread that panicked while it held one left it whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running journal.
pub struct Journal {
    pub(super) sender: Sender,
    pub(super) shared: Arc<Shared>,
    pub(super) thread: JoinHandle<()>,
}

impl Journal {
    /// Begins the journal of a service in a directory that has none, with one producer for each of `notify`. `cells` are the
    /// images of all cells in the order of their numbers. When it returns, the state is safe.
    ///
    /// # Errors
    /// When the directory is taken or the disk fails.
    ///
    /// # Panics
    /// When the policy is to keep no journal, or the cells are not numbered from 0.
    pub fn create(
        disk: Arc<dyn Disk>,
        dir: &Path,
        scenario: &Scenario,
        world: &str,
        cells: &[CellImage],
        settings: Settings,
        notify: Vec<Notify>,
    ) -> Result<(Journal, Vec<Producer>), JournalError> {
        let home = Home::at(dir);
        home.found(disk.as_ref(), scenario, world)?;
        Writer::begin(disk, home, 1, 0, cells, settings)?.spawn(notify)
    }

    /// Goes on after a recovery, in a new epoch that stands on the recovered state.
    ///
    /// # Errors
    /// When the disk fails.
    ///
    /// # Panics
    /// When the policy is to keep no journal.
    pub fn go_on(
        disk: Arc<dyn Disk>,
        recovered: &Recovered,
        settings: Settings,
        notify: Vec<Notify>,
    ) -> Result<(Journal, Vec<Producer>), JournalError> {
        let cells = recovered.images();
        let home = Home::at(&recovered.dir);
        Writer::begin(disk, home, recovered.last_epoch + 1, recovered.sequence, &cells, settings)?.spawn(notify)
    }

    /// What it did since the last [`Journal::clear_record`].
    pub fn record(&self) -> JournalRecord {
        lock(&self.shared.record).clone()
    }

    /// Forgets what it did, at the start of the measured time.
    pub fn clear_record(&self) {
        let mut record = lock(&self.shared.record);
        *record = JournalRecord { policy: std::mem::take(&mut record.policy), ..empty_record() };
    }

    /// Writes what is still queued, cuts the file to its length and ends the thread.
    ///
    /// # Errors
    /// When the journal had stopped, or stops now.
    pub fn close(self) -> Result<JournalRecord, Arc<JournalError>> {
        // When the thread is gone already, the reason is found below.
        let _ = self.sender.send(Message::Close);
        let ended = self.thread.join();
        match lock(&self.shared.stopped).clone() {
            Some(error) => Err(error),
            None if ended.is_err() => Err(Arc::new(JournalError::Gone)),
            None => Ok(lock(&self.shared.record).clone()),
        }
    }
}

fn empty_record() -> JournalRecord {
    JournalRecord { policy: String::new(), records: 0, commits: 0, bytes: 0, commit_ns: histogram_ns(), snapshots: 0 }
}

/// The policy in words.
fn policy(durability: Durability) -> String {
    match durability {
        Durability::None => "none".to_string(),
        Durability::Buffered => "buffered".to_string(),
        Durability::Group { max_us, max_records } => format!("group(max_us = {max_us}, max_records = {max_records})"),
    }
}
