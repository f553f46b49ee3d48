//! The wall clock with a few hundred people: what must hold whatever the machine's speed.

use super::run::ack_log::AckLog;
use super::{LatencyFrom, LoadError, LoadSetup, recover, run};
use crate::base::ids::Lender;
use crate::base::time::SimTime;
use crate::credit::command::{Decline, Reply};
use crate::journal::disk::{DiskFile, OsDisk};
use crate::journal::{Ack, Record, Start, read_acks, read_records};
use crate::measure::latency::{LoadObservations, Operation};
use crate::runtime::{Threads, with_fault};
use crate::scenario::{
    Arrivals, Durability, LoadPlan, Overrides, Placement, Scenario, Shape, Stall, UserLoop, read_scenario,
};
use crate::sim::options::Silent;
use crate::sim::{Course, HandOver, Options, hand_over};
use crate::testing::disks::{HookedDisk, Hooks};
use crate::testing::load::plan;
use hdrhistogram::Histogram;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::SystemTime;

mod differential;

fn scenario(users: u32) -> Scenario {
    scenario_of(users, 60)
}

fn scenario_of(users: u32, months: u16) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/load-quick.toml");
    let overrides = Overrides { users: Some(users), months: Some(months), ..Overrides::default() };
    read_scenario(&path, &overrides).unwrap_or_else(|errors| panic!("{errors}"))
}

fn taken_over(scenario: &Scenario) -> HandOver {
    let cancel = AtomicBool::new(false);
    let options = Options { progress: &Silent, cancel: &cancel, auditor: None };
    let until = scenario.load.as_ref().expect("it has a load part").at.day();
    hand_over(scenario, "baseline", until, &Threads::new(1), &options, None).expect("not interrupted")
}

fn hand_over_moment(scenario: &Scenario) -> SimTime {
    scenario.load.as_ref().expect("it has a load part").at
}

struct Extra<'a> {
    dir: Option<&'a Path>,
    acks: Option<&'a Path>,
    null: bool,
    counts_from_send: bool,
}

const PLAIN: Extra<'static> = Extra { dir: None, acks: None, null: false, counts_from_send: false };

fn loaded(scenario: &Scenario, from: &HandOver, plan: &LoadPlan, extra: &Extra<'_>) -> LoadObservations {
    tried(scenario, from, plan, extra).expect("a run")
}

fn tried(
    scenario: &Scenario,
    from: &HandOver,
    plan: &LoadPlan,
    extra: &Extra<'_>,
) -> Result<LoadObservations, LoadError> {
    let setup = LoadSetup {
        null_service: extra.null,
        journal: extra.dir.map(|dir| (dir.to_path_buf(), Arc::new(OsDisk) as _)),
        acks: extra.acks.map(Path::to_path_buf),
        latency_from: if extra.counts_from_send { LatencyFrom::Sent } else { LatencyFrom::Intended },
        ..setup(scenario, from, plan)
    };
    run(&setup, &mut |_| {})
}

/// A run that nobody ends before its time, without journal and record of answers.
fn setup<'a>(scenario: &'a Scenario, from: &'a HandOver, plan: &'a LoadPlan) -> LoadSetup<'a> {
    static NEVER: AtomicBool = AtomicBool::new(false);
    LoadSetup {
        from,
        scenario,
        plan,
        seed: 1,
        null_service: false,
        journal: None,
        acks: None,
        cancel: &NEVER,
        enough: &NEVER,
        latency_from: LatencyFrom::Intended,
    }
}

#[test]
fn some_hours_of_behaviour_end_in_balance_and_every_request_ends_once() {
    let scenario = scenario(600);
    let from = taken_over(&scenario);
    let plan = LoadPlan { at: hand_over_moment(&scenario), speed_milli: 86_400_000, duration_ms: 3_400, ..plan() };
    let seen = loaded(&scenario, &from, &plan, &PLAIN);
    let counts = seen.total.all_counts();
    assert!(counts.decided() > 100, "{counts:?}");
    assert_eq!(counts.offered, counts.ended(), "{counts:?}");
    assert!(seen.closes.len() >= 2, "a day takes a second: {:?}", seen.closes);
    assert!(seen.closes.windows(2).all(|pair| pair[1].day == pair[0].day.plus(1)));
    assert!(seen.ledger_balanced && seen.queue_max > 0);
    // A simulated day in a second, from the hand-over on.
    let moments: Vec<u32> =
        seen.seconds.iter().map(|second| second.simulated.0 - hand_over_moment(&scenario).0).collect();
    assert!(moments.iter().enumerate().all(|(second, since)| *since == second as u32 * 86_400), "{moments:?}");
    assert!(seen.total.of(Operation::CloseOfDay).latency_ns.len() >= 4, "each cell's close is measured");
    let credit = seen.credit;
    assert!(credit.accounts > 0 && credit.wall_approval_rate > Some(0.3), "{credit:?}");
}

