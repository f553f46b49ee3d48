//! The two clocks against each other: what people asked on the wall clock is asked again on the virtual one, in the same order,
//! and each decision, each midnight and the accounts at the end must be the same.
//!
//! The virtual side shares the engine with the wall clock, and nothing else: its day closes in one go and not in slices, its cells
//! are added up by one thread, and quotas and controls of each day are its own world's.

use super::{Extra, PLAIN, evening, loaded, scenario, taken_over};
use crate::base::time::CalendarDay;
use crate::clock::journal::{CellImage, Record, read_records, state_hash};
use crate::clock::virtual_time::HandOver;
use crate::credit::command::{Command, Reply};
use crate::credit::{CloseStage, Engine};
use crate::scenario::{Durability, LoadPlan, Placement, Shape};
use crate::testing::load::plan;
use crate::world::{CellDay, Frame, WorkTally, World};

struct VirtualSide<'a> {
    frame: &'a Frame,
    world: World,
    calendar: CalendarDay,
    engines: Vec<Engine>,
    /// Stages of the close that the wall clock's cells have done since they opened.
    stages: Vec<u8>,
    total: WorkTally,
    report: CellDay,
    decided: usize,
    days: usize,
}

impl<'a> VirtualSide<'a> {
    fn new(from: &'a HandOver) -> VirtualSide<'a> {
        let engines: Vec<Engine> = from.cells.iter().map(|cell| cell.clone().into_parts().engine).collect();
        let mut side = VirtualSide {
            frame: &from.frame,
            world: from.world.clone(),
            calendar: from.next,
            stages: vec![0; engines.len()],
            engines,
            total: WorkTally::new(from.frame.run_months, from.world.hosts()),
            report: CellDay::default(),
            decided: 0,
            days: 0,
        };
        side.world.midnight(side.frame, &side.calendar);
        side
    }

    /// Does what the record says, the virtual clock's way. `Err` tells where the clocks part.
    fn follow(&mut self, record: &Record) -> Result<(), String> {
        let board = self.world.board(self.frame, &self.calendar);
        let today = board.today();
        let credit = &mut self.total.credit;
        match record {
            Record::Open { cell, day, quota, controls } => {
                let engine = &mut self.engines[*cell as usize];
                let ours = self.world.quota(self.frame, *day, engine.len());
                if (*day, *quota, controls) != (self.calendar.day, ours, board.controls) {
                    return Err(format!("{record:?} against {ours:?} {:?}", board.controls));
                }
                engine.open_day(&today, credit, ours);
                self.stages[*cell as usize] = 0;
            }
            Record::Request { cell, at, request, reply } => {
                let ours = self.engines[*cell as usize].apply(&today, credit, *at, *request);
                if ours != *reply {
                    return Err(format!("{record:?} against {ours:?}"));
                }
                self.decided += 1;
            }
            Record::Close { cell, stage, .. } => {
                let engine = &mut self.engines[*cell as usize];
                if *stage == CloseStage::ALL[0] {
                    engine.close_day(&today, credit, &mut self.total.stocks);
                    engine.take_notices(&mut Vec::new());
                    self.report.add(&CellDay {
                        committed_fen: engine.committed(),
                        principal_fen: engine.principal_fen(),
                        overdue_30_fen: engine.overdue_30_fen(self.calendar.day),
                    });
                }
                self.stages[*cell as usize] += 1;
                if self.stages.iter().all(|done| usize::from(*done) == CloseStage::ALL.len()) {
                    self.midnight();
                }
            }
        }
        Ok(())
    }

    fn midnight(&mut self) {
        self.world.close_day(self.frame, &self.calendar, &self.total, &self.report);
        self.total.clear_day();
        self.report = CellDay::default();
        let days = self.frame.calendar.days();
        self.calendar = days[self.calendar.day.since(days[0].day) as usize + 1];
        self.world.midnight(self.frame, &self.calendar);
        self.days += 1;
    }

    fn hash(&self) -> String {
        let controls = self.world.board(self.frame, &self.calendar).controls.clone();
        let image = |(cell, engine): (usize, &Engine)| {
            CellImage::new(cell as u32, engine, self.calendar.day, self.stages[cell], &controls)
        };
        let images: Vec<CellImage> = self.engines.iter().enumerate().map(image).collect();
        blake3::Hash::from_bytes(state_hash(&images)).to_hex().to_string()
    }
}

#[test]
fn the_same_intents_in_the_same_order_get_the_same_decisions_on_both_clocks() {
    let scenario = scenario(600);
    let from = taken_over(&scenario);
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("journal");
    let plan = LoadPlan {
        at: evening(&scenario),
        shape: Shape::Constant { rate: 4_000.0 },
        duration_ms: 4_000,
        placement: Placement::Separate { generators: 2, services: 2 },
        durability: Durability::Buffered,
        ..plan()
    };
    let seen = loaded(&scenario, &from, &plan, &Extra { dir: Some(&dir), ..PLAIN });
    let records = read_records(&dir);
    let mut virtual_side = VirtualSide::new(&from);
    for record in &records {
        virtual_side
            .follow(record)
            .unwrap_or_else(|parted| panic!("after {} decisions: {parted}", virtual_side.decided));
    }
    assert!(virtual_side.decided > 5_000, "{} decisions", virtual_side.decided);
    assert!(virtual_side.days > 20, "{} days", virtual_side.days);
    assert_eq!(virtual_side.hash(), seen.state_hash, "the accounts at the end");

    // The comparison bites: with one amount changed the clocks part there.
    let (place, mut changed) = records
        .iter()
        .enumerate()
        .find_map(|(place, record)| match record {
            Record::Request { request, reply: Reply::Done(_), .. } => match request.command {
                Command::Tip { .. } => Some((place, record.clone())),
                _ => None,
            },
            _ => None,
        })
        .expect("somebody tips");
    let Record::Request { request, .. } = &mut changed else { unreachable!("it was found as a request") };
    let Command::Tip { amount_fen, .. } = &mut request.command else { unreachable!("it was found as a tip") };
    *amount_fen = i32::MAX;
    let mut other = VirtualSide::new(&from);
    let parted = records[..place].iter().chain([&changed]).find_map(|record| other.follow(record).err());
    let parted = parted.expect("nobody may tip twenty million yuan");
    assert!(parted.contains("against Declined("), "{parted}");
}
