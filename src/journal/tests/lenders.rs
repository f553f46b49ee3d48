//! A service with two lenders: the people of the course ask the second for whatever they ask of the first.

use super::*;
use crate::credit::Ctx;
use crate::credit::command::Request;
use crate::credit::totals::CreditStocks;
use crate::journal::replay::{Conflict, Context};

const SECOND: Lender = Lender(1);

/// Days of the course that are taken.
const TAKEN: usize = 6;

/// A course of two lenders: the state it starts from, its records, the state at its end.
struct Both {
    start: Vec<CellState>,
    records: Vec<Record>,
    end: Vec<CellState>,
}

/// The state of a service before the second lender has opened a day.
fn with_second(cells: &[CellState]) -> Vec<CellState> {
    let groups = course().scenario.base.terms.billing.bill_days.len() as u32;
    let with_second = |cell: &CellState| {
        let [first] = cell.engines.as_slice() else { panic!("one lender") };
        let engine = Engine::new(SECOND, first.engine.first_user(), first.engine.len() as u32, groups);
        CellState { engines: vec![first.clone(), EngineState { engine, ..first.clone() }] }
    };
    cells.iter().map(with_second).collect()
}

/// What the second lender makes of a record of the first; its own record of it.
fn second_of(record: &Record, cells: &mut [CellState]) -> Record {
    let (mut tally, mut stocks) = (context().tally(), CreditStocks::default());
    let (Record::Request { cell, .. } | Record::Open { cell, .. } | Record::Close { cell, .. }) = record;
    let EngineState { engine, day: stands, stages_done, controls } = &mut cells[*cell as usize].engines[SECOND.index()];
    if let Record::Open { day, controls: opened, .. } = record {
        (*stands, *stages_done, *controls) = (*day, 0, opened.clone());
    }
    let today = context().today(*stands, controls).expect("a day of the run");
    let mut ctx = Ctx { today: &today, tally: &mut tally };
    match record.clone() {
        Record::Request { cell, at, request, .. } => {
            let request = Request { lender: SECOND, ..request };
            Record::Request { cell, at, request, reply: engine.apply(&mut ctx, at, request) }
        }
        Record::Open { cell, day, quota, controls, .. } => {
            engine.open_day(&mut ctx, quota);
            Record::Open { cell, lender: SECOND, day, quota, controls }
        }
        Record::Close { cell, day, stage, .. } => {
            engine.close_phase(&mut ctx, &mut stocks, stage);
            engine.take_account_events(&mut Vec::new());
            *stages_done += 1;
            Record::Close { cell, lender: SECOND, day, stage }
        }
    }
}

fn both() -> Both {
    let start = with_second(&course().start);
    let (mut end, mut records) = (start.clone(), Vec::new());
    for record in course().days[..TAKEN].concat() {
        let second = second_of(&record, &mut end);
        records.extend([record, second]);
    }
    for (cell, of_first) in end.iter_mut().zip(&course().after[TAKEN - 1]) {
        cell.engines[0] = of_first.engines[0].clone();
    }
    Both { start, records, end }
}

/// A directory with these records of a service, which is not closed.
fn journal_of(start: &[CellState], records: &[Record]) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a directory");
    let (notify, commits) = listen();
    let made =
        Journal::create(&service(&home), &course().service(), &images(start), setup(Arc::new(OsDisk), vec![notify]));
    let (journal, mut producers) = made.unwrap_or_else(|error| panic!("{error}"));
    let kept = Kept { journal, producer: producers.remove(0), commits };
    for (ticket, piece) in records.chunks(100).enumerate() {
        assert!(matches!(kept.put(piece, ticket as u64), Commit::Safe { .. }));
    }
    copied(&service(&home))
}

