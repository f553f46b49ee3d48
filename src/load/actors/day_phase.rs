//! Where a generator is in its day, and how it ends it: at fixed times where users keep their own times; by the later rounds of
//! auto-debit and the close of its cells where a rate sets the times.

use crate::agents::totals::AgentTally;
use crate::base::time::DAY_SECONDS;
use crate::load::actors::generator::{Generator, Phase};
use crate::load::actors::messages::{CloseDay, DebitRound, UsersDone};
use crate::load::actors::user_shard::UserShard;
use crate::load::core::time::TimeMapping;
use crate::load::core::timers::Due;

/// Where a generator is in its day, where a rate sets the times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayPhase {
    /// Something that belongs to the day has not begun.
    Main,
    /// Everybody has planned the day, and all that belongs to it has begun or is blocked: users go on with steps that can also be
    /// deferred to the next day. Cells with a chain alive stay open.
    Deferrable,
    /// Nothing that is blocked belongs to the day either: the cells close one after the other.
    Closing,
}

impl Generator {
    /// Puts down the rounds of auto-debit and the midnight of a day whose users keep their own times.
    pub(super) fn schedule_day(&self, shard: &mut UserShard) {
        let rounds = shard.day.terms().billing.debit_rounds;
        for (round, second) in rounds.into_iter().enumerate() {
            match shard.mapping {
                // Rounds before the hand-over are caught up with like everything before it.
                TimeMapping::CatchUp if second < shard.from_second => shard.timers.put(0, Due::Debit(round as u8)),
                TimeMapping::CatchUp => shard.timers.put(u64::from(second), Due::Debit(round as u8)),
                _ => shard.timers.put(shard.wall_ns(second), Due::Debit(round as u8)),
            }
        }
        let midnight =
            if shard.mapping == TimeMapping::CatchUp { u64::from(DAY_SECONDS) } else { shard.wall_ns(DAY_SECONDS) };
        shard.timers.put(midnight, Due::Midnight);
    }

    /// Sends a cell a round of auto-debit.
    pub(super) fn debit(&self, shard: &mut UserShard, cell: usize, round: u8) {
        let side = &mut shard.cells[cell];
        side.debits.begins(round);
        if let Some(addr) = &side.addr {
            addr.do_send(DebitRound(round));
        }
    }

    /// Where a rate sets the times, a cell goes through its later rounds of auto-debit and closes when all of its users have planned
    /// and no chain of theirs is alive; in the closing phase the last cells do. One closes in a turn, as long as others have something
    /// to do meanwhile. A day that has to end, whatever is left of it, ends everywhere.
    pub(super) fn end_day(&mut self, shard: &mut UserShard, now_ns: u64) {
        let forced = self.day_has_to_end && matches!(self.phase, Phase::Draining | Phase::Over);
        let rate = shard.mapping == TimeMapping::Rate;
        if self.closed_all || !(forced || rate && self.phase == Phase::Running) {
            return;
        }
        if !forced {
            shard.phase = self.phase_of_day(shard);
        }
        let closing = shard.phase == DayPhase::Closing;
        let mut to_close = if forced || closing && !shard.has_deferrable() { usize::MAX } else { 1 };
        for cell in 0..shard.cells.len() {
            let side = &shard.cells[cell];
            let users_done = side.views.is_some() && side.unplanned == 0 && (side.chains == 0 || closing);
            if side.closing || !(forced || users_done) || !side.debits.settled() {
                continue;
            }
            match side.debits.next_round() {
                Some(round) if rate => self.debit(shard, cell, round),
                _ if to_close > 0 => {
                    to_close -= 1;
                    self.close(shard, cell, now_ns);
                }
                _ => {}
            }
        }
    }

    fn phase_of_day(&self, shard: &UserShard) -> DayPhase {
        match (self.all_has_begun(shard), shard.blocked.can_wait()) {
            (false, _) => DayPhase::Main,
            (true, false) => DayPhase::Deferrable,
            (true, true) => DayPhase::Closing,
        }
    }

    /// Everybody has planned the day, and all that belongs to it has begun or is blocked.
    fn all_has_begun(&self, shard: &UserShard) -> bool {
        self.cells_open == shard.cells.len()
            && self.to_plan.is_empty()
            && self.planning.is_empty()
            && shard.queue.is_empty()
            && shard.spaced.next_ns().is_none()
            && shard.deferred.is_empty()
    }

    /// Closes a cell's day.
    pub(super) fn close(&mut self, shard: &mut UserShard, cell: usize, now_ns: u64) {
        let side = &mut shard.cells[cell];
        if side.closing {
            return;
        }
        side.closing = true;
        if let Some(addr) = &side.addr {
            addr.do_send(CloseDay);
        }
        self.cells_closing += 1;
        if self.cells_closing == shard.cells.len() {
            self.closed_all = true;
            let tally = Box::new(std::mem::replace(&mut shard.tally, AgentTally::new(self.hosts)));
            self.coordinator.do_send(UsersDone { tally, began_ns: now_ns });
        }
    }
}
