//! Whole journals: written, recovered, gone on with, over one epoch and several.

use super::*;
use crate::base::ids::FUNDERS;
use crate::base::time::Day;
use crate::journal::recovery::{self, Missing};
use crate::journal::replay::Conflict;
use crate::journal::state_hash;
use crate::load::recover;
use crate::testing::disks::{HookedDisk, Hooks};
use std::fs;
use std::io::{self, Read};

fn complete(recovered: &Recovered, hash: Hash, sequence: usize) {
    assert_eq!((recovered.sequence, recovered.missing), (sequence as u64, Missing::Nothing));
    assert_eq!(recovered.state_hash, hash);
    assert_eq!((recovered.beyond_mark, recovered.mark_damaged), (0, false));
    assert!(recovered.unusable_snapshots.is_empty() && recovered.strays.is_empty() && recovered.is_complete());
}

#[test]
fn a_journal_gives_back_the_state() {
    let home = written(100);
    let end = course().hash_after(course().days.len());
    let from_files = recover(&service(&home), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    complete(&from_files, end, course().records());
    assert_eq!((from_files.replayed, from_files.cuts.len()), (from_files.sequence, 0));
    let from_start = recover(&service(&home), Start::First).unwrap_or_else(|error| panic!("{error}"));
    complete(&from_start, end, course().records());
    assert_eq!(hash_of(&from_files.cells), state_hash(&images(&course().after[course().days.len() - 1])));
}

/// What a service thread that has these cells would write of a day.
fn part(day: usize, cells: &[u32]) -> Vec<Record> {
    let of = |record: &&Record| match record {
        Record::Request { cell, .. } | Record::Open { cell, .. } | Record::Close { cell, .. } => cells.contains(cell),
    };
    course().days[day].iter().filter(of).cloned().collect()
}

/// Two producers, a snapshot before the last day; the second runs a day ahead of the first. Returns the number of records.
fn two_producers(dir: &Path) -> usize {
    let course = course();
    let ((first, commits_of_first), (second, commits_of_second)) = (listen(), listen());
    let (setup, done) = observed(setup(Arc::new(OsDisk), vec![first, second]));
    let (journal, producers) =
        Journal::create(dir, &course.service(), &course.images(), setup).unwrap_or_else(|error| panic!("{error}"));
    let cells: [&[u32]; 2] = [&[0, 1], &[2]];
    let mut count = 0;
    let mut put = |producer: usize, day: usize| {
        for piece in part(day, cells[producer]).chunks(40) {
            count += piece.len();
            producers[producer].send(encode(piece), day as u64).expect("the journal runs");
        }
    };
    let image = |producer: usize, day: usize| {
        let states = cells[producer].iter().map(|cell| course.after[day][*cell as usize].image(*cell));
        producers[producer].snapshot(states.collect()).expect("the journal runs");
    };
    let last = course.days.len() - 1;
    for day in 0..last {
        put(1, day);
        if day + 1 < last {
            put(0, day);
        }
    }
    // The second hands over its part and goes on with the last day at once; the first is still a day behind.
    image(1, last - 1);
    put(1, last);
    put(0, last - 1);
    image(0, last - 1);
    put(0, last);
    journal.close().unwrap_or_else(|error| panic!("{error}"));
    let (mut records, mut snapshots) = (0, 0);
    for done in done {
        match done {
            Done::Commit { records: of_commit, bytes, .. } => {
                assert!(of_commit > 0 && bytes > 64);
                records += of_commit as usize;
            }
            Done::Snapshot { .. } => snapshots += 1,
        }
    }
    assert_eq!((records, snapshots), (count, 1), "beside the snapshot that it began with");
    for commits in [commits_of_first, commits_of_second] {
        let tickets: Vec<u64> = commits
            .iter()
            .map(|commit| if let Commit::Safe { ticket } = commit { ticket } else { panic!("{commit:?}") })
            .collect();
        assert!(tickets.is_sorted() && tickets.last() == Some(&(course.days.len() as u64 - 1)), "{tickets:?}");
    }
    count
}

#[test]
fn epochs_follow_on_each_other_whichever_snapshot_is_whole() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = service(&home);
    let count = two_producers(&dir);
    let end = course().hash_after(course().days.len());
    let latest = recovered(&dir, Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    complete(&latest, end, count);
    assert_eq!((latest.snapshot_epoch, latest.last_epoch), (2, 2));
    assert!(latest.replayed > 0 && latest.replayed < latest.sequence);
    let whole = recovered(&dir, Start::First).unwrap_or_else(|error| panic!("{error}"));
    complete(&whole, end, count);
    assert_eq!((whole.snapshot_epoch, whole.replayed), (1, count as u64));

    // A crash before the second snapshot was whole.
    let copy = copied(&dir);
    fs::remove_file(service(&copy).join("epoch-000002.snapshot")).expect("it was there");
    let without = recovered(&service(&copy), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    complete(&without, end, count);
    assert_eq!(without.snapshot_epoch, 1);

    // A snapshot that the disk has damaged is named, and the one before is used.
    let path = dir.join("epoch-000002.snapshot");
    let mut bytes = fs::read(&path).expect("a snapshot");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(&path, bytes).expect("written");
    let damaged = recovered(&dir, Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    let unusable =
        |of: &Recovered| of.unusable_snapshots.iter().map(|of| (of.epoch, of.why.clone())).collect::<Vec<_>>();
    let changed = (2, "its bytes are not those that were written".to_string());
    assert_eq!((damaged.state_hash, unusable(&damaged), damaged.missing), (end, vec![changed], Missing::Nothing));

    // One that the disk does not give back, too; a journal that it does not give back leaves no state to vouch for.
    let bad =
        |name: &'static str| recovery::recover(&HookedDisk(BadSector(name)), &dir, context(), Start::Latest, None);
    for name in ["epoch-000002.snapshot", "epoch-000002.snapshot:100"] {
        let unread = bad(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((unread.state_hash, unread.missing, unread.snapshot_epoch), (end, Missing::Nothing, 1), "{name}");
        assert_eq!(unusable(&unread), [(2, "the disk has a bad sector".to_string())], "{name}");
    }
    for name in ["epoch-000002.journal", "epoch-000002.journal:100", "mark"] {
        let refused = bad(name).map(|_| ()).expect_err(name).to_string();
        assert!(
            refused.contains(name.split(':').next().expect("a name")) && refused.contains("bad sector"),
            "{refused}"
        );
    }
}

/// A disk that does not give back one file: at all, or behind the byte after the colon.
struct BadSector(&'static str);

impl Hooks for BadSector {
    fn read(&self, path: &Path, file: io::Result<Box<dyn Read>>) -> io::Result<Box<dyn Read>> {
        let bad = || io::Error::other("the disk has a bad sector");
        let (name, at) = self.0.split_once(':').unwrap_or((self.0, "0"));
        if path.file_name().is_none_or(|found| found != name) {
            return file;
        }
        match at.parse() {
            Ok(0) => Err(bad()),
            Ok(at) => Ok(Box::new(file?.take(at).chain(Unreadable(bad)))),
            Err(_) => panic!("{at} is no offset"),
        }
    }
}

struct Unreadable(fn() -> io::Error);

impl Read for Unreadable {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0())
    }
}

/// Whatever a crash leaves of a beginning: as long as there was no mark nobody was answered, and that is said. As soon as something
/// was, a mark that is gone is missed.
#[test]
fn before_the_first_mark_nobody_was_answered() {
    let home = tempfile::tempdir().expect("a directory");
    let kept = begin(Arc::new(OsDisk), &service(&home)).expect("a journal");
    let begun = copied(&service(&home));
    assert!(matches!(kept.put(&course().days[0], 1), Commit::Safe { .. }));
    let dir = service(&begun);
    for gone in ["", "mark", "epoch-000001.journal"] {
        drop(fs::remove_file(dir.join(gone)));
        let found = recovered(&dir, Start::Latest).unwrap_or_else(|error| panic!("without {gone}: {error}"));
        assert_eq!((found.sequence, found.missing, found.is_complete()), (0, Missing::Nothing, true), "without {gone}");
        assert_eq!((found.nobody_answered, found.mark_damaged), (!gone.is_empty(), false), "without {gone}");
    }
    // Where the first mark is torn, or the file is not yet as long as it will be.
    for bytes in [vec![], vec![0; 100], vec![7; 30]] {
        fs::write(dir.join("mark"), bytes).expect("written");
        assert!(recovered(&dir, Start::Latest).unwrap_or_else(|error| panic!("{error}")).nobody_answered);
    }
    fs::remove_file(dir.join("mark")).expect("it was there");
    fs::rename(dir.join("epoch-000001.snapshot"), dir.join("epoch-000001.snapshot.partial")).expect("renamed");
    for gone in ["", "epoch-000001.snapshot.partial", "service.json"] {
        drop(fs::remove_file(dir.join(gone)));
        let refused = recovered(&dir, Start::Latest).map(|_| ()).expect_err("nothing to recover");
        assert!(matches!(refused, RecoveryError::NotBegun { .. }), "without {gone}: {refused}");
    }
    // Something was answered: then a mark that is not there is missed.
    fs::remove_file(service(&home).join("mark")).expect("it was there");
    let found = recovered(&service(&home), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((found.nobody_answered, found.missing), (false, Missing::Unknown));
}

/// A service that crashes and goes on, again and again; the whole is one history.
#[test]
fn a_service_goes_on_after_crashes() {
    let all: Vec<Record> = course().days.concat();
    let third = all.len() / 3;
    let mut home = tempfile::tempdir().expect("a directory");
    let mut kept = begin(Arc::new(OsDisk), &service(&home)).expect("a journal");
    for (life, piece) in all.chunks(third + 1).enumerate() {
        if life > 0 {
            let before = recovered(&service(&home), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
            complete(&before, hashes(third + 1)[life], life * (third + 1));
            let (notify, commits) = listen();
            let (journal, producers) = Journal::go_on(&before, setup(Arc::new(OsDisk), vec![notify]))
                .unwrap_or_else(|error| panic!("{error}"));
            kept = Kept { journal, producer: producers.into_iter().next().expect("one"), commits };
        }
        for (ticket, piece) in piece.chunks(30).enumerate() {
            assert!(matches!(kept.put(piece, ticket as u64), Commit::Safe { .. }));
        }
        // The crash: the files as they are, while the journal still has them open.
        home = copied(&service(&home));
    }
    let end = course().hash_after(course().days.len());
    let latest = recovered(&service(&home), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    complete(&latest, end, all.len());
    assert_eq!(latest.snapshot_epoch, 3);
    let whole = recovered(&service(&home), Start::First).unwrap_or_else(|error| panic!("{error}"));
    complete(&whole, end, all.len());
}

#[test]
fn a_lost_tail_is_counted_and_accepted_by_going_on() {
    let home = written(100);
    let dir = service(&home);
    let path = dir.join("epoch-000001.journal");
    let bytes = fs::read(&path).expect("a journal");
    fs::write(&path, &bytes[..bytes.len() * 2 / 3]).expect("written");
    let lost = recovered(&dir, Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    let missing = course().records() as u64 - lost.sequence;
    assert!(missing > 0 && lost.sequence > 0 && lost.sequence.is_multiple_of(100));
    assert_eq!((lost.missing, lost.cuts.len(), lost.is_complete()), (Missing::Records(missing), 1, false));
    assert_eq!(lost.state_hash, hashes(100)[lost.sequence as usize / 100]);
    let (journal, _) = Journal::go_on(&lost, setup(Arc::new(OsDisk), Vec::new())).expect("a new epoch");
    journal.close().expect("a clean end");
    for start in [Start::Latest, Start::First] {
        let after = recovered(&dir, start).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((after.sequence, after.state_hash), (lost.sequence, lost.state_hash), "{start:?}");
        assert_eq!(after.missing, Missing::Nothing, "the loss was reported once, and the service went on without");
    }
}

#[test]
fn records_beyond_the_mark_are_kept_and_a_torn_batch_is_cut() {
    let home = tempfile::tempdir().expect("a directory");
    let kept = begin(Arc::new(OsDisk), &service(&home)).expect("a journal");
    let all: Vec<Record> = course().days.concat();
    for (ticket, piece) in all[..300].chunks(100).enumerate() {
        kept.put(piece, ticket as u64);
    }
    let mark = fs::read(service(&home).join("mark")).expect("a mark");
    kept.put(&all[300..400], 9);
    // A crash after the batch and before the mark.
    let copy = copied(&service(&home));
    fs::write(service(&copy).join("mark"), mark).expect("written");
    let beyond = recovered(&service(&copy), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((beyond.sequence, beyond.beyond_mark, beyond.missing), (400, 100, Missing::Nothing));
    assert_eq!(beyond.state_hash, hashes(100)[4]);

    // A crash inside the batch.
    let path = service(&copy).join("epoch-000001.journal");
    let mut bytes = fs::read(&path).expect("a journal");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("records");
    bytes[end - 700..=end].fill(0);
    fs::write(&path, bytes).expect("written");
    let torn = recovered(&service(&copy), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((torn.sequence, torn.beyond_mark, torn.missing), (300, 0, Missing::Nothing));
    assert_eq!((torn.state_hash, torn.cuts.len()), (hashes(100)[3], 1));
}

#[test]
fn a_buffered_journal_survives_the_process() {
    let home = tempfile::tempdir().expect("a directory");
    let (notify, commits) = listen();
    let course = course();
    let settings = Settings { policy: Policy::Buffered, allocate_bytes: 0 };
    let (setup, done) = observed(JournalSetup { settings, ..setup(Arc::new(OsDisk), vec![notify]) });
    let made = Journal::create(&service(&home), &course.service(), &course.images(), setup);
    let (journal, producers) = made.unwrap_or_else(|error| panic!("{error}"));
    producers[0].send(encode(&course.days[0]), 1).expect("the journal runs");
    assert!(matches!(commits.recv(), Ok(Commit::Safe { ticket: 1 })));
    let copy = copied(&service(&home));
    let after = recovered(&service(&copy), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    complete(&after, course.hash_after(1), course.days[0].len());
    journal.close().expect("a clean end");
    let records: u32 = done.iter().map(|done| if let Done::Commit { records, .. } = done { records } else { 0 }).sum();
    assert_eq!(records as usize, course.days[0].len());
}

#[test]
fn a_directory_that_is_taken_or_none_is_refused() {
    let home = written(1_000);
    let again = begin(Arc::new(OsDisk), &service(&home)).map(|_| ());
    assert!(matches!(again, Err(JournalError::Occupied { .. })), "{again:?}");
    let refused = |dir: &Path| recover(dir, Start::Latest).map(|_| ()).map_err(|error| error.to_string());
    assert!(refused(home.path()).is_err_and(|why| why.contains("it has no service.json")));
    assert!(refused(&home.path().join("nowhere")).is_err());
    let dir = service(&home);
    fs::write(dir.join("scenario.toml"), "users = 3\n").expect("written");
    assert!(refused(&dir).is_err_and(|why| why.contains("it was changed")));
}

/// A record that cannot be, after the records before it; the conflict is named.
#[track_caller]
fn conflict(before: usize, record: Record) -> Conflict {
    let mut replay = Replay::new(context(), course().start.clone());
    for record in course().days[0][..before].iter().cloned() {
        replay.apply(record, None).unwrap_or_else(|conflict| panic!("{conflict}"));
    }
    replay.apply(record, None).expect_err("it cannot be")
}

#[test]
fn what_a_record_names_is_checked_before_it_is_used() {
    let day = course().days[0].clone();
    let Some(before) = day.iter().position(|record| matches!(record, Record::Request { .. })) else { panic!("none") };
    let Record::Request { cell, at, request, reply } = day[before].clone() else { panic!("no request") };
    let asked = |cell, at, slot, reply| {
        let request = crate::credit::command::Request { slot: crate::base::ids::Slot(slot), ..request };
        Record::Request { cell, at, request, reply }
    };
    let slot = request.slot.0;
    assert!(matches!(conflict(before, asked(3, at, slot, reply)), Conflict::NoSlot { cell: 3, .. }));
    assert!(matches!(conflict(before, asked(cell, at, 120, reply)), Conflict::NoSlot { slot: 120, .. }));
    assert!(matches!(conflict(before, asked(u32::MAX, at, u32::MAX, reply)), Conflict::NoSlot { .. }));
    for wrong in [0, at.0 - 86_400, at.0 + 86_400, u32::MAX] {
        let found = conflict(before, asked(cell, crate::base::time::SimTime(wrong), slot, reply));
        assert!(matches!(found, Conflict::WrongDay { .. }), "{found}");
    }
    let other = crate::credit::command::Reply::Done(123_456);
    assert!(matches!(conflict(before, asked(cell, at, slot, other)), Conflict::Reply { .. }));
    let today = at.day();
    let controls = crate::credit::Controls::default();
    let open =
        |day| Record::Open { cell: 0, lender: Lender::FIRST, day, quota: [0; FUNDERS], controls: controls.clone() };
    assert!(matches!(conflict(0, open(Day(today.0 - 1))), Conflict::WrongDay { .. }));
    assert!(matches!(conflict(0, open(Day(u16::MAX))), Conflict::WrongDay { .. }), "no day of the run");
    assert!(matches!(conflict(before, open(today.plus(1))), Conflict::WrongDay { .. }), "the day is not closed");
    let close = |stage| Record::Close { cell: 0, lender: Lender::FIRST, day: today, stage };
    assert!(matches!(conflict(before, close(ClosePhase::Grace)), Conflict::Stage { done: 0, .. }));
    assert!(matches!(conflict(0, close(ClosePhase::Tidy)), Conflict::WrongDay { .. }));
}

#[test]
fn a_reply_that_differs_is_a_refusal() {
    let home = tempfile::tempdir().expect("a directory");
    let kept = begin(Arc::new(OsDisk), &service(&home)).expect("a journal");
    let mut day = course().days[0].clone();
    let changed = day.iter_mut().find_map(|record| match record {
        Record::Request { reply, .. } => Some(reply),
        _ => None,
    });
    *changed.expect("a request") = crate::credit::command::Reply::Done(77);
    kept.put(&day, 1);
    let refused = recovered(&service(&copied(&service(&home))), Start::Latest).map(|_| ());
    assert!(matches!(refused, Err(RecoveryError::Conflict { .. })), "{refused:?}");
    assert!(refused.is_err_and(|error| error.to_string().contains("the answer was Done(77)")));
}

#[test]
fn a_mark_of_another_journal_is_a_refusal() {
    let (one, other) = (written(100), written(90));
    fs::copy(service(&one).join("mark"), service(&other).join("mark")).expect("a copy");
    // The other journal has more batches; the one that the mark names has another hash.
    let refused = recovered(&service(&other), Start::Latest).map(|_| ());
    assert!(matches!(refused, Err(RecoveryError::OtherJournal { .. })), "{refused:?}");
}
