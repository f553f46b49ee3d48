//! Replay: the records of a journal, applied to the state that they were made on. Everything that a record names is checked
//! before an engine sees it, and every answer is compared with the recorded one.

use super::record::Record;
use super::state::{CellState, EngineState};
use crate::base::ids::{FUNDERS, Lender};
use crate::base::time::{DAY_SECONDS, Day};
use crate::credit::command::{Reply, Request};
use crate::credit::totals::{CreditStocks, Tally};
use crate::credit::{Controls, Ctx, NoLender, Today};

/// Terms, prices and calendar of a service: what its engines were given beside the journal.
pub trait Context {
    /// A day as an engine sees it, or `None` when it is no day of the run.
    fn today<'a>(&'a self, day: Day, controls: &'a Controls) -> Option<Today<'a>>;

    /// Where an engine of this run may count.
    fn tally(&self) -> Tally;
}

/// A record that cannot have been made on the state that it is applied to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Conflict {
    /// No such cell, or no such slot in it.
    #[error("it is about slot {slot} of cell {cell}, which is not there")]
    NoSlot {
        /// Cell.
        cell: u32,
        /// Slot; 0 when the cell itself is missing.
        slot: u32,
    },
    /// The cell has no engine for the lender.
    #[error("it is about lender {} of cell {cell}: {why}", why.lender.0)]
    NoLender {
        /// Cell.
        cell: u32,
        /// Why not.
        why: NoLender,
    },
    /// The cell is on another day, or the day is none of the run.
    #[error("it is about {day}, and cell {cell} stands at {stands}")]
    WrongDay {
        /// Cell.
        cell: u32,
        /// Day of the record.
        day: String,
        /// Day of the cell.
        stands: String,
    },
    /// A stage of the close out of its order.
    #[error("it closes {stage}, and cell {cell} has done {done} stages")]
    Stage {
        /// Cell.
        cell: u32,
        /// Stage of the record.
        stage: &'static str,
        /// Stages done.
        done: u8,
    },
    /// The engine answers otherwise than it did.
    #[error("user {user} asked under number {sequence}; the answer was {was:?} and is now {now:?}")]
    Reply {
        /// World-wide number of the user.
        user: u32,
        /// The user's number of the request.
        sequence: u32,
        /// Recorded answer.
        was: Reply,
        /// Answer of the replay.
        now: Reply,
    },
}

/// A request that was replayed, for whoever observes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replayed {
    /// World-wide number of the user.
    pub user: u32,
    /// The request.
    pub request: Request,
    /// Its answer.
    pub reply: Reply,
    /// The engine had not seen this number of the user before, so the request was done and not only answered again.
    pub fresh: bool,
    /// The account or the books are not as they were before.
    pub changed: bool,
}

/// Applies records to the cells of a service.
pub(super) struct Replay<'a> {
    context: &'a dyn Context,
    pub(super) cells: Vec<CellState>,
    tally: Tally,
    stocks: CreditStocks,
}

impl<'a> Replay<'a> {
    pub(super) fn new(context: &'a dyn Context, cells: Vec<CellState>) -> Replay<'a> {
        Replay { context, cells, tally: context.tally(), stocks: CreditStocks::default() }
    }

    /// Applies one record. A request is shown to `observe`, if anybody observes.
    pub(super) fn apply(
        &mut self,
        record: Record,
        observe: Option<&mut (dyn FnMut(Replayed) + '_)>,
    ) -> Result<(), Conflict> {
        match record {
            Record::Request { cell, at, request, reply } => {
                let context = self.context;
                let state = find(&mut self.cells, cell, request.lender)?;
                let slot = request.slot.0;
                if slot as usize >= state.engine.len() {
                    return Err(Conflict::NoSlot { cell, slot });
                }
                if u32::from(state.day.0) != at.0 / DAY_SECONDS {
                    return Err(wrong_day(cell, &at, state.day));
                }
                let Some(today) = context.today(state.day, &state.controls) else {
                    return Err(wrong_day(cell, &at, state.day));
                };
                let fresh = request.sequence > state.engine.last_sequence(request.slot);
                let before =
                    observe.is_some().then(|| (*state.engine.account(request.slot), *state.engine.ledger().balances()));
                let now = state.engine.apply(&mut Ctx { today: &today, tally: &mut self.tally }, at, request);
                let user = state.engine.first_user() + slot;
                if now != reply {
                    return Err(Conflict::Reply { user, sequence: request.sequence, was: reply, now });
                }
                if let (Some(observe), Some(before)) = (observe, before) {
                    let after = (*state.engine.account(request.slot), *state.engine.ledger().balances());
                    observe(Replayed { user, request, reply, fresh, changed: before != after });
                }
                Ok(())
            }
            Record::Open { cell, lender, day, quota, controls } => self.open((cell, lender), day, quota, controls),
            Record::Close { cell, lender, day, stage } => {
                let context = self.context;
                let state = find(&mut self.cells, cell, lender)?;
                if state.day != day {
                    return Err(wrong_day(cell, &day, state.day));
                }
                if state.stages_done != stage as u8 {
                    return Err(Conflict::Stage { cell, stage: stage.name(), done: state.stages_done });
                }
                let Some(today) = context.today(day, &state.controls) else {
                    return Err(wrong_day(cell, &day, state.day));
                };
                state.engine.close_phase(&mut Ctx { today: &today, tally: &mut self.tally }, &mut self.stocks, stage);
                state.engine.take_account_events(&mut Vec::new());
                state.stages_done += 1;
                Ok(())
            }
        }
    }

    fn open(
        &mut self,
        (cell, lender): (u32, Lender),
        day: Day,
        quota: [i64; FUNDERS],
        controls: Controls,
    ) -> Result<(), Conflict> {
        let context = self.context;
        let state = find(&mut self.cells, cell, lender)?;
        let today = context.today(day, &controls).filter(|_| day > state.day && state.is_closed());
        let Some(today) = today else { return Err(wrong_day(cell, &day, state.day)) };
        state.engine.open_day(&mut Ctx { today: &today, tally: &mut self.tally }, quota);
        (state.day, state.stages_done, state.controls) = (day, 0, controls);
        Ok(())
    }
}

fn find(cells: &mut [CellState], cell: u32, lender: Lender) -> Result<&mut EngineState, Conflict> {
    let state = cells.get_mut(cell as usize).ok_or(Conflict::NoSlot { cell, slot: 0 })?;
    state.engine_mut(lender).map_err(|why| Conflict::NoLender { cell, why })
}

fn wrong_day(cell: u32, day: &dyn std::fmt::Display, stands: Day) -> Conflict {
    Conflict::WrongDay { cell, day: day.to_string(), stands: stands.to_string() }
}