#[test]
fn placements_and_loops_all_serve() {
    let scenario = scenario(600);
    let from = taken_over(&scenario);
    let rate = Shape::Constant { rate: 2_000.0 };
    let cases = [
        (Placement::Separate { generators: 2, services: 2 }, UserLoop::PartlyOpen, false),
        (Placement::SideBySide { threads: 2 }, UserLoop::PartlyOpen, false),
        (Placement::Separate { generators: 1, services: 1 }, UserLoop::Closed { users: 20, think_ms: 5 }, false),
        (Placement::Separate { generators: 1, services: 1 }, UserLoop::PartlyOpen, true),
    ];
    for (placement, users, null) in cases {
        let plan = LoadPlan { placement, users, shape: rate, arrivals: Arrivals::Poisson, ..plan() };
        let seen = loaded(&scenario, &from, &plan, &Extra { null, ..PLAIN });
        let counts = seen.total.all_counts();
        assert!(counts.decided() > 500, "{placement:?} {users:?}: {counts:?}");
        assert_eq!(counts.offered, counts.ended(), "{placement:?} {users:?}: {counts:?}");
        assert!(seen.ledger_balanced, "{placement:?} {users:?}");
        if !null {
            let [wall, due] = approvals_of_closed_days(&seen, &scenario, &from);
            assert!((wall - due).abs() < 0.05, "{placement:?} {users:?}: {wall} {due}");
        }
    }
}

/// A service that does nothing for a second and a half carries far less than what is asked of it: its queues are full, whoever comes
/// is shed and asks again, and a day that waits for the answers of those inside leaves arrivals without anybody to make them. All of
/// that is over when the service is back.
#[test]
fn an_overload_is_shed_and_given_up_and_leaves_nothing_behind() {
    let scenario = scenario(600);
    let from = taken_over(&scenario);
    let plan = LoadPlan {
        shape: Shape::Constant { rate: 3_000.0 },
        queue_limit: 8,
        duration_ms: 4_000,
        stalls: vec![Stall { at_ms: 500, for_ms: 1_500 }],
        ..plan()
    };
    let seen = loaded(&scenario, &from, &plan, &PLAIN);
    let counts = seen.total.all_counts();
    assert!(counts.shed > 0 && counts.retried > 20 && counts.unsent > 100, "{counts:?}");
    assert_eq!(counts.offered, counts.ended(), "{counts:?}");
    let last = seen.seconds.last().expect("four seconds");
    let after = last.all_counts();
    assert!(after.decided() > 1_000 && after.shed + after.unsent < after.decided() / 4, "{after:?}");
    assert!(last.all_latency_ns[2].is_some_and(|p99_ns| p99_ns < 500_000_000), "{:?}", last.all_latency_ns);
    assert!(seen.closes.iter().any(|close| close.at_ms > 3_000) && seen.ledger_balanced, "{:?}", seen.closes);
}

