//! What the users of one generator thread share: the day, their orders, what is due when, and the recorder.
//!
//! A *chain* is an intent with everything that follows from it (an authorisation, its capture, a refund). A cell may close its
//! day when all of its users have planned theirs and no chain of theirs is alive.

use crate::agents::orders::OrderBook;
use crate::agents::step::Step;
use crate::agents::totals::AgentTally;
use crate::agents::traits::UserRow;
use crate::base::ids::Slot;
use crate::base::time::{DAY_SECONDS, SimTime};
use crate::load::actors::cell::CellActor;
use crate::load::actors::cell_link::CellLink;
use crate::load::actors::counterparties::{HostActor, MerchantActor};
use crate::load::actors::day_phase::DayPhase;
use crate::load::actors::messages::{Again, ViewTable};
use crate::load::actors::wakers::{DueStep, Wakers};
use crate::load::clock::Clock;
use crate::load::core::auto_debit::Debits;
use crate::load::core::blocked::Blocked;
use crate::load::core::time::{LatencyFrom, RATE_GAP_NS, SECOND_NS, TimeMapping, Window};
use crate::load::core::timers::{Due, TimerQueue, UserIndex};
use crate::load::run::ack_log::AckLog;
use crate::measure::latency::{Ending, LostBusiness, Operation, Recorder};
use crate::scenario::Retry;
use crate::world::DayContext;
use actix::Addr;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

/// Lane of the timer queue for ends of thinking, which takes everybody equally long.
const THINKING: Range<usize> = 0..1;

/// Lanes for steps that follow on an answer: where a rate sets the times, all after the same while; but answers overtake each other,
/// and one that comes too late for a lane may be in time for the next.
pub(crate) const FOLLOWING: Range<usize> = 1..4;

/// Where a rate sets the times, so many steps of others lie between two steps of one user, if there are enough users. Nobody tips
/// ten times within a millisecond: without this a user's own steps would wait for each other, and the wait would be taken for the
/// service's.
const STEPS_BETWEEN_MAX: u64 = 384;

/// One step of others for so many users: a day has half as many steps as users, the busiest have some forty of them, and those
/// should fit into the day.
const USERS_PER_STEP_BETWEEN: u64 = 128;

/// Where a rate sets the times, steps that stand in the queue before one is needed.
pub(crate) const KNOWN_AHEAD: usize = 128;

/// The users' side of one cell.
pub(crate) struct CellSide {
    /// World-wide number of the cell.
    pub cell: u32,
    /// World-wide number of its first user.
    pub first_user: u32,
    /// Index of its first user on this thread.
    pub first_index: UserIndex,
    /// Users.
    pub users: u32,
    /// Their states, by slot.
    pub rows: Vec<UserRow>,
    /// Their orders.
    pub orders: OrderBook,
    /// What they see of their accounts this day.
    pub views: Option<Arc<ViewTable>>,
    /// When that came.
    pub views_ns: u64,
    /// The actor that holds their accounts.
    pub addr: Option<Arc<Addr<CellActor>>>,
    /// Admission to it, and the users' mailboxes.
    pub link: Arc<CellLink>,
    /// Users who have not planned this day.
    pub unplanned: u32,
    /// Chains alive.
    pub chains: u32,
    /// The rounds of auto-debit of the day.
    pub debits: Debits,
    /// It was sent the order to close.
    pub closing: bool,
}

/// A closed loop: so many users at work, each thinking between an answer and the next request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thinking {
    /// Users of this thread at once.
    pub users: u32,
    /// Time between a chain's end and the next one.
    pub think_ns: u64,
    /// Users whose chain is alive.
    pub at_work: u32,
}

/// Where a user stands on a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellSlot {
    /// Position of the cell on the thread.
    pub cell: u32,
    /// Slot in the cell.
    pub slot: Slot,
}