#[test]
fn a_journal_gives_back_the_accounts_with_each_lender() {
    let both = both();
    let declined = |record: &Record| {
        let Record::Request { request, reply, .. } = record else { return None };
        (request.lender == SECOND).then_some(matches!(reply, crate::credit::command::Reply::Declined(_)))
    };
    let of_second: Vec<bool> = both.records.iter().filter_map(declined).collect();
    assert!(of_second.len() > 100 && of_second.contains(&true) && of_second.contains(&false));
    let home = journal_of(&both.start, &both.records);
    let found = recovered(&service(&home), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((found.state_hash, found.sequence), (hash_of(&both.end), both.records.len() as u64));
    assert!(found.cells.iter().all(|cell| cell.engines.len() == 2 && cell.engines.iter().all(EngineState::is_closed)));
    assert_eq!(found.users(), 300, "people, not accounts");
    let live = |lender: Lender| -> i64 {
        found.cells.iter().map(|cell| cell.engines[lender.index()].engine.live_accounts()).sum()
    };
    let as_in_course = course().after[TAKEN - 1].iter().map(|cell| cell.engines[0].engine.live_accounts()).sum::<i64>();
    assert_eq!(live(Lender::FIRST), as_in_course, "the second lender takes nothing from the first");
}

/// The engines of a cell go through their days one by one: a crash may come between two of them.
#[test]
fn a_journal_may_end_between_two_lenders() {
    let both = both();
    let after = |record: &Record| matches!(record, Record::Close { lender: Lender::FIRST, .. });
    let cut = both.records.iter().rposition(after).expect("the first closes") + 1;
    let home = journal_of(&both.start, &both.records[..cut]);
    let found = recovered(&service(&home), Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    let last = &found.cells.last().expect("a cell").engines;
    assert!(last[0].is_closed() && !last[1].is_closed());
    let mut replay = Replay::new(context(), found.cells);
    for record in &both.records[cut..] {
        replay.apply(record.clone(), None).unwrap_or_else(|conflict| panic!("{conflict}"));
    }
    assert_eq!(hash_of(&replay.cells), hash_of(&both.end));
}

#[test]
fn a_lender_whom_the_cell_does_not_have_is_refused_by_name() {
    let day = &course().days[0];
    let Some(at) = day.iter().position(|record| matches!(record, Record::Request { .. })) else { panic!("none") };
    let forged = |record: &Record, number: u8| {
        let mut record = record.clone();
        match &mut record {
            Record::Request { request, .. } => request.lender = Lender(number),
            Record::Open { lender, .. } | Record::Close { lender, .. } => *lender = Lender(number),
        }
        record
    };
    let close = day.iter().position(|record| matches!(record, Record::Close { .. })).expect("it closes");
    for position in [0, at, close] {
        for number in [1, 16, u8::MAX] {
            let mut replay = Replay::new(context(), course().start.clone());
            for record in &day[..position] {
                replay.apply(record.clone(), None).unwrap_or_else(|conflict| panic!("{conflict}"));
            }
            let conflict = replay.apply(forged(&day[position], number), None).expect_err("nobody is there");
            assert!(matches!(&conflict, Conflict::NoLender { why, .. } if why.lender == Lender(number)), "{conflict}");
        }
    }
    let mut records = day.clone();
    records[at] = forged(&records[at], 7);
    let refused = recovered(&service(&journal_of(&course().start, &records)), Start::Latest).map(|_| ());
    let text = refused.expect_err("a whole record of nobody").to_string();
    let sequence = at + 1;
    let expected = format!("record {sequence} does not fit: it is about lender 7 of cell 0: there is no lender 7");
    assert!(text.contains(&expected), "{text}");
}

/// A snapshot that names other lenders than it holds, whose hash is right.
#[test]
fn an_image_with_lenders_in_another_order_is_refused() {
    let mut swapped = with_second(&course().start);
    swapped[0].engines.reverse();
    let home = journal_of(&swapped, &[]);
    let refused = recovered(&service(&home), Start::Latest).map(|_| ());
    let text = refused.expect_err("no state").to_string();
    assert!(text.contains("an engine of lender 1 stands where that of lender 0 belongs"), "{text}");
}

/// Version 1 had one engine a cell.
#[test]
fn files_of_an_earlier_version_are_refused_with_the_version() {
    let home = journal_of(&course().start, &[]);
    let path = service(&home).join("epoch-000001.snapshot");
    let mut bytes = std::fs::read(&path).expect("a snapshot");
    bytes[8] = 1;
    let crc = crc32c::crc32c(&bytes[..60]);
    bytes[60..64].copy_from_slice(&crc.to_le_bytes());
    let content = bytes.len() - 32;
    let hash = *blake3::hash(&bytes[..content]).as_bytes();
    bytes[content..].copy_from_slice(&hash);
    std::fs::write(&path, bytes).expect("written");
    let text = recovered(&service(&home), Start::Latest).map(|_| ()).expect_err("no state").to_string();
    assert!(text.contains("it is of version 1; this program reads version 2"), "{text}");
}
