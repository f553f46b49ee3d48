//! The end of a day as a generator sees to it: its marks where people keep their own times; the later rounds of auto-debit and the
//! close of its cells where a rate sets the times.

use crate::agents::totals::AgentTally;
use crate::base::time::DAY_SECONDS;
use crate::load::agenda::Due;
use crate::load::crowd::{Crowd, Tempo};
use crate::load::generator::{Generator, Phase};
use crate::load::messages::{CloseDay, DebitRound, PeopleDone};

impl Generator {
    /// Rounds of auto-debit and the midnight of a day whose people keep their own times.
    pub(super) fn put_the_days_marks(&self, crowd: &mut Crowd) {
        let rounds = crowd.day.terms().billing.debit_rounds;
        for (round, second) in rounds.into_iter().enumerate() {
            match crowd.tempo {
                // The rounds of the morning are done with it.
                Tempo::CatchUp if second < crowd.from_second => crowd.agenda.put(0, Due::Debit(round as u8)),
                Tempo::CatchUp => crowd.agenda.put(u64::from(second), Due::Debit(round as u8)),
                _ => crowd.agenda.put(crowd.wall_ns(second), Due::Debit(round as u8)),
            }
        }
        let midnight = if crowd.tempo == Tempo::CatchUp { u64::from(DAY_SECONDS) } else { crowd.wall_ns(DAY_SECONDS) };
        crowd.agenda.put(midnight, Due::Midnight);
    }

    /// Tells a cell to go through a round of auto-debit.
    pub(super) fn debit(&self, crowd: &mut Crowd, cell: usize, round: u8) {
        let side = &mut crowd.cells[cell];
        side.debits.begins(round);
        if let Some(addr) = &side.addr {
            addr.do_send(DebitRound(round));
        }
    }

    /// Where a rate sets the times, a cell goes through its later rounds of auto-debit and closes when all of its users have planned
    /// and no chain of theirs is alive; in the evening the last cells do. One closes in a turn, as long as others have something to do
    /// meanwhile. A day that has to end, whatever is left of it, ends everywhere.
    pub(super) fn end_the_day(&mut self, crowd: &mut Crowd, now_ns: u64) {
        let told = self.day_has_to_end && matches!(self.phase, Phase::Draining | Phase::Over);
        let rate = crowd.tempo == Tempo::Rate;
        if self.closed_all || !(told || rate && self.phase == Phase::Running) {
            return;
        }
        if !told {
            crowd.evening = self.all_has_begun(crowd);
        }
        // While what was put off until an answer comes belongs to this day, people go on, but cells whose chains are alive stay open.
        let night = crowd.evening && crowd.put_off.can_wait();
        let mut to_close = if told || night && !crowd.goes_on() { usize::MAX } else { 1 };
        for cell in 0..crowd.cells.len() {
            let side = &crowd.cells[cell];
            let people_done = side.views.is_some() && side.unplanned == 0 && (side.chains == 0 || night);
            if side.closing || !(told || people_done) || !side.debits.settled() {
                continue;
            }
            match side.debits.next_round() {
                Some(round) if rate => self.debit(crowd, cell, round),
                _ if to_close > 0 => {
                    to_close -= 1;
                    self.close(crowd, cell, now_ns);
                }
                _ => {}
            }
        }
    }

    /// Everybody has planned the day, and all that belongs to it has begun or was put off.
    fn all_has_begun(&self, crowd: &Crowd) -> bool {
        self.cells_open == crowd.cells.len()
            && self.to_plan.is_empty()
            && self.planning.is_empty()
            && crowd.queue.is_empty()
            && crowd.later.next_ns().is_none()
            && crowd.deferred.is_empty()
    }

    /// Closes a cell's day.
    pub(super) fn close(&mut self, crowd: &mut Crowd, cell: usize, now_ns: u64) {
        let side = &mut crowd.cells[cell];
        if side.closing {
            return;
        }
        side.closing = true;
        if let Some(addr) = &side.addr {
            addr.do_send(CloseDay);
        }
        self.cells_closing += 1;
        if self.cells_closing == crowd.cells.len() {
            self.closed_all = true;
            let tally = Box::new(std::mem::replace(&mut crowd.tally, AgentTally::new(self.hosts)));
            self.registrar.do_send(PeopleDone { tally, began_ns: now_ns });
        }
    }
}