/// Everything that the users of one thread share.
pub(crate) struct UserShard {
    /// The clock of the run.
    pub clock: Clock,
    /// When the run starts and ends.
    pub window: Window,
    /// The day.
    pub day: Arc<DayContext>,
    /// Whole days since the hand-over.
    pub days_since: u64,
    /// Second of the day of the hand-over.
    pub from_second: u32,
    /// How simulated time lies on the wall clock.
    pub mapping: TimeMapping,
    /// What users count.
    pub tally: AgentTally,
    /// Cells whose users live here.
    pub cells: Vec<CellSide>,
    /// How they are woken.
    pub wakers: Wakers,
    /// The cell of each user, by position on this thread.
    pub cell_of: Vec<u32>,
    /// Steps of each user that were started and are not over.
    pub under_way: Vec<u16>,
    /// Merchants, by number: all of them.
    pub merchants: Vec<Addr<MerchantActor>>,
    /// Hosts, by number.
    pub hosts: Vec<Addr<HostActor>>,
    /// What is due.
    pub timers: TimerQueue,
    /// Steps without a time of their own, in the order in which they are to be taken.
    pub queue: VecDeque<(UserIndex, Step)>,
    /// Further steps of users whose first one is in the queue or was taken, spaced: by the turn in which they are to be taken.
    pub spaced: TimerQueue,
    /// Those of them that can be deferred to the next day: tips, most of all by users who give many, and what was blocked. A day
    /// that waited for the last of them would end with a few users who do one thing after the other.
    pub deferrable: TimerQueue,
    /// Those of closed cells' users, with their turns: carried over to the next day.
    pub carried_over: Vec<(u64, UserIndex, Step)>,
    /// Steps of users who wait for an answer.
    pub blocked: Blocked,
    /// Where the generator is in its day.
    pub phase: DayPhase,
    /// Steps taken, since the start.
    pub taken: u64,
    /// Users (cell and slot) who could not plan since an answer was outstanding.
    pub deferred: Vec<CellSlot>,
    /// Buffer of a plan.
    pub steps: Vec<Step>,
    /// Recorder of this thread.
    pub recorder: Recorder,
    /// Requests on their way.
    pub in_flight: u64,
    /// Requests without a decision that are to be asked again.
    pub to_ask_again: u64,
    /// A request is answered "too late" when it is older than this.
    pub deadline_ns: u64,
    /// What users do without an answer.
    pub retry: Retry,
    /// The closed loop, where there is one.
    pub thinking: Option<Thinking>,
    /// Credit tips that users say they gave, by host: what the hosts' own counts are compared with.
    pub tips_fen: Vec<i64>,
    /// What was lost for want of an answer.
    pub lost: LostBusiness,
    /// Answers that reached their users, for a check after a crash.
    pub acks: Option<AckLog>,
    /// How long the thread parks while all of its users wait for the journal; `None` without a journal.
    pub park: Option<Duration>,
    /// Messages that its users have received.
    pub received: u64,
    /// The generator's task while it rests.
    pub resting: Option<Waker>,
    /// The cells live on this very thread and wait for no journal: no answer comes from another thread.
    pub self_contained: bool,
    /// From when latency counts.
    pub latency_from: LatencyFrom,
}

impl UserShard {
    /// The wall time of a second of the present simulated day, where users' own times are kept.
    pub(crate) fn wall_ns(&self, second: u32) -> u64 {
        match self.mapping {
            TimeMapping::CatchUp | TimeMapping::Rate => 0,
            TimeMapping::Simulated { speed_milli } => {
                let since = self.days_since * u64::from(DAY_SECONDS) + u64::from(second);
                let since = since.saturating_sub(u64::from(self.from_second));
                let ns = u128::from(since) * u128::from(SECOND_NS) * 1_000 / u128::from(speed_milli);
                self.window.zero_ns.saturating_add(ns as u64)
            }
        }
    }

    /// When a step that follows on another should start: as long after the intended start of the other as in the simulated
    /// world, never counted from when an answer came.
    pub(crate) fn follow_ns(&self, intended_ns: u64, from_second: u32, to_second: u32) -> u64 {
        match self.mapping {
            TimeMapping::CatchUp => intended_ns,
            TimeMapping::Rate => intended_ns + RATE_GAP_NS,
            TimeMapping::Simulated { speed_milli } => {
                let gap = u128::from(to_second.saturating_sub(from_second));
                intended_ns + (gap * u128::from(SECOND_NS) * 1_000 / u128::from(speed_milli)) as u64
            }
        }
    }

