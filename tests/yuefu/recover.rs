//! `yuefu recover`, on directories that the library's journal has written.

use crate::anywhere::do_their_job;
use crate::program::{Said, yuefu};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use yuefu::parts::{
    Ack, Application, CellState, ClosePhase, Command, Commit, Context, Controls, Ctx, Day, Engine, EngineState,
    FUNDERS, Fen32, HostId, Journal, JournalSetup, Lender, OsDisk, Overrides, Policy, Record, Records, Reply, Request,
    Service as ServiceOfJournal, ServiceContext, Settings, SimTime, Slot, read_scenario,
};

const USERS: u32 = 100;

struct Service {
    _home: tempfile::TempDir,
    dir: PathBuf,
    acks: PathBuf,
}

impl Service {
    fn recover(&self, more: &[&str]) -> Said {
        let mut arguments = vec!["recover", self.dir.to_str().expect("text")];
        arguments.extend(more);
        yuefu(&arguments)
    }

    fn with_acks(&self) -> Said {
        self.recover(&["--acks", self.acks.to_str().expect("text")])
    }

    fn journal(&self) -> PathBuf {
        self.dir.join("epoch-000001.journal")
    }
}

/// A morning of a hundred users: all apply, all who get in tip twice; a journal of it, closed well, and the answers they saw.
fn service() -> Service {
    let home = tempfile::tempdir().expect("a directory");
    let (dir, acks) = (home.path().join("journal"), home.path().join("acks.bin"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    let overrides = Overrides { users: Some(USERS), months: Some(1), ..Overrides::default() };
    let scenario = read_scenario(&path, &overrides).unwrap_or_else(|errors| panic!("{errors}"));
    let context = ServiceContext::new(&scenario, "baseline").expect("its first world");
    let groups = scenario.base.terms.billing.bill_days.len() as u32;
    let (day, controls) = (Day::from_ymd(2023, 1, 4).expect("a date"), Controls::default());
    let lender = Lender::FIRST;
    let state = EngineState {
        engine: Engine::new(lender, 0, USERS, groups),
        day: Day::NEVER,
        stages_done: ClosePhase::ALL.len() as u8,
        controls: controls.clone(),
    };
    let mut cell = CellState { engines: vec![state] };
    let (sender, commits) = channel();
    let about = ServiceOfJournal { scenario: scenario.resolved_toml.clone(), world: "baseline".to_string() };
    let policy = Policy::Group { linger_us: 0, records_max: 64 };
    let setup = JournalSetup {
        disk: Arc::new(OsDisk),
        settings: Settings { policy, allocate_bytes: 0 },
        notify: vec![Box::new(move |commit| drop(sender.send(commit)))],
        observer: None,
    };
    let (journal, producers) = Journal::create(&dir, &about, &[cell.image(0)], setup).expect("a journal");
    let today = context.today(day, &controls).expect("a day of the run");
    let mut tally = context.tally();
    let quota = [1_000_000_000; FUNDERS];
    let engine = &mut cell.engines[0].engine;
    engine.open_day(&mut Ctx { today: &today, tally: &mut tally }, quota);
    let mut seen = Vec::new();
    for round in 0..3_u32 {
        let mut records = Records::default();
        if round == 0 {
            records.push(&Record::Open { cell: 0, lender, day, quota, controls: controls.clone() });
        }
        for slot in 0..USERS {
            let application = Application {
                age: 30,
                student: false,
                identity_matches: true,
                fraud_signal: false,
                bureau_score: 700,
                behaviour: 200,
                monthly_income_yuan: 9_000,
                other_debt_yuan: 0,
            };
            let tip = Command::Tip { host: HostId(1), amount_fen: Fen32(500) };
            let command = if round == 0 { Command::Apply(application) } else { tip };
            let at = SimTime::at(day, 3_600 * round + slot);
            let request = Request { lender, slot: Slot(slot), sequence: round + 1, command };
            let reply = engine.apply(&mut Ctx { today: &today, tally: &mut tally }, at, request);
            records.push(&Record::Request { cell: 0, at, request, reply });
            seen.push(Ack { user: slot, lender, sequence: round + 1, reply });
        }
        producers[0].send(records, u64::from(round)).expect("it runs");
        assert!(matches!(commits.recv(), Ok(Commit::Safe { .. })));
    }
    journal.close().expect("a clean end");
    assert!(seen.iter().filter(|ack| matches!(ack.reply, Reply::Done(_))).count() > 150, "most are approved");
    fs::write(&acks, seen.iter().flat_map(Ack::encode).collect::<Vec<u8>>()).expect("written");
    Service { _home: home, dir, acks }
}

/// The small jobs that read load runs, which are ready by now.
#[test]
fn load_runs_are_recovered_and_compared_in_an_empty_folder() {
    do_their_job(true);
}

#[test]
fn a_whole_journal_gives_back_all_that_users_saw() {
    let service = service();
    let text = service.recover(&["--from-start"]).well();
    assert!(text.contains("100 users in 1 cells") && text.contains("recovered   301 records"), "{text}");
    assert!(text.contains("nothing: all 301 acknowledged records are there") && text.contains("same state"), "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&service.recover(&["--json", "--acks", service.acks.to_str().expect("text")]).well())
            .expect("JSON and nothing else");
    assert_eq!((&json["sequence"], &json["acknowledged_missing"]), (&301.into(), &0.into()));
    assert_eq!((&json["acks"]["answers"], &json["acks"]["lost"]), (&300.into(), &0.into()));
    assert_eq!(json["from_start"]["state_hash"], json["state_hash"]);
}

#[test]
fn a_lost_tail_is_told_in_records_and_in_answers() {
    let service = service();
    let bytes = fs::read(service.journal()).expect("a journal");
    fs::write(service.journal(), &bytes[..bytes.len() - 1]).expect("written");
    let said = service.with_acks();
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.contains("MISSING     100 records that had been acknowledged"), "{}", said.out);
    assert!(said.out.contains("cut         epoch 1 after record 201"), "{}", said.out);
    assert!(said.out.contains("300 reached users: 100 lost, 0 different"), "{}", said.out);
}

#[test]
fn an_answer_that_the_journal_does_not_know_is_told() {
    let service = service();
    let mut bytes = fs::read(&service.acks).expect("answers");
    bytes.extend(Ack { user: 3, lender: Lender::FIRST, sequence: 2, reply: Reply::Done(12_345) }.encode());
    bytes.extend(Ack { user: 3, lender: Lender::FIRST, sequence: 9, reply: Reply::InReview }.encode());
    bytes.extend([1, 2, 3]);
    fs::write(&service.acks, bytes).expect("written");
    let said = service.with_acks();
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.contains("302 reached users: 1 lost, 1 different"), "{}", said.out);
}

#[test]
fn strays_are_named_and_nothing_else_is_read() {
    let service = service();
    for stray in ["epoch-+00004.journal", "notes.txt"] {
        fs::write(service.dir.join(stray), "mine").expect("written");
    }
    let text = service.recover(&["--from-start"]).well();
    assert!(text.contains("ignored     epoch-+00004.journal") && text.contains("ignored     notes.txt"), "{text}");
    assert!(text.contains("all 301 acknowledged records are there"), "{text}");
}

#[test]
fn a_service_that_was_stopped_before_its_first_mark_has_answered_nobody() {
    let service = service();
    fs::remove_file(service.dir.join("mark")).expect("it was there");
    let said = service.recover(&[]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.contains("MISSING     unknown: no high-water mark can be read"), "{}", said.out);
    // Without a record there is nothing that it could be about.
    fs::remove_file(service.journal()).expect("it was there");
    let nobody = "nothing: the service was stopped before its first mark, and nobody was answered";
    assert!(service.recover(&[]).well().contains(nobody));
    fs::remove_file(service.dir.join("epoch-000001.snapshot")).expect("it was there");
    assert!(service.recover(&[]).well().contains(nobody));
    let json: serde_json::Value = serde_json::from_str(&service.recover(&["--json"]).well()).expect("JSON");
    assert_eq!((&json["nobody_answered"], &json["acknowledged_missing"]), (&true.into(), &0.into()));
    // Whoever says that somebody was answered has lost it.
    let said = service.with_acks();
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.contains("300 reached users: 300 lost"), "{}", said.out);
}

#[test]
fn what_is_no_service_is_refused() {
    yuefu(&["recover", "scenarios"]).refused(2, "it has no service.json");
    let service = service();
    let snapshot = service.dir.join("epoch-000001.snapshot");
    let mut bytes = fs::read(&snapshot).expect("a snapshot");
    bytes[500] ^= 1;
    fs::write(&snapshot, bytes).expect("written");
    service.recover(&[]).refused(2, "no snapshot of an epoch is whole");
}
