//! The journal thread: takes the records of all service threads, writes and syncs them in one go, moves the mark, and says
//! how far everything is safe.

use super::directory::Directory;
use super::disk::{Disk, DiskFile};
use super::error::JournalError;
use super::inbox::{Incoming, Sender, WeakSender};
use super::mark::{MARK_BYTES, Mark, SLOT_DISTANCE, slot_offset};
use super::message::{Commit, Done, Message, Notify, Observer, Stopped};
use super::record::Records;
use super::segment::{FileHeader, HEADER_BYTES, Kind, Position};
use super::settings::{Policy, Settings};
use super::state::{self, CellImage, state_hash};
use crate::runtime::{self, JoinHandle};
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A batch is written when it has so many bytes, whatever the policy says.
pub(super) const BATCH_BYTES_FULL: usize = 1 << 20;

/// Zeros are written in pieces of this size.
const ZEROS: usize = 1 << 20;

#[expect(clippy::disallowed_methods, reason = "the journal lingers by the wall clock and measures its commits")]
fn now() -> Instant {
    Instant::now()
}

pub(super) struct Writer {
    disk: Arc<dyn Disk>,
    directory: Directory,
    settings: Settings,
    cells: u32,
    file: Box<dyn DiskFile>,
    mark_file: Box<dyn DiskFile>,
    marks: u64,
    position: Position,
    /// Room for a header, then the records of the next batch.
    batch: Vec<u8>,
    count: u32,
    /// Highest ticket in the batch, by producer.
    tickets: Vec<Option<u64>>,
    /// Parts of the next snapshot that have come, by producer.
    parts: Vec<Option<Vec<CellImage>>>,
    /// Messages of producers whose part has come, until the next epoch begins.
    held: VecDeque<Message>,
    /// The snapshot that is being written, and when it began.
    snapshot: Option<(Instant, JoinHandle<io::Result<()>>)>,
    links: Links,
}

/// The first epoch of a run of the service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Epoch {
    pub number: u32,
    /// Number of the last record before it.
    pub sequence: u64,
}

/// Whom the journal thread reports to.
pub(super) struct Links {
    /// By producer.
    pub notify: Vec<Notify>,
    pub observer: Option<Observer>,
    pub stopped: Arc<Stopped>,
    /// The way into its own inbox, as long as anybody else has one.
    pub own: WeakSender,
}

/// Tells the journal thread that a snapshot's thread ends, written or not: a failure is reported at once, not with the next snapshot.
struct Ended {
    epoch: u32,
    to: Option<Sender>,
}

impl Drop for Ended {
    fn drop(&mut self) {
        if let Some(to) = &self.to {
            // A journal that reads no more has waited for it.
            to.send(Message::SnapshotEnded { epoch: self.epoch });
        }
    }
}

