//! The two clocks against each other: what people asked on the wall clock is asked again on the virtual one, in the same order,
//! and each decision, each midnight and the accounts at the end must be the same.
//!
//! The virtual side shares the engine with the wall clock, and nothing else: its day closes in one go and not in slices, its cells
//! are added up by one thread, and quotas and controls of each day are its own world's.

use super::{Extra, PLAIN, hand_over_moment, loaded, scenario, taken_over};
use crate::base::ids::Lender;
use crate::base::money::Fen32;
use crate::base::time::CalendarDay;
use crate::credit::command::{Command, Reply, Request, Source};
use crate::credit::{ClosePhase, Ctx, Engines};
use crate::journal::{CellImage, Record, StandingEngine, read_records, state_hash};
use crate::scenario::{Durability, LoadPlan, Placement, Shape};
use crate::sim::HandOver;
use crate::testing::load::plan;
use crate::world::{CellDay, Frame, WorkTally, World};
use std::collections::VecDeque;
use std::sync::Arc;

struct VirtualSide<'a> {
    frame: &'a Arc<Frame>,
    world: World,
    calendar: CalendarDay,
    engines: Vec<Engines>,
    /// Stages of the close that the wall clock's cells have done since they opened.
    stages: Vec<u8>,
    /// Cells that have closed this day.
    closed: usize,
    total: WorkTally,
    report: CellDay,
    decided: usize,
    days: usize,
    /// Payments by auto-debit, by round.
    debits: [usize; 3],
}

