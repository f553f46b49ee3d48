//! Disks that fill up, that fail to sync, that lose what was not synced: the service learns of it, nothing more is acknowledged,
//! and a recovery has exactly what it must.

use super::*;
use crate::journal::disk::DiskFile;
use crate::journal::recovery::Missing;
use crate::testing::disks::{HookedDisk, Hooks};
use std::io;
use std::sync::Mutex;

/// When a disk fails.
#[derive(Clone, Copy, Debug, Default)]
struct Plan {
    /// Bytes that still fit.
    room: Option<u64>,
    /// Syncs that still succeed; what the first failing one should have made safe is lost.
    syncs: Option<u32>,
    /// New files are `/dev/full`.
    dev_full: bool,
}

/// A disk that keeps what was not synced in memory, so that it is lost with the process or with a failing sync.
#[derive(Clone, Default)]
struct Faulty(Arc<Mutex<Plan>>);

struct FaultyFile {
    plan: Arc<Mutex<Plan>>,
    inner: Box<dyn DiskFile>,
    pending: Vec<(u64, Vec<u8>)>,
}

impl Faulty {
    fn plan(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.0.lock().expect("no panic"));
    }

    fn file(&self, inner: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(FaultyFile { plan: Arc::clone(&self.0), inner, pending: Vec::new() })
    }
}

impl DiskFile for FaultyFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut plan = self.plan.lock().expect("no panic");
        let fits = plan.room.map_or(bytes.len(), |room| bytes.len().min(room as usize));
        plan.room = plan.room.map(|room| room - fits as u64);
        self.pending.push((offset, bytes[..fits].to_vec()));
        if fits < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut plan = self.plan.lock().expect("no panic");
        if plan.syncs == Some(0) {
            self.pending.clear();
            return Err(io::Error::other("the device did not answer"));
        }
        plan.syncs = plan.syncs.map(|syncs| syncs - 1);
        for (offset, bytes) in self.pending.drain(..) {
            self.inner.write_at(offset, &bytes)?;
        }
        self.inner.sync()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.pending.retain(|(offset, _)| *offset < length);
        self.inner.truncate(length)
    }
}

impl Hooks for Faulty {
    fn created(&self, path: &Path, file: io::Result<Box<dyn DiskFile>>) -> io::Result<Box<dyn DiskFile>> {
        let full = self.0.lock().expect("no panic").dev_full;
        if full { OsDisk.open(Path::new("/dev/full")) } else { self.written(path, file) }
    }

    fn written(&self, _path: &Path, file: io::Result<Box<dyn DiskFile>>) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(file?))
    }
}

/// Records of a batch.
const EVERY: usize = 50;

/// Runs the course on a disk that fails according to a plan. Returns the records that were acknowledged and the error.
fn run_until_failure(dir: &Path, change: impl FnOnce(&mut Plan)) -> (usize, String) {
    let disk = Faulty::default();
    let kept = begin(Arc::new(HookedDisk(disk.clone())), dir).unwrap_or_else(|error| panic!("{error}"));
    disk.plan(change);
    let mut safe = 0;
    for (ticket, piece) in course().days.concat().chunks(EVERY).enumerate() {
        match kept.put(piece, ticket as u64) {
            Commit::Safe { ticket: reported } => {
                assert_eq!(reported, ticket as u64);
                safe += piece.len();
            }
            Commit::Failed(error) => {
                // The disk is well again, and still nothing more is acknowledged.
                disk.plan(|plan| *plan = Plan::default());
                for late in 0..3 {
                    match kept.put(piece, 1_000 + late) {
                        Commit::Failed(again) => assert_eq!(again.to_string(), error.to_string()),
                        other => panic!("{other:?} after {error}"),
                    }
                }
                assert!(kept.commits.try_recv().is_err(), "nothing more is reported");
                let closed = kept.journal.close().err();
                assert!(closed.is_some_and(|again| again.to_string() == error.to_string()));
                return (safe, error.to_string());
            }
        }
    }
    panic!("the disk never failed")
}

