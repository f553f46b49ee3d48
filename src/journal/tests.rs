//! The journal under real behaviour: some cells of the virtual clock, their requests written down as a service would.

mod damage;
mod disks;
mod epochs;
mod lenders;
mod throughput;

use super::directory::Service;
use super::error::{JournalError, RecoveryError};
use super::handle::{Journal, JournalSetup, Producer};
use super::message::{Commit, Done, Notify};
use super::record::{Record, Records};
use super::recovery::{Recovered, Start};
use super::replay::Replay;
use super::segment::Hash;
use super::settings::{Policy, Settings};
use super::state::{CellImage, CellState, EngineState, hash_of};
use crate::base::ids::Lender;
use crate::credit::{ClosePhase, Engine};
use crate::journal::disk::{Disk, OsDisk};
use crate::load::ServiceContext;
use crate::population::{self, PopulationTables};
use crate::scenario::{Overrides, Scenario, read_scenario};
use crate::world::{Cell, CellDay, Frame, Scratch, WorkTally, World};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, OnceLock};

/// Virtual days before the journal begins, and days that it holds.
const DAYS: (usize, usize) = (75, 16);

/// A piece of history: a state, what happened to it, and the state after each day.
pub(super) struct Course {
    pub scenario: Scenario,
    pub start: Vec<CellState>,
    /// By day, in the order in which a service would write them.
    pub days: Vec<Vec<Record>>,
    /// By day: the state at its close.
    pub after: Vec<Vec<CellState>>,
}

impl Course {
    pub(crate) fn images(&self) -> Vec<CellImage> {
        images(&self.start)
    }

    pub(crate) fn service(&self) -> Service {
        let scenario = self.scenario.resolved_toml.clone();
        Service { scenario, world: self.scenario.worlds[0].name.clone() }
    }

    /// The hash after so many days.
    pub(crate) fn hash_after(&self, days: usize) -> Hash {
        days.checked_sub(1).map_or_else(|| hash_of(&self.start), |last| hash_of(&self.after[last]))
    }

    pub(crate) fn records(&self) -> usize {
        self.days.iter().map(Vec::len).sum()
    }
}

/// All records of a journal that was closed in order, for tests of whoever wrote them.
pub(crate) fn read_records(dir: &Path) -> Vec<Record> {
    let home = super::directory::Directory::at(dir);
    let mut records = Vec::new();
    for epoch in home.epochs(".journal").unwrap_or_else(|error| panic!("{error}")) {
        let file = std::fs::File::open(home.journal(epoch)).expect("it is listed");
        let (_, mut scan) = super::segment::Scan::start(file).expect("readable").expect("a header");
        while let Some(batch) = scan.next_batch().expect("readable") {
            let mut left = batch.records;
            records.extend((0..batch.count).map(|_| super::record::read(&mut left).expect("a record")));
        }
        assert_eq!(scan.end(), Some(super::segment::End::Clean));
    }
    records
}

pub(super) fn images(cells: &[CellState]) -> Vec<CellImage> {
    cells.iter().zip(0..).map(|(cell, number)| cell.image(number)).collect()
}

/// The course that all tests share: three cells of some hundred users in all, with lateness, reviews and holds.
pub(super) fn course() -> &'static Course {
    static COURSE: OnceLock<Course> = OnceLock::new();
    COURSE.get_or_init(make_course)
}