/// The generator rests until the end of the run unless somebody wakes it: one user of a closed loop would ask once or twice.
#[test]
fn a_closed_loop_of_a_few_users_is_bound_by_the_service() {
    let scenario = scenario(600);
    let from = taken_over(&scenario);
    for users in [1, 2, 5] {
        let users = UserLoop::Closed { users, think_ms: 0 };
        let plan = LoadPlan { shape: Shape::Constant { rate: 1_000.0 }, users, ..plan() };
        let counts = loaded(&scenario, &from, &plan, &PLAIN).total.all_counts();
        assert!(counts.decided() > 50 && counts.offered == counts.ended(), "{users:?}: {counts:?}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what the calendar says before and after")]
fn the_measured_time_begins_after_the_warm_up_by_the_calendar_too() {
    let scenario = scenario(300);
    let from = taken_over(&scenario);
    let plan = LoadPlan { shape: Shape::Constant { rate: 200.0 }, warmup_ms: 1_500, duration_ms: 1_000, ..plan() };
    let unix_ms = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis() as u64;
    let before_ms = unix_ms();
    let mut reported = Vec::new();
    let seen =
        run(&setup(&scenario, &from, &plan), &mut |second| reported.push(second.started_unix_ms)).expect("a run");
    assert_eq!(reported, [seen.started_unix_ms], "the log's head is written with the first second");
    assert!(seen.started_unix_ms >= before_ms + 1_500, "{} after {before_ms}", seen.started_unix_ms);
    assert!(seen.started_unix_ms + 1_000 <= unix_ms(), "{} in {}", seen.started_unix_ms, unix_ms());
}

/// Ten minutes are asked for. In whatever role a thread panics, the run ends then and there and says who it was and why; nobody
/// waits for whoever is gone.
#[test]
fn a_panic_in_any_role_ends_the_run_with_its_reason() {
    let scenario = scenario(300);
    let from = taken_over(&scenario);
    let plan = LoadPlan {
        shape: Shape::Constant { rate: 500.0 },
        duration_ms: 600_000,
        durability: Durability::Buffered,
        ..plan()
    };
    let roles = [
        ("set-up", "set-up and coordinator"),
        ("coordinator", "set-up and coordinator"),
        ("generator", "generator-0"),
        ("user", "generator-0"),
        ("cell", "service-0"),
        ("worker", "service-0"),
        ("journal", "journal"),
    ];
    for (role, thread) in roles {
        let home = tempfile::tempdir().expect("a directory");
        let dir = home.path().join("journal");
        let extra = Extra { dir: Some(&dir), ..PLAIN };
        let error = with_fault(role, || tried(&scenario, &from, &plan, &extra)).expect_err(role).to_string();
        let (who, why) =
            (format!("given up: {thread} panicked at "), format!("a fault that a test has put into {role}"));
        assert!(error.contains(&who) && error.ends_with(&why), "{role}: {error}");
    }
    let sampler = run(&setup(&scenario, &from, &plan), &mut |_| panic!("nobody can show this"));
    let error = sampler.expect_err("the sampler is gone").to_string();
    assert!(error.contains("the thread beside panicked") && error.ends_with("nobody can show this"), "{error}");
}

/// A disk that is full from some moment on.
struct Full {
    room_bytes: Arc<AtomicI64>,
}

struct FullFile {
    room_bytes: Arc<AtomicI64>,
    file: Box<dyn DiskFile>,
}

impl DiskFile for FullFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let room = self.room_bytes.fetch_sub(bytes.len() as i64, Ordering::Relaxed);
        if room < bytes.len() as i64 {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            self.file.write_at(offset, bytes)
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.truncate(length)
    }
}

impl Hooks for Full {
    fn written(&self, _path: &Path, file: io::Result<Box<dyn DiskFile>>) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(FullFile { room_bytes: Arc::clone(&self.room_bytes), file: file? }))
    }
}