    /// Plans step `number` of a user's day, who could plan since `known_ns`: at its time, or in the queue.
    pub(crate) fn intend(&mut self, cell: usize, user: UserIndex, number: usize, step: Step, known_ns: u64) {
        self.chain_begins(cell);
        let due = Due::Step { user, step, known_ns };
        match self.mapping {
            TimeMapping::Rate if number > 0 => {
                let turn = self.next_turn() + number as u64 * self.steps_between();
                let timers = if step.is_tip() { &mut self.deferrable } else { &mut self.spaced };
                timers.put_in_turn(number - 1..number, turn, due);
            }
            TimeMapping::Rate => {
                self.queue.push_back((user, step));
                self.queue_spaced_steps();
            }
            TimeMapping::Simulated { .. } => self.timers.put(self.wall_ns(step.second), due),
            // What lies before the hand-over is caught up with; the rest of the day waits for the clock.
            TimeMapping::CatchUp if step.second >= self.from_second => {
                self.timers.put(u64::from(step.second), due);
            }
            TimeMapping::CatchUp => self.queue.push_back((user, step)),
        }
    }

    /// Steps of others between two of one user.
    fn steps_between(&self) -> u64 {
        (self.cell_of.len() as u64 / USERS_PER_STEP_BETWEEN).clamp(1, STEPS_BETWEEN_MAX)
    }

    /// The turn of a step that joins the queue now.
    fn next_turn(&self) -> u64 {
        self.taken + self.queue.len() as u64
    }

    /// Moves spaced steps whose turn has come into the queue.
    fn queue_spaced_steps(&mut self) {
        let due = |shard: &mut UserShard, turn| shard.spaced.pop(turn).or_else(|| shard.deferrable.pop(turn));
        while let Some((_, Due::Step { user, step, .. })) = due(self, self.next_turn()) {
            self.queue.push_back((user, step));
        }
    }

    /// Everybody has planned the day: fills the queue with spaced steps that belong to it, before their turn.
    pub(crate) fn queue_last_steps(&mut self) {
        while self.queue.len() < KNOWN_AHEAD
            && let Some((_, Due::Step { user, step, .. })) = self.spaced.pop(u64::MAX)
        {
            self.queue.push_back((user, step));
            self.queue_spaced_steps();
        }
    }

    /// Takes the next step: from the queue, and once the main phase of the day is over a deferrable one before its turn. Those of
    /// users who wait for an answer are blocked.
    pub(crate) fn take_step(&mut self) -> Option<(UserIndex, Step)> {
        loop {
            let next = if self.phase == DayPhase::Main { self.queue.pop_front() } else { self.deferrable_step() };
            let (user, step) = next?;
            if self.under_way[user as usize] == 0 {
                self.taken += 1;
                return next;
            }
            if self.blocked.put(user, step) {
                // One is given up for it, and with it what would have followed.
                let CellSlot { cell, .. } = self.cell_and_slot(user);
                self.cells[cell as usize].chains -= 1;
            }
        }
    }

    fn deferrable_step(&mut self) -> Option<(UserIndex, Step)> {
        while let Some((turn, due)) = self.deferrable.pop(u64::MAX) {
            let Due::Step { user, step, .. } = due else { continue };
            if !self.is_closing(user) {
                return Some((user, step));
            }
            self.carried_over.push((turn, user, step));
        }
        None
    }

    /// The cell of a user was sent the order to close.
    fn is_closing(&self, user: UserIndex) -> bool {
        self.cells[self.cell_and_slot(user).cell as usize].closing
    }

    /// Something is left to do in this day that might also wait for the next.
    pub(crate) fn has_deferrable(&self) -> bool {
        self.deferrable.next_ns().is_some()
    }

    /// A new day begins.
    pub(crate) fn new_day(&mut self) {
        self.phase = DayPhase::Main;
        for (turn, user, step) in self.carried_over.drain(..) {
            self.deferrable.put(turn, Due::Step { user, step, known_ns: 0 });
        }
    }

    /// Forgets all steps that have not begun.
    pub(crate) fn forget_steps(&mut self) {
        self.queue.clear();
        self.carried_over.clear();
        (self.spaced, self.deferrable, self.blocked) = Default::default();
    }

    /// The clock starts: entries of the catch-up, which are put down by simulated second, get their wall times.
    pub(crate) fn begin(&mut self, window: Window, mapping: TimeMapping) {
        self.window = window;
        self.mapping = mapping;
        if let TimeMapping::Simulated { .. } = mapping {
            let mut by_second = std::mem::take(&mut self.timers);
            while let Some((second, due)) = by_second.pop(u64::MAX) {
                let at_ns = self.wall_ns(second as u32);
                self.timers.put(at_ns, due);
            }
        }
    }

