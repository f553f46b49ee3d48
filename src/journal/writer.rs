//! The journal thread: takes the records of all service threads, writes and syncs them in one go, moves the mark, and says
//! how far everything is safe.

use super::disk::{Disk, DiskFile};
use super::handle::{Commit, Journal, JournalError, Message, Notify, Producer, Settings, Shared, lock};
use super::home::Home;
use super::inbox::{Incoming, inbox};
use super::mark::{MARK_BYTES, Mark, SLOT_DISTANCE, slot_offset};
use super::record::Records;
use super::segment::{FileHeader, HEADER_BYTES, Kind, Position};
use super::state::{self, CellImage, state_hash};
use crate::runtime::{self, JoinHandle};
use crate::scenario::Durability;
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A batch is written when it has so many bytes, whatever the policy says.
pub(super) const BATCH_BYTES_FULL: usize = 1 << 20;

/// Zeros are written in pieces of this size.
const ZEROS: usize = 1 << 20;

#[expect(
    clippy::disallowed_methods,
    reason = "the journal waits for company by the wall clock and measures its commits"
)]
fn now() -> Instant {
    Instant::now()
}

pub(super) struct Writer {
    disk: Arc<dyn Disk>,
    home: Home,
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
    snapshot: Option<JoinHandle<io::Result<()>>>,
    notify: Vec<Notify>,
}