impl<'a> VirtualSide<'a> {
    fn new(from: &'a HandOver) -> VirtualSide<'a> {
        let engines: Vec<Engines> = from.cells.iter().map(|cell| cell.clone().into_parts().engines).collect();
        let mut side = VirtualSide {
            frame: &from.frame,
            world: from.world.clone(),
            calendar: from.next,
            stages: vec![0; engines.len()],
            engines,
            closed: 0,
            total: WorkTally::new(from.frame.run_months, from.world.hosts()),
            report: CellDay::default(),
            decided: 0,
            days: 0,
            debits: [0; 3],
        };
        side.world.midnight(side.frame, &side.calendar);
        side
    }

    /// Follows records. Those of one cell come in order; those of cells on different threads may stand in the journal in any
    /// order, so a cell that opens a day waits until the day before is closed everywhere.
    fn follow_all(&mut self, records: &[Record]) -> Result<(), String> {
        let mut waiting: Vec<VecDeque<&Record>> = vec![VecDeque::new(); self.engines.len()];
        for record in records {
            let (Record::Open { cell, .. } | Record::Request { cell, .. } | Record::Close { cell, .. }) = record;
            waiting[*cell as usize].push_back(record);
        }
        loop {
            let mut followed = false;
            for queue in &mut waiting {
                while let Some(record) = queue.front()
                    && !matches!(record, Record::Open { day, .. } if *day > self.calendar.day)
                {
                    self.follow(record)?;
                    queue.pop_front();
                    followed = true;
                }
            }
            if !followed {
                break;
            }
        }
        match waiting.iter().find_map(VecDeque::front) {
            Some(left) => Err(format!("{left:?} on {:?}", self.calendar.day)),
            None => Ok(()),
        }
    }

    /// Does what the record says, the virtual clock's way. `Err` says where the clocks part.
    fn follow(&mut self, record: &Record) -> Result<(), String> {
        let context = self.world.day_context(self.frame, &self.calendar);
        let today = context.today();
        let credit = &mut self.total.credit;
        match record {
            Record::Open { cell, lender, day, quota, controls } => {
                let engine = &mut self.engines[*cell as usize][*lender];
                let ours = context.quota(engine.len());
                if (*day, *quota, controls) != (self.calendar.day, ours, &context.controls) {
                    return Err(format!(
                        "{record:?} against {ours:?} on {:?}, {:?}",
                        self.calendar.day, context.controls
                    ));
                }
                engine.open_day(&mut Ctx { today: &today, tally: credit }, ours);
                self.stages[*cell as usize] = 0;
            }
            Record::Request { cell, at, request, reply } => {
                let engine = &mut self.engines[*cell as usize][request.lender];
                if let Command::Repay { source: Source::AutoDebit, .. } = request.command {
                    if !engine.due_today(&today).any(|slot| slot == request.slot.0) {
                        return Err(format!("{record:?}: auto-debit on another day than its due date"));
                    }
                    let second = at.second_of_day();
                    let round = today.terms.billing.debit_rounds.iter().position(|at| *at == second);
                    self.debits[round.ok_or_else(|| format!("{record:?}: between two rounds"))?] += 1;
                }
                let ours = engine.apply(&mut Ctx { today: &today, tally: credit }, *at, *request);
                if ours != *reply {
                    return Err(format!("{record:?} against {ours:?}"));
                }
                self.decided += 1;
            }
            Record::Close { cell, stage, .. } => {
                let engine = &mut self.engines[*cell as usize][Lender::FIRST];
                if *stage == ClosePhase::ALL[0] {
                    engine.close_day(&mut Ctx { today: &today, tally: credit }, &mut self.total.stocks);
                    engine.take_account_events(&mut Vec::new());
                    self.report.add(&CellDay {
                        committed_fen: engine.committed(),
                        principal_fen: engine.principal_fen(),
                        overdue_30_fen: engine.overdue_30_fen(self.calendar.day),
                        holders: engine.live_accounts(),
                    });
                }
                self.stages[*cell as usize] += 1;
                self.closed += usize::from(usize::from(self.stages[*cell as usize]) == ClosePhase::ALL.len());
                if self.closed == self.engines.len() {
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
        self.closed = 0;
        let days = self.frame.calendar.days();
        self.calendar = days[self.calendar.day.since(days[0].day) as usize + 1];
        self.world.midnight(self.frame, &self.calendar);
        self.days += 1;
    }

    fn hash(&self) -> String {
        let controls = self.world.day_context(self.frame, &self.calendar).controls;
        let image = |(cell, engines): (usize, &Engines)| {
            let (day, stages_done) = (self.calendar.day, self.stages[cell]);
            let standing = |engine| StandingEngine { engine, day, stages_done, controls: &controls };
            CellImage::new(cell as u32, engines.iter().map(standing))
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
        at: hand_over_moment(&scenario),
        shape: Shape::Constant { rate: 4_000.0 },
        duration_ms: 4_000,
        placement: Placement::Separate { generators: 2, services: 2 },
        durability: Durability::Buffered,
        ..plan()
    };
    let seen = loaded(&scenario, &from, &plan, &Extra { dir: Some(&dir), ..PLAIN });
    let records = read_records(&dir);
    let mut virtual_side = VirtualSide::new(&from);
    virtual_side.follow_all(&records).unwrap_or_else(|parted| panic!("{parted}"));
    // However slow the machine is, some days pass and thousands decide.
    assert!(virtual_side.decided > 2_000 && virtual_side.days > 5, "{} in {}", virtual_side.decided, virtual_side.days);
    // Most pay in the morning's round. The later ones take from those who meant to pay by hand and did not, one in a hundred: in
    // most runs there are some.
    assert!(virtual_side.debits[0] > 20, "{:?}", virtual_side.debits);
    assert_eq!(virtual_side.hash(), seen.state_hash, "the accounts at the end");

    // The comparison bites: with one amount changed the clocks part there.
    let mut changed = records;
    let tip = changed.iter_mut().find_map(|record| match record {
        Record::Request {
            request: Request { command: Command::Tip { amount_fen, .. }, .. },
            reply: Reply::Done(_),
            ..
        } => Some(amount_fen),
        _ => None,
    });
    *tip.expect("somebody tips") = Fen32(i32::MAX);
    let parted = VirtualSide::new(&from).follow_all(&changed).expect_err("nobody may tip twenty million yuan");
    assert!(parted.contains("against Declined("), "{parted}");
}