/// What is acknowledged is there; what is there is the true prefix.
fn nothing_lost(dir: &Path, safe: usize, hashes: &[Hash], case: &str) {
    let found = recovered(dir, Start::Latest).unwrap_or_else(|error| panic!("{case}: {error}"));
    assert_eq!(found.missing, Missing::Nothing, "{case}");
    let there = found.sequence as usize;
    assert!(there == safe || there == safe + EVERY, "{case}: {there} records, {safe} were acknowledged");
    assert_eq!(found.state_hash, hashes[there / EVERY], "{case}");
    assert_eq!(found.beyond_mark as usize, there - safe, "{case}");
}

#[test]
fn a_full_disk_stops_the_service_with_a_clear_message() {
    let hashes = hashes(EVERY);
    for room in [0, 1, 63, 64, 2_000, 2_300, 2_400, 20_000] {
        let home = tempfile::tempdir().expect("a directory");
        let (safe, error) = run_until_failure(&service(&home), |plan| plan.room = Some(room));
        assert!(error.contains("could not write to") || error.contains("could not move the mark"), "{error}");
        assert!(error.contains("no storage space") && error.contains(&format!("number {safe} are safe")), "{error}");
        nothing_lost(&service(&home), safe, &hashes, &format!("room for {room} bytes"));
    }
}

#[test]
fn a_failing_sync_is_final() {
    let hashes = hashes(EVERY);
    for syncs in 0..9 {
        let home = tempfile::tempdir().expect("a directory");
        let (safe, error) = run_until_failure(&service(&home), |plan| plan.syncs = Some(syncs));
        // Two syncs a batch: the journal's, then the mark's.
        assert_eq!(safe, syncs as usize / 2 * EVERY, "{error}");
        let file = if syncs % 2 == 0 { "sync" } else { "move the mark in" };
        assert!(error.contains(&format!("could not {file}")) && error.contains("the device did not answer"), "{error}");
        assert!(error.contains(&format!("number {safe} are safe")), "{error}");
        nothing_lost(&service(&home), safe, &hashes, &format!("{syncs} syncs"));
    }
}

#[test]
fn a_device_that_is_really_full_stops_a_beginning_and_an_epoch() {
    let home = tempfile::tempdir().expect("a directory");
    let disk = Faulty::default();
    disk.plan(|plan| plan.dev_full = true);
    let refused = begin(Arc::new(HookedDisk(disk.clone())), &service(&home)).map(|_| ());
    assert!(matches!(&refused, Err(JournalError::Begin { source, .. }) if source.kind() == io::ErrorKind::StorageFull));
    assert!(refused.is_err_and(|error| error.to_string().contains("scenario.toml")));

    let home = tempfile::tempdir().expect("a directory");
    let disk = Faulty::default();
    let kept = begin(Arc::new(HookedDisk(disk.clone())), &service(&home)).expect("a journal");
    let day = &course().days[0];
    assert!(matches!(kept.put(day, 1), Commit::Safe { ticket: 1 }));
    disk.plan(|plan| plan.dev_full = true);
    kept.producer.snapshot(images(&course().after[0])).expect("it was running");
    let Ok(Commit::Failed(error)) = kept.commits.recv() else { panic!("it goes on") };
    let text = error.to_string();
    assert!(text.contains("could not begin") && text.contains("epoch-000002.journal"), "{text}");
    assert!(text.contains(&format!("number {} are safe", day.len())), "{text}");
    let found = recovered(&service(&home), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((found.state_hash, found.missing), (course().hash_after(1), Missing::Nothing));
}

#[test]
fn a_snapshot_that_fails_stops_the_journal_and_loses_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let disk = Faulty::default();
    let kept = begin(Arc::new(HookedDisk(disk.clone())), &service(&home)).expect("a journal");
    assert!(matches!(kept.put(&course().days[0], 1), Commit::Safe { .. }));
    // Room for the header of the next journal and for a mark, not for the snapshot.
    disk.plan(|plan| plan.room = Some(200));
    kept.producer.snapshot(images(&course().after[0])).expect("it was running");
    // Reported when it happens, and not with the next snapshot or the end.
    assert!(matches!(kept.commits.recv(), Ok(Commit::Failed(_))));
    let Err(failed) = kept.journal.close() else { panic!("the snapshot failed") };
    let text = failed.to_string();
    assert!(text.contains("epoch-000002.snapshot"), "{text}");
    let found = recovered(&service(&home), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((found.state_hash, found.missing), (course().hash_after(1), Missing::Nothing));
    assert_eq!((found.snapshot_epoch, found.last_epoch), (1, 2));
}