    /// A chain begins in a cell.
    pub(crate) fn chain_begins(&mut self, cell: usize) {
        self.cells[cell].chains += 1;
    }

    /// One of its users receives something: what follows from it may be due before the generator meant to look again.
    pub(crate) fn receives(&mut self) {
        self.received += 1;
        if let Some(resting) = self.resting.take() {
            resting.wake();
        }
    }

    /// Has a user start a step.
    pub(crate) fn start(&mut self, user: UserIndex, step: DueStep) {
        self.begins(user);
        self.wakers.wake(user, step);
    }

    /// Has what those who start next need fetched from memory.
    pub(crate) fn fetch_ahead(&self, count: usize) {
        for (user, _) in self.queue.iter().take(count) {
            let CellSlot { cell, slot } = self.cell_and_slot(*user);
            let side = &self.cells[cell as usize];
            UserRow::fetch_ahead(&side.rows, slot.index());
            self.wakers.fetch_ahead(*user);
            side.link.fetch_ahead(slot);
        }
    }

    fn cell_and_slot(&self, user: UserIndex) -> CellSlot {
        let cell = self.cell_of[user as usize];
        CellSlot { cell, slot: Slot(user - self.cells[cell as usize].first_index) }
    }

    /// Has a user whose wait is over ask again.
    pub(crate) fn again(&self, user: UserIndex) {
        let CellSlot { cell, slot } = self.cell_and_slot(user);
        self.cells[cell as usize].link.send(slot, Again);
    }

    /// Counts an arrival that took no step: nobody knows what it would have been; drawings are the most common.
    pub(crate) fn unsent_arrival(&mut self, intended_ns: u64, until_ns: u64) {
        self.unsent(Operation::Authorise, intended_ns, until_ns);
    }

    /// Counts a request that was meant to start in the measured time and did not until now, and will not.
    pub(crate) fn unsent(&mut self, operation: Operation, intended_ns: u64, until_ns: u64) {
        if self.window.measures(intended_ns) {
            self.recorder.offered(operation, until_ns.saturating_sub(intended_ns));
            self.recorder.ended(operation, Ending::Unsent);
        }
    }

    /// A step of a user is started.
    pub(crate) fn begins(&mut self, user: UserIndex) {
        self.under_way[user as usize] += 1;
    }

    /// A step of a user is over. Once nothing of theirs is on its way, what was blocked has a turn soon.
    pub(crate) fn ends(&mut self, user: UserIndex) {
        self.under_way[user as usize] -= 1;
        if self.under_way[user as usize] > 0 {
            return;
        }
        let Some(step) = self.blocked.take(user) else { return };
        if step.is_tip() && self.is_closing(user) {
            self.carried_over.push((0, user, step));
        } else if step.is_tip() && self.phase != DayPhase::Main {
            self.deferrable.put(0, Due::Step { user, step, known_ns: 0 });
        } else {
            let position = (self.steps_between() as usize).min(self.queue.len());
            self.queue.insert(position, (user, step));
        }
    }

    /// A chain is over. In a closed loop its user thinks, then another intent begins.
    pub(crate) fn chain_ends(&mut self, cell: usize, now_ns: u64) {
        self.cells[cell].chains -= 1;
        if let Some(thinking) = &mut self.thinking
            && thinking.at_work > 0
        {
            thinking.at_work -= 1;
            self.timers.put_in_turn(THINKING, now_ns + thinking.think_ns, Due::Thought);
        }
    }

    /// The simulated moment at a wall time, for display: the day that is open where a rate sets the times.
    pub(crate) fn simulated_at(&self, wall_ns: u64) -> SimTime {
        match self.mapping {
            TimeMapping::Simulated { speed_milli } => {
                let first_day = self.day.calendar.day.minus(self.days_since as u16);
                let wall_ns = u128::from(wall_ns.saturating_sub(self.window.zero_ns));
                let since = wall_ns * u128::from(speed_milli) / 1_000 / u128::from(SECOND_NS);
                SimTime(SimTime::at(first_day, self.from_second).0 + since as u32)
            }
            TimeMapping::CatchUp | TimeMapping::Rate => SimTime::at(self.day.calendar.day, 0),
        }
    }
}