fn make_course() -> Course {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    let set = [("cell_users", "120"), ("warmup_months", "2")].map(|(key, value)| (key.to_string(), value.to_string()));
    let overrides =
        Overrides { users: Some(300), months: Some(2), seed: Some(11), set: set.to_vec(), ..Overrides::default() };
    let scenario = read_scenario(&path, &overrides).unwrap_or_else(|errors| panic!("{errors}"));
    let frame = Arc::new(Frame::new(&scenario));
    let mut world = World::warm_up(&scenario, &frame);
    let tables = PopulationTables::new(&scenario);
    let groups = scenario.base.terms.billing.bill_days.len() as u32;
    let count = population::cell_count(&scenario);
    let mut cells: Vec<Cell> = (0..count)
        .map(|cell| Cell::new(population::sample_cell(&scenario, &tables, cell), frame.lenders, groups))
        .collect();
    let mut tally = WorkTally::new(frame.run_months, world.hosts());
    let net_assets = scenario.base.terms.funding.net_assets_fen_per_user;
    cells.iter_mut().for_each(|cell| cell.pay_in_capital(&mut tally, net_assets));
    let (mut start, mut days, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for (number, calendar) in frame.calendar.days()[..DAYS.0 + DAYS.1].iter().enumerate() {
        if calendar.run_month == scenario.warmup_months && calendar.day_of_month == 1 {
            world = world.fork(&scenario.worlds[0]);
        }
        world.midnight(&frame, calendar);
        let context = world.day_context(&frame, calendar);
        let mut records = Vec::new();
        let mut report = CellDay::default();
        for (number, cell) in cells.iter_mut().enumerate() {
            let cell_number = number as u32;
            let quota = context.quota(cell.len());
            let mut log = Vec::new();
            report.add(&cell.run_day(&context, quota, &mut tally, &mut Scratch::default(), Some(&mut log)));
            let controls = context.controls.clone();
            records.push(Record::Open { cell: cell_number, lender: Lender::FIRST, day: calendar.day, quota, controls });
            records.extend(log.iter().map(|l| Record::Request {
                cell: cell_number,
                at: l.at,
                request: l.request,
                reply: l.reply,
            }));
            let close = |stage| Record::Close { cell: cell_number, lender: Lender::FIRST, day: calendar.day, stage };
            records.extend(ClosePhase::ALL.map(close));
        }
        world.close_day(&frame, calendar, &tally, &report);
        tally.clear_day();
        let state = |engine: &Engine| EngineState {
            engine: engine.clone(),
            day: calendar.day,
            stages_done: ClosePhase::ALL.len() as u8,
            controls: context.controls.clone(),
        };
        let states = cells.iter().map(|cell| CellState { engines: cell.engines().iter().map(state).collect() });
        if number + 1 == DAYS.0 {
            start = states.collect();
        } else if number >= DAYS.0 {
            after.push(states.collect());
            days.push(records);
        }
    }
    Course { scenario, start, days, after }
}

/// The context of the course, prepared once.
pub(super) fn context() -> &'static ServiceContext {
    static CONTEXT: OnceLock<ServiceContext> = OnceLock::new();
    let world = course().service().world;
    CONTEXT.get_or_init(|| ServiceContext::new(&course().scenario, &world).expect("the course's world"))
}

/// Recovers as the program does, with the context prepared once.
pub(super) fn recovered(dir: &Path, start: Start) -> Result<Recovered, RecoveryError> {
    super::recovery::recover(&OsDisk, dir, context(), start, None)
}

/// A copy of a service's directory as a crash would leave it: files as they are, unfinished.
pub(super) fn copied(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a directory");
    let into = service(&copy);
    std::fs::create_dir(&into).expect("a directory");
    for entry in std::fs::read_dir(dir).expect("the service's directory") {
        let from = entry.expect("an entry").path();
        std::fs::copy(&from, into.join(from.file_name().expect("a name"))).expect("a copy");
    }
    copy
}

/// The hash of the state after every so many records of the course.
pub(super) fn hashes(every: usize) -> Vec<Hash> {
    let mut replay = Replay::new(context(), course().start.clone());
    let mut hashes = vec![hash_of(&replay.cells)];
    for piece in course().days.concat().chunks(every) {
        for record in piece {
            replay.apply(record.clone(), None).unwrap_or_else(|conflict| panic!("{conflict}"));
        }
        hashes.push(hash_of(&replay.cells));
    }
    hashes
}

/// A journal with one producer, and how far its records are reported safe.
pub(super) struct Kept {
    pub journal: Journal,
    pub producer: Producer,
    pub commits: Receiver<Commit>,
}