#[test]
fn a_journal_that_stops_ends_the_run_and_keeps_what_was_acknowledged() {
    let scenario = scenario(300);
    let from = taken_over(&scenario);
    let home = tempfile::tempdir().expect("a directory");
    let (dir, acks) = (home.path().join("journal"), home.path().join("acks.bin"));
    let plan = LoadPlan { duration_ms: 600_000, durability: Durability::Buffered, ..plan() };
    let room_bytes = Arc::new(AtomicI64::new(i64::MAX));
    let plan = LoadPlan { shape: Shape::Constant { rate: 500.0 }, ..plan };
    let disk = HookedDisk(Full { room_bytes: Arc::clone(&room_bytes) });
    let setup = LoadSetup {
        journal: Some((dir.clone(), Arc::new(disk))),
        acks: Some(acks.clone()),
        ..setup(&scenario, &from, &plan)
    };
    // Full from the end of the first second on, in which hundreds were answered.
    let ended = run(&setup, &mut |_| room_bytes.store(0, Ordering::Relaxed));
    let Err(error @ LoadError::JournalStopped(_)) = ended else { panic!("{ended:?}") };
    let said = error.to_string();
    assert!(said.contains("could not write to") && said.contains(&dir.display().to_string()), "{said}");
    let recovered = recover(&dir, Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    assert!(recovered.is_complete() && recovered.sequence > 100, "{} records", recovered.sequence);
    assert!(!read_acks(&acks).unwrap_or_else(|error| panic!("{error}")).is_empty());
}

/// The calendar has days until the end of the month: they are through in a few tenths of a second, and what waits then for a day
/// that never opens gets an answer.
#[test]
fn a_run_that_meets_the_end_of_the_calendar_ends_there_and_says_so() {
    let scenario = scenario_of(600, 1);
    let from = taken_over(&scenario);
    let plan = LoadPlan { shape: Shape::Constant { rate: 8_000.0 }, duration_ms: 120_000, ..plan() };
    let seen = loaded(&scenario, &from, &plan, &PLAIN);
    assert!(seen.measured_seconds < 60.0, "{}", seen.measured_seconds);
    assert!(seen.invalid_words().iter().any(|why| why.contains("ran out of days")), "{:?}", seen.invalid);
    let counts = seen.total.all_counts();
    assert!(counts.decided() > 500 && counts.offered == counts.ended(), "{counts:?}");
    assert!(counts.unavailable < counts.decided() / 10 && seen.ledger_balanced, "{counts:?}");
}

/// Approval rate of the days that closed, on the wall clock and on the virtual one.
fn approvals_of_closed_days(seen: &LoadObservations, scenario: &Scenario, from: &HandOver) -> [f64; 2] {
    let fabric = Threads::new(1);
    let mut course = Course::new(from, scenario, &fabric);
    let (mut wall, mut due) = ([0, 0], [0, 0]);
    for close in &seen.closes {
        let day = course.drawings(close.day).expect("a day of the run");
        wall = [wall[0] + close.approved, wall[1] + close.decided];
        due = [due[0] + day[0], due[1] + day[1]];
    }
    assert!(seen.closes.len() >= 3 && wall[1] > 300, "{:?}", seen.closes);
    // Tips go on in the next day, but none is lost: what is missing is at most what a slow machine leaves of two days.
    let day = due[1] / seen.closes.len() as i64;
    assert!((due[1] - wall[1]).abs() < 2 * day, "{} of {} drawings, {day} a day", wall[1], due[1]);
    [wall, due].map(|[approved, decided]| approved as f64 / decided as f64)
}

/// A stall of 200 ms in two seconds of even arrivals: a request that was meant to start t ms before its end waits t ms, so a
/// twentieth of all waits 100 ms or more, a fortieth 150 ms, a two-hundredth 190 ms, and the first one all of it. On the one thread
/// the stall holds up the generator too, which is what makes counting from the send so flattering: every request is sent late and
/// looks as if it had been answered at once.
#[test]
fn a_stall_shows_in_full_from_the_intended_start_and_not_from_the_send() {
    let scenario = scenario(600);
    let from = taken_over(&scenario);
    let plan = LoadPlan {
        shape: Shape::Constant { rate: 2_000.0 },
        arrivals: Arrivals::Even,
        placement: Placement::SideBySide { threads: 1 },
        duration_ms: 2_000,
        stalls: vec![Stall { at_ms: 800, for_ms: 200 }],
        ..plan()
    };
    let latency = |counts_from_send| {
        let seen = loaded(&scenario, &from, &plan, &Extra { counts_from_send, ..PLAIN });
        seen.total.all_latency_ns()
    };
    let (honest, broken) = (latency(false), latency(true));
    let share_above = |latency: &Histogram<u64>, ms: u64| {
        latency.count_between(ms * 1_000_000, u64::MAX) as f64 / latency.len() as f64
    };
    // What the machine adds can only make these larger; a tenth is left for requests that another day's planning moves.
    for (ms, share) in [(100, 0.05), (150, 0.025), (190, 0.005)] {
        assert!(share_above(&honest, ms) > share * 0.9, "{ms} ms: {}", share_above(&honest, ms));
    }
    assert!(honest.value_at_quantile(0.99) >= 178_000_000, "p99 {}", honest.value_at_quantile(0.99));
    assert!(honest.max() >= 199_000_000, "max {}", honest.max());
    // Some are delayed by a busy machine, and by nothing else.
    assert!(share_above(&broken, 100) < 0.02, "counted from the send: {}", share_above(&broken, 100));
}

#[test]
fn overload_is_shed_and_nothing_acknowledged_is_lost() {
    let scenario = scenario(600);
    let from = taken_over(&scenario);
    let home = tempfile::tempdir().expect("a directory");
    let (dir, acks) = (home.path().join("journal"), home.path().join("acks.bin"));
    let plan = LoadPlan {
        shape: Shape::Constant { rate: 5_000.0 },
        stalls: vec![Stall { at_ms: 100, for_ms: 400 }],
        queue_limit: 3,
        durability: Durability::Group { max_us: 300, max_records: 512 },
        ..plan()
    };
    let extra = Extra { dir: Some(&dir), acks: Some(&acks), ..PLAIN };
    let seen = loaded(&scenario, &from, &plan, &extra);
    let counts = seen.total.all_counts();
    assert!(counts.shed > 0 && counts.retried > 0, "{counts:?}");
    assert!(seen.queue_max <= 3, "{}", seen.queue_max);
    let recovered = recover(&dir, Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    assert!(recovered.is_complete());
    let hex = blake3::Hash::from_bytes(recovered.state_hash).to_hex().to_string();
    assert_eq!(hex, seen.state_hash, "the disk holds the state that the run ended with");
    let answers = read_acks(&acks).unwrap_or_else(|error| panic!("{error}"));
    assert!(answers.len() as u64 >= counts.decided(), "{} {counts:?}", answers.len());
}

/// The figures of the journal are those of the measured time: three quarters of this run are warm-up, in which as much is asked for
/// a second, and the first day opens before it. (Which commit counts, to the nanosecond, is tested beside the figures.)
#[test]
fn the_figures_of_the_journal_leave_out_the_warm_up() {
    let scenario = scenario(300);
    let from = taken_over(&scenario);
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("journal");
    let plan = LoadPlan {
        shape: Shape::Constant { rate: 300.0 },
        warmup_ms: 3_000,
        duration_ms: 1_000,
        durability: Durability::Buffered,
        ..plan()
    };
    let seen = loaded(&scenario, &from, &plan, &Extra { dir: Some(&dir), ..PLAIN });
    let figures = seen.journal.as_ref().expect("it has a journal");
    let written = read_records(&dir).len() as u64;
    assert!(figures.records > 0 && figures.records * 10 < written * 6, "{} of {written} records", figures.records);
    assert_eq!((figures.commit_ns.len(), figures.snapshots), (figures.commits, 0), "{figures:?}");
}

#[test]
fn snapshots_begin_epochs_and_a_replay_of_all_of_them_agrees() {
    let scenario = scenario(300);
    let from = taken_over(&scenario);
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("journal");
    let plan = LoadPlan {
        shape: Shape::Constant { rate: 1_500.0 },
        duration_ms: 2_000,
        placement: Placement::Separate { generators: 1, services: 2 },
        durability: Durability::Buffered,
        snapshot_days: 3,
        ..plan()
    };
    let seen = loaded(&scenario, &from, &plan, &Extra { dir: Some(&dir), ..PLAIN });
    let (last, all) = (recover(&dir, Start::Latest), recover(&dir, Start::First));
    let (last, all) = (last.expect("a service"), all.expect("a service"));
    assert!(last.last_epoch >= 2, "{} epochs", last.last_epoch);
    assert_eq!(last.state_hash, all.state_hash);
    assert_eq!(blake3::Hash::from_bytes(last.state_hash).to_hex().to_string(), seen.state_hash);
}

/// Nobody deals with the second lender; its days open and close all the same, and are journaled.
#[test]
fn a_durable_service_keeps_an_engine_for_each_lender() {
    let scenario = scenario(600);
    let mut from = taken_over(&scenario);
    let groups = scenario.base.terms.billing.bill_days.len() as u32;
    from.cells.iter_mut().for_each(|cell| cell.add_lender(groups));
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("journal");
    let plan = LoadPlan {
        at: hand_over_moment(&scenario),
        shape: Shape::Constant { rate: 4_000.0 },
        durability: Durability::Buffered,
        ..plan()
    };
    let seen = loaded(&scenario, &from, &plan, &Extra { dir: Some(&dir), ..PLAIN });
    assert!(seen.ledger_balanced && seen.total.all_counts().decided() > 100);
    let records = read_records(&dir);
    let second = |record: &&Record| match record {
        Record::Request { request, .. } => request.lender != Lender::FIRST,
        Record::Open { lender, .. } | Record::Close { lender, .. } => *lender != Lender::FIRST,
    };
    let days = records.iter().filter(|record| matches!(record, Record::Open { .. })).filter(second).count();
    assert!(days >= from.cells.len(), "{days}");
    assert!(!records.iter().any(|record| matches!(record, Record::Request { .. }) && second(&record)));
    let again = recover(&dir, Start::First).expect("a service");
    assert_eq!(blake3::Hash::from_bytes(again.state_hash).to_hex().to_string(), seen.state_hash);
    assert!(again.cells.iter().all(|cell| cell.engines.len() == 2));
}

#[test]
fn the_record_of_answers_has_the_form_that_recovery_reads() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("acks.bin");
    let mut log = AckLog::create(&path).expect("a file");
    log.put(Ack { user: 7, lender: Lender::FIRST, sequence: 1, reply: Reply::Done(30) });
    log.put(Ack { user: 8, lender: Lender(1), sequence: 2, reply: Reply::Declined(Decline::OverLimit) });
    log.flush().expect("room");
    assert_eq!(std::fs::metadata(&path).expect("a file").len(), 2 * 20);
    let read = read_acks(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((read[0].user, read[0].sequence, read[0].reply), (7, 1, Reply::Done(30)));
    assert_eq!((read[1].user, read[1].lender, read[1].reply), (8, Lender(1), Reply::Declined(Decline::OverLimit)));
}