/// A step that failed: what, where, why.
struct Failure(&'static str, PathBuf, io::Error);

type Step = Result<(), Failure>;

impl Writer {
    /// Makes the first epoch of this run of the service: its snapshot, its file, its mark.
    pub(super) fn begin(
        disk: Arc<dyn Disk>,
        directory: Directory,
        begin: Epoch,
        cells: &[CellImage],
        settings: Settings,
        links: Links,
    ) -> Result<Writer, JournalError> {
        let Epoch { number: epoch, sequence } = begin;
        assert!(cells.iter().map(CellImage::cell).eq(0..cells.len() as u32), "all cells in the order of their numbers");
        let header = FileHeader { epoch, sequence, stands_on: state_hash(cells), cells: cells.len() as u32 };
        let fail = |path: PathBuf| move |source| JournalError::Begin { path, source };
        let path = directory.snapshot(epoch);
        state::write(disk.as_ref(), &path, &header, cells).map_err(fail(path))?;
        let path = directory.journal(epoch);
        let file = begin_file(disk.as_ref(), &directory, &header, settings.allocate_bytes).map_err(fail(path))?;
        let path = directory.mark();
        let known = super::mark::read(disk.as_ref(), &path).map_err(fail(path.clone()))?;
        let mark_file = disk.open(&path).map_err(fail(path.clone()))?;
        let mut writer = Writer {
            cells: header.cells,
            file,
            mark_file,
            // The first mark of this run goes where the newest is not.
            marks: u64::from(known.newest_slot == Some(0)),
            position: header.start(),
            batch: vec![0; HEADER_BYTES],
            count: 0,
            tickets: vec![None; links.notify.len()],
            parts: links.notify.iter().map(|_| None).collect(),
            held: VecDeque::new(),
            snapshot: None,
            links,
            disk,
            directory,
            settings,
        };
        if known.newest_slot.is_none() {
            let room = vec![0; SLOT_DISTANCE + MARK_BYTES];
            writer.mark_file.write_at(0, &room).map_err(fail(path.clone()))?;
        }
        writer.mark().map_err(fail(path.clone()))?;
        writer.mark_file.sync().map_err(fail(path))?;
        writer.disk.sync_directory(writer.directory.path()).map_err(fail(writer.directory.path().to_path_buf()))?;
        Ok(writer)
    }

    /// The journal thread.
    pub(super) fn run(mut self, incoming: &Incoming) {
        if let Err(Failure(doing, path, source)) = self.serve(incoming) {
            // What was synced before is safe, and only that was acknowledged. A failing fsync is not tried again: the kernel
            // may have dropped the pages that it could not write and then reports success for nothing.
            let safe = self.acknowledged();
            let error = Arc::new(JournalError::Stopped { doing, path, source, safe });
            self.links.stopped.set(&error);
            for notify in &mut self.links.notify {
                notify(Commit::Failed(Arc::clone(&error)));
            }
        }
    }

    /// Serves until it is to close, or all producers and the journal's owner are gone.
    fn serve(&mut self, incoming: &Incoming) -> Step {
        let (linger_us, records_max) = match self.settings.policy {
            Policy::Group { linger_us, records_max } => (linger_us, records_max),
            Policy::Buffered => (0, u32::MAX),
        };
        let mut coming = VecDeque::new();
        loop {
            if coming.is_empty() && !incoming.wait(&mut coming) {
                return self.finish();
            }
            let deadline = now() + Duration::from_micros(linger_us);
            if !self.take_all(&mut coming, records_max)? {
                return self.finish();
            }
            if self.count > 0 && !self.is_full(records_max) {
                let linger = deadline.saturating_duration_since(now());
                incoming.gather(linger, records_max - self.count, &mut coming);
                if !self.take_all(&mut coming, records_max)? {
                    return self.finish();
                }
            }
            self.commit()?;
        }
    }

    /// Takes messages until the batch is full; `false` when the last one ever is among them.
    fn take_all(&mut self, coming: &mut VecDeque<Message>, records_max: u32) -> Result<bool, Failure> {
        while !self.is_full(records_max)
            && let Some(message) = coming.pop_front()
        {
            if !self.take(message)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The batch is written without waiting for more.
    fn is_full(&self, records_max: u32) -> bool {
        self.count >= records_max || self.batch.len() >= BATCH_BYTES_FULL
    }

    /// Takes one message; `false` when it is the last.
    fn take(&mut self, message: Message) -> Result<bool, Failure> {
        match message {
            Message::Close => return Ok(false),
            // It was the one that is being written, or one that has been waited for.
            Message::SnapshotEnded { epoch } if epoch == self.position.epoch => self.join_snapshot()?,
            Message::SnapshotEnded { .. } => {}
            Message::Records { producer, .. } | Message::Snapshot { producer, .. }
                if self.parts[producer].is_some() =>
            {
                self.held.push_back(message);
            }
            Message::Records { producer, records, ticket } => self.add(producer, &records, ticket),
            Message::Snapshot { producer, cells } => {
                self.parts[producer] = Some(cells);
                if self.parts.iter().all(Option::is_some) {
                    self.commit()?;
                    self.next_epoch()?;
                    for message in std::mem::take(&mut self.held) {
                        self.take(message)?;
                    }
                }
            }
        }
        Ok(true)
    }

    fn add(&mut self, producer: usize, records: &Records, ticket: u64) {
        self.batch.extend_from_slice(records.bytes());
        self.count += records.count();
        self.tickets[producer] = Some(ticket);
    }

    /// Writes the batch, makes it safe, moves the mark, and reports that to the producers.
    fn commit(&mut self) -> Step {
        if self.count > 0 {
            let began = now();
            let at = self.position.offset;
            let behind = self.position.seal(&mut self.batch, self.count);
            let path = || self.directory.journal(self.position.epoch);
            self.file.write_at(at, &self.batch).map_err(|error| Failure("write to", path(), error))?;
            let synced = self.settings.policy != Policy::Buffered;
            if synced {
                self.file.sync().map_err(|error| Failure("sync", path(), error))?;
            }
            let former = std::mem::replace(&mut self.position, behind);
            if let Err(failure) = self.move_mark(synced) {
                self.position = former;
                return Err(failure);
            }
            let bytes = self.batch.len() as u64;
            self.report(Done::Commit { began, took: began.elapsed(), records: self.count, bytes });
            self.batch.truncate(HEADER_BYTES);
            self.count = 0;
        }
        for (notify, ticket) in self.links.notify.iter_mut().zip(&mut self.tickets) {
            if let Some(ticket) = ticket.take() {
                notify(Commit::Safe { ticket });
            }
        }
        Ok(())
    }

    fn report(&mut self, done: Done) {
        if let Some(observer) = &mut self.links.observer {
            observer(done);
        }
    }

    fn move_mark(&mut self, synced: bool) -> Step {
        let moved = self.mark().and_then(|()| if synced { self.mark_file.sync() } else { Ok(()) });
        moved.map_err(|error| Failure("move the mark in", self.directory.mark(), error))
    }

    /// Writes the present position as the mark.
    fn mark(&mut self) -> io::Result<()> {
        let Position { epoch, batch, sequence, hash, .. } = self.position;
        let mark = Mark { epoch, batch, sequence, hash };
        self.mark_file.write_at(slot_offset(self.marks), &mark.encode())?;
        self.marks += 1;
        Ok(())
    }

    /// Begins the next epoch. Its snapshot is written by a thread of its own: until that is whole, a recovery reads on from the
    /// former epoch's journal into this one's.
    fn next_epoch(&mut self) -> Step {
        self.join_snapshot()?;
        let parts = self.parts.iter_mut().filter_map(Option::take);
        let mut cells: Vec<CellImage> = parts.flatten().collect();
        cells.sort_unstable_by_key(CellImage::cell);
        assert!(cells.iter().map(CellImage::cell).eq(0..self.cells), "the parts of a snapshot hold every cell once");
        let (epoch, sequence) = (self.position.epoch + 1, self.position.sequence);
        let header = FileHeader { epoch, sequence, stands_on: state_hash(&cells), cells: self.cells };
        let begun = begin_file(self.disk.as_ref(), &self.directory, &header, 0);
        let file = begun.map_err(|error| Failure("begin", self.directory.journal(epoch), error))?;
        let mut former = std::mem::replace(&mut self.file, file);
        // The former file ends here; the room behind it is given back. It may as well stay: zeros are an end too.
        let _ = former.truncate(self.position.offset);
        self.position = header.start();
        self.move_mark(true)?;
        let (disk, path) = (Arc::clone(&self.disk), self.directory.snapshot(epoch));
        let ended = Ended { epoch, to: self.links.own.upgrade() };
        let began = now();
        let spawned = runtime::spawn("snapshot", move || {
            let _ended = ended;
            runtime::fault_point("snapshot");
            state::write(disk.as_ref(), &path, &header, &cells)
        });
        let thread = spawned.map_err(|error| Failure("write", self.directory.snapshot(epoch), error))?;
        self.snapshot = Some((began, thread));
        Ok(())
    }

    /// Waits for the snapshot that is being written.
    fn join_snapshot(&mut self) -> Step {
        let Some((began, thread)) = self.snapshot.take() else { return Ok(()) };
        let written = thread.join().unwrap_or_else(|_| Err(io::Error::other("its thread is gone")));
        written.map_err(|error| Failure("write", self.directory.snapshot(self.position.epoch), error))?;
        self.report(Done::Snapshot { began });
        Ok(())
    }

    fn finish(&mut self) -> Step {
        // A snapshot whose other parts never came is none; what waited for it goes into this epoch.
        self.parts.iter_mut().for_each(|part| *part = None);
        for message in std::mem::take(&mut self.held) {
            if let Message::Records { producer, records, ticket } = message {
                self.add(producer, &records, ticket);
            }
            if self.batch.len() >= BATCH_BYTES_FULL {
                self.commit()?;
            }
        }
        self.commit()?;
        let path = || self.directory.journal(self.position.epoch);
        self.file.truncate(self.position.offset).map_err(|error| Failure("cut", path(), error))?;
        self.file.sync().map_err(|error| Failure("sync", path(), error))?;
        self.mark_file.sync().map_err(|error| Failure("sync", self.directory.mark(), error))?;
        self.join_snapshot()
    }

    /// Number of the last record that was acknowledged.
    fn acknowledged(&self) -> u64 {
        self.position.sequence
    }
}

/// Makes the file of an epoch, with room for records to come.
fn begin_file(
    disk: &dyn Disk,
    directory: &Directory,
    header: &FileHeader,
    allocate: u64,
) -> io::Result<Box<dyn DiskFile>> {
    let mut file = disk.create(&directory.journal(header.epoch))?;
    file.write_at(0, &header.encode(Kind::Journal))?;
    let zeros = vec![0; ZEROS];
    let (mut offset, end) = (HEADER_BYTES as u64, HEADER_BYTES as u64 + allocate);
    while offset < end {
        let piece = (end - offset).min(ZEROS as u64) as usize;
        file.write_at(offset, &zeros[..piece])?;
        offset += piece as u64;
    }
    file.sync()?;
    disk.sync_directory(directory.path())?;
    Ok(file)
}