/// A step that failed: what, where, why.
struct Failure(&'static str, PathBuf, io::Error);

type Step = Result<(), Failure>;

impl Writer {
    /// Makes the first epoch of this run of the service: its snapshot, its file, its mark.
    pub(super) fn begin(
        disk: Arc<dyn Disk>,
        home: Home,
        epoch: u32,
        sequence: u64,
        cells: &[CellImage],
        settings: Settings,
    ) -> Result<Writer, JournalError> {
        assert!(settings.durability != Durability::None, "a journal that is not kept");
        assert!(cells.iter().map(CellImage::cell).eq(0..cells.len() as u32), "all cells in the order of their numbers");
        let header = FileHeader { epoch, sequence, stands_on: state_hash(cells), cells: cells.len() as u32 };
        let fail = |path: PathBuf| move |source| JournalError::Begin { path, source };
        let path = home.snapshot(epoch);
        state::write(disk.as_ref(), &path, &header, cells).map_err(fail(path))?;
        let path = home.journal(epoch);
        let file = begin_file(disk.as_ref(), &home, &header, settings.allocate_bytes).map_err(fail(path))?;
        let path = home.mark();
        let known = super::mark::read(&path).map_err(fail(path.clone()))?;
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
            tickets: Vec::new(),
            parts: Vec::new(),
            held: VecDeque::new(),
            snapshot: None,
            notify: Vec::new(),
            disk,
            home,
            settings,
        };
        if known.newest_slot.is_none() {
            let room = vec![0; SLOT_DISTANCE + MARK_BYTES];
            writer.mark_file.write_at(0, &room).map_err(fail(path.clone()))?;
        }
        writer.mark().map_err(fail(path.clone()))?;
        writer.mark_file.sync().map_err(fail(path))?;
        writer.disk.sync_directory(writer.home.path()).map_err(fail(writer.home.path().to_path_buf()))?;
        Ok(writer)
    }

    pub(super) fn spawn(mut self, notify: Vec<Notify>) -> Result<(Journal, Vec<Producer>), JournalError> {
        let (sender, incoming) = inbox();
        let shared = Arc::new(Shared::new(self.settings.durability));
        let producers = (0..notify.len())
            .map(|number| Producer { number, sender: sender.clone(), shared: Arc::clone(&shared) })
            .collect();
        self.tickets = vec![None; notify.len()];
        self.parts = notify.iter().map(|_| None).collect();
        self.notify = notify;
        let path = self.home.path().to_path_buf();
        let theirs = Arc::clone(&shared);
        let thread = runtime::spawn("journal", move || self.run(&incoming, &theirs))
            .map_err(|source| JournalError::Begin { path, source })?;
        Ok((Journal { sender, shared, thread }, producers))
    }

    fn run(mut self, incoming: &Incoming, shared: &Shared) {
        let done = self.serve(incoming, shared);
        if let Err(Failure(doing, path, source)) = done {
            // What was synced before is safe, and only that was acknowledged. A failing fsync is not tried again: the kernel
            // may have dropped the pages that it could not write and then reports success for nothing.
            let safe = self.acknowledged();
            let error = Arc::new(JournalError::Stopped { doing, path, source, safe });
            *lock(&shared.stopped) = Some(Arc::clone(&error));
            for notify in &mut self.notify {
                notify(Commit::Failed(Arc::clone(&error)));
            }
        }
    }

    /// Serves until it is told to close, or all producers and the journal's owner are gone.
    fn serve(&mut self, incoming: &Incoming, shared: &Shared) -> Step {
        let (max_us, max_records) = match self.settings.durability {
            Durability::Group { max_us, max_records } => (max_us, max_records),
            Durability::None | Durability::Buffered => (0, u32::MAX),
        };
        let mut coming = VecDeque::new();
        loop {
            if coming.is_empty() && !incoming.wait(&mut coming) {
                return self.finish(shared);
            }
            let deadline = now() + Duration::from_micros(max_us);
            if !self.take_all(&mut coming, max_records, shared)? {
                return self.finish(shared);
            }
            if self.count > 0 && !self.is_full(max_records) {
                let patience = deadline.saturating_duration_since(now());
                incoming.gather(patience, max_records - self.count, &mut coming);
                if !self.take_all(&mut coming, max_records, shared)? {
                    return self.finish(shared);
                }
            }
            self.commit(shared)?;
        }
    }

    /// Takes messages until the batch is full; `false` when the last one ever is among them.
    fn take_all(&mut self, coming: &mut VecDeque<Message>, max_records: u32, shared: &Shared) -> Result<bool, Failure> {
        while !self.is_full(max_records)
            && let Some(message) = coming.pop_front()
        {
            if !self.take(message, shared)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The batch is written without waiting for more.
    fn is_full(&self, max_records: u32) -> bool {
        self.count >= max_records || self.batch.len() >= BATCH_BYTES_FULL
    }

    /// Takes one message; `false` when it is the last.
    fn take(&mut self, message: Message, shared: &Shared) -> Result<bool, Failure> {
        match message {
            Message::Close => return Ok(false),
            Message::Records { producer, .. } | Message::Snapshot { producer, .. }
                if self.parts[producer].is_some() =>
            {
                self.held.push_back(message);
            }
            Message::Records { producer, records, ticket } => self.add(producer, &records, ticket),
            Message::Snapshot { producer, cells } => {
                self.parts[producer] = Some(cells);
                if self.parts.iter().all(Option::is_some) {
                    self.commit(shared)?;
                    self.next_epoch(shared)?;
                    for message in std::mem::take(&mut self.held) {
                        self.take(message, shared)?;
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

    /// Writes the batch, makes it safe, moves the mark, and tells the producers.
    fn commit(&mut self, shared: &Shared) -> Step {
        if self.count > 0 {
            let began = now();
            let at = self.position.offset;
            let behind = self.position.seal(&mut self.batch, self.count);
            let path = || self.home.journal(self.position.epoch);
            self.file.write_at(at, &self.batch).map_err(|error| Failure("write to", path(), error))?;
            let synced = self.settings.durability != Durability::Buffered;
            if synced {
                self.file.sync().map_err(|error| Failure("sync", path(), error))?;
            }
            let former = std::mem::replace(&mut self.position, behind);
            if let Err(failure) = self.move_mark(synced) {
                self.position = former;
                return Err(failure);
            }
            let mut record = lock(&shared.record);
            record.records += u64::from(self.count);
            record.commits += 1;
            record.bytes += self.batch.len() as u64;
            record.commit_ns.saturating_record(began.elapsed().as_nanos() as u64);
            drop(record);
            self.batch.truncate(HEADER_BYTES);
            self.count = 0;
        }
        for (notify, ticket) in self.notify.iter_mut().zip(&mut self.tickets) {
            if let Some(ticket) = ticket.take() {
                notify(Commit::Safe { ticket });
            }
        }
        Ok(())
    }

    fn move_mark(&mut self, synced: bool) -> Step {
        let moved = self.mark().and_then(|()| if synced { self.mark_file.sync() } else { Ok(()) });
        moved.map_err(|error| Failure("move the mark in", self.home.mark(), error))
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
    fn next_epoch(&mut self, shared: &Shared) -> Step {
        self.join_snapshot(shared)?;
        let parts = self.parts.iter_mut().filter_map(Option::take);
        let mut cells: Vec<CellImage> = parts.flatten().collect();
        cells.sort_unstable_by_key(CellImage::cell);
        assert!(cells.iter().map(CellImage::cell).eq(0..self.cells), "the parts of a snapshot hold every cell once");
        let (epoch, sequence) = (self.position.epoch + 1, self.position.sequence);
        let header = FileHeader { epoch, sequence, stands_on: state_hash(&cells), cells: self.cells };
        let begun = begin_file(self.disk.as_ref(), &self.home, &header, 0);
        let file = begun.map_err(|error| Failure("begin", self.home.journal(epoch), error))?;
        let mut former = std::mem::replace(&mut self.file, file);
        // The former file ends here; the room behind it is given back. It may as well stay: zeros are an end too.
        let _ = former.truncate(self.position.offset);
        self.position = header.start();
        self.move_mark(true)?;
        let (disk, path) = (Arc::clone(&self.disk), self.home.snapshot(epoch));
        let spawned = runtime::spawn("snapshot", move || state::write(disk.as_ref(), &path, &header, &cells));
        self.snapshot = Some(spawned.map_err(|error| Failure("write", self.home.snapshot(epoch), error))?);
        Ok(())
    }

    /// Waits for the snapshot that is being written.
    fn join_snapshot(&mut self, shared: &Shared) -> Step {
        let Some(thread) = self.snapshot.take() else { return Ok(()) };
        let written = thread.join().unwrap_or_else(|_| Err(io::Error::other("its thread is gone")));
        written.map_err(|error| Failure("write", self.home.snapshot(self.position.epoch), error))?;
        lock(&shared.record).snapshots += 1;
        Ok(())
    }

    fn finish(&mut self, shared: &Shared) -> Step {
        // A snapshot whose other parts never came is none; what waited for it goes into this epoch.
        self.parts.iter_mut().for_each(|part| *part = None);
        for message in std::mem::take(&mut self.held) {
            if let Message::Records { producer, records, ticket } = message {
                self.add(producer, &records, ticket);
            }
            if self.batch.len() >= BATCH_BYTES_FULL {
                self.commit(shared)?;
            }
        }
        self.commit(shared)?;
        let path = || self.home.journal(self.position.epoch);
        self.file.truncate(self.position.offset).map_err(|error| Failure("cut", path(), error))?;
        self.file.sync().map_err(|error| Failure("sync", path(), error))?;
        self.mark_file.sync().map_err(|error| Failure("sync", self.home.mark(), error))?;
        self.join_snapshot(shared)
    }

    /// Number of the last record that was acknowledged.
    fn acknowledged(&self) -> u64 {
        self.position.sequence
    }
}

/// Makes the file of an epoch, with room for records to come.
fn begin_file(disk: &dyn Disk, home: &Home, header: &FileHeader, allocate: u64) -> io::Result<Box<dyn DiskFile>> {
    let mut file = disk.create(&home.journal(header.epoch))?;
    file.write_at(0, &header.encode(Kind::Journal))?;
    let zeros = vec![0; ZEROS];
    let (mut offset, end) = (HEADER_BYTES as u64, HEADER_BYTES as u64 + allocate);
    while offset < end {
        let piece = (end - offset).min(ZEROS as u64) as usize;
        file.write_at(offset, &zeros[..piece])?;
        offset += piece as u64;
    }
    file.sync()?;
    disk.sync_directory(home.path())?;
    Ok(file)
}