pub(super) fn listen() -> (Notify, Receiver<Commit>) {
    let (sender, commits) = channel();
    (Box::new(move |commit| drop(sender.send(commit))), commits)
}

pub(super) const GROUP: Policy = Policy::Group { linger_us: 0, records_max: 1024 };

pub(super) fn settings() -> Settings {
    Settings { policy: GROUP, allocate_bytes: 128 << 10 }
}

/// What a journal of the course is begun with.
pub(super) fn setup(disk: Arc<dyn Disk>, notify: Vec<Notify>) -> JournalSetup {
    JournalSetup { disk, settings: settings(), notify, observer: None }
}

/// What a journal has done.
pub(super) fn observed(setup: JournalSetup) -> (JournalSetup, Receiver<Done>) {
    let (sender, done) = channel();
    (JournalSetup { observer: Some(Box::new(move |what| assert!(sender.send(what).is_ok()))), ..setup }, done)
}

pub(super) fn begin(disk: Arc<dyn Disk>, dir: &Path) -> Result<Kept, JournalError> {
    let course = course();
    let (notify, commits) = listen();
    let (journal, producers) = Journal::create(dir, &course.service(), &course.images(), setup(disk, vec![notify]))?;
    let producer = producers.into_iter().next().expect("one producer");
    Ok(Kept { journal, producer, commits })
}

pub(super) fn encode(records: &[Record]) -> Records {
    let mut encoded = Records::with_capacity(records.len());
    records.iter().for_each(|record| encoded.push(record));
    encoded
}

impl Kept {
    /// Sends records and waits for the answer.
    pub(crate) fn put(&self, records: &[Record], ticket: u64) -> Commit {
        if let Err(error) = self.producer.send(encode(records), ticket) {
            return Commit::Failed(error);
        }
        self.commits.recv().expect("an answer")
    }
}

/// A directory with the whole course in batches of `records`, closed well.
pub(super) fn written(records: usize) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a directory");
    let kept = begin(Arc::new(OsDisk), &service(&home)).expect("a journal");
    let all: Vec<Record> = course().days.concat();
    for (ticket, piece) in all.chunks(records).enumerate() {
        let commit = kept.put(piece, ticket as u64);
        assert!(matches!(commit, Commit::Safe { ticket: t } if t == ticket as u64), "{commit:?}");
    }
    kept.journal.close().expect("a clean end");
    home
}

pub(super) fn service(home: &tempfile::TempDir) -> PathBuf {
    home.path().join("service")
}

#[test]
fn the_course_is_worth_replaying() {
    let course = course();
    let requests: Vec<_> = course.days.iter().flatten().filter(|r| matches!(r, Record::Request { .. })).collect();
    assert!(requests.len() > 800, "{} requests", requests.len());
    let mut kinds = [0; crate::credit::totals::COMMAND_KINDS];
    for record in requests {
        if let Record::Request { request, .. } = record {
            kinds[request.command.kind()] += 1;
        }
    }
    assert!(kinds.iter().filter(|count| **count > 0).count() >= 8, "{kinds:?}");
    assert!(course.days.iter().flatten().any(|r| matches!(r, Record::Close { .. })));
}

#[test]
fn engines_go_to_bytes_and_back() {
    let engines = course().after.iter().flatten().flat_map(|cell| &cell.engines);
    for (number, cell) in engines.enumerate() {
        let mut bytes = Vec::new();
        cell.engine.write_snapshot(&mut |piece| bytes.extend_from_slice(piece));
        let again = Engine::read_snapshot(&bytes).unwrap_or_else(|error| panic!("{error}"));
        let mut once_more = Vec::new();
        again.write_snapshot(&mut |piece| once_more.extend_from_slice(piece));
        assert_eq!(bytes, once_more, "cell {number}");
        let state = |engine: &Engine| {
            let mut state = Vec::new();
            engine.write_state(&mut |piece| state.extend_from_slice(piece));
            state
        };
        assert_eq!(state(&cell.engine), state(&again), "cell {number}");
    }
}
