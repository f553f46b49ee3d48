//! What the service holds of its journal: producers to send records by, and the journal itself to begin and to close.

use super::directory::{Directory, Service};
use super::disk::Disk;
use super::error::JournalError;
use super::inbox::{Sender, inbox};
use super::message::{Message, Notify, Observer, Stopped};
use super::record::Records;
use super::recovery::Recovered;
use super::segment::BATCH_BYTES_MAX;
use super::settings::Settings;
use super::state::CellImage;
use super::writer::{BATCH_BYTES_FULL, Epoch, Links, Writer};
use crate::runtime::{self, JoinHandle};
use std::path::Path;
use std::sync::Arc;

/// What a journal is begun with.
pub struct JournalSetup {
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// How it is kept.
    pub settings: Settings,
    /// One for each producer: gets how far its records are safe.
    pub notify: Vec<Notify>,
    /// Gets what the journal has done, if anybody wants to know.
    pub observer: Option<Observer>,
}

/// One service thread's way into the journal.
pub struct Producer {
    number: usize,
    sender: Sender,
    stopped: Arc<Stopped>,
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
        match self.stopped.why() {
            Some(error) => Err(error),
            None if self.sender.send(message) => Ok(()),
            None => Err(self.stopped.why().unwrap_or_else(|| Arc::new(JournalError::Gone))),
        }
    }
}

/// A running journal.
pub struct Journal {
    sender: Sender,
    stopped: Arc<Stopped>,
    thread: JoinHandle<()>,
}

impl Journal {
    /// Begins the journal of a service in a directory that has none, with one producer for each of `setup.notify`. `cells` are
    /// the images of all cells in the order of their numbers. When it returns, the state is safe.
    ///
    /// # Errors
    /// When the directory is taken or the disk fails.
    ///
    /// # Panics
    /// When the cells are not numbered from 0.
    pub fn create(
        dir: &Path,
        service: &Service,
        cells: &[CellImage],
        setup: JournalSetup,
    ) -> Result<(Journal, Vec<Producer>), JournalError> {
        let directory = Directory::at(dir);
        directory.create(setup.disk.as_ref(), service)?;
        Journal::start(directory, Epoch { number: 1, sequence: 0 }, cells, setup)
    }

    /// Goes on after a recovery, in a new epoch that stands on the recovered state.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn go_on(recovered: &Recovered, setup: JournalSetup) -> Result<(Journal, Vec<Producer>), JournalError> {
        let epoch = Epoch { number: recovered.last_epoch + 1, sequence: recovered.sequence };
        Journal::start(Directory::at(&recovered.dir), epoch, &recovered.images(), setup)
    }

    fn start(
        directory: Directory,
        epoch: Epoch,
        cells: &[CellImage],
        setup: JournalSetup,
    ) -> Result<(Journal, Vec<Producer>), JournalError> {
        let JournalSetup { disk, settings, notify, observer } = setup;
        let (sender, incoming) = inbox();
        let stopped = Arc::new(Stopped::default());
        let producers = (0..notify.len())
            .map(|number| Producer { number, sender: sender.clone(), stopped: Arc::clone(&stopped) })
            .collect();
        let path = directory.path().to_path_buf();
        let links = Links { notify, observer, stopped: Arc::clone(&stopped), own: sender.downgrade() };
        let writer = Writer::begin(disk, directory, epoch, cells, settings, links)?;
        let thread = runtime::spawn("journal", move || writer.run(&incoming))
            .map_err(|source| JournalError::Begin { path, source })?;
        Ok((Journal { sender, stopped, thread }, producers))
    }

    /// Why it has stopped, if it has.
    pub(crate) fn failure(&self) -> Option<Arc<JournalError>> {
        self.stopped.why().or_else(|| self.thread.is_finished().then(|| Arc::new(JournalError::Gone)))
    }

    /// Writes what is still queued, cuts the file to its length and ends the thread.
    ///
    /// # Errors
    /// When the journal had stopped, or stops now.
    pub fn close(self) -> Result<(), Arc<JournalError>> {
        // When the thread is gone already, the reason is found below.
        let _ = self.sender.send(Message::Close);
        let ended = self.thread.join();
        match self.stopped.why() {
            Some(error) => Err(error),
            None if ended.is_err() => Err(Arc::new(JournalError::Gone)),
            None => Ok(()),
        }
    }
}
