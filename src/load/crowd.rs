//! What the users of one generator thread share: the day, their orders, what is due when, and the recorder.
//!
//! A *chain* is an intent with everything that follows from it (an authorisation, its capture, a refund). A cell may close its
//! day when all of its users have planned theirs and no chain of theirs is alive.

use crate::agents::orders::OrderBook;
use crate::agents::step::Step;
use crate::agents::totals::AgentTally;
use crate::agents::traits::UserRow;
use crate::base::time::{DAY_SECONDS, Day, SimTime};
use crate::credit::command::AccountView;
use crate::load::agenda::{Agenda, Due};
use crate::load::bells::{Bells, Start};
use crate::load::cell::CellActor;
use crate::load::debits::Debits;
use crate::load::gate::Door;
use crate::load::market::{HostActor, MerchantActor};
use crate::load::messages::Again;
use crate::load::put_off::PutOff;
use crate::load::time::{Clock, MILLI_NS, SECOND_NS, Window};
use crate::measure::latency::{Ending, LostBusiness, Operation, Recorder};
use crate::scenario::Retry;
use crate::world::DayContext;
use actix::Addr;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// A user of this thread: all cells' users, one after the other.
pub(crate) type Place = u32;

/// From when latency counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// From the intended start.
    #[default]
    Intended,
    /// From when the request was sent: the mistake that a test puts in to see that it shows.
    #[cfg(test)]
    Sent,
}

impl Stamp {
    /// The moment from which latency counts.
    pub(crate) const fn from_ns(self, intended_ns: u64, _sent_ns: u64) -> u64 {
        match self {
            Stamp::Intended => intended_ns,
            #[cfg(test)]
            Stamp::Sent => _sent_ns,
        }
    }
}

/// How simulated time lies on the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tempo {
    /// Before the clock starts: the morning of the day of the hand-over is caught up with, nothing is measured.
    CatchUp,
    /// The people's own times, `speed_milli` thousandths of a simulated second in a wall second.
    Simulated {
        /// Speed.
        speed_milli: u64,
    },
    /// Times are set by a rate: simulated time is drawn out or pressed together, and a step that depends on another follows
    /// after [`RATE_GAP_NS`].
    Rate,
}

/// A step that depends on an answer follows this long after the step before it was meant to start, where a rate sets the
/// times: what an app needs to show an answer and send the next request.
pub(crate) const RATE_GAP_NS: u64 = 10 * MILLI_NS;

/// Lane of the agenda for ends of thinking, which takes everybody equally long.
const THINKING: Range<usize> = 0..1;

/// Lanes for steps that follow on an answer: where a rate sets the times, all after the same while; but answers overtake each other,
/// and one that comes too late for a lane may be in time for the next.
pub(crate) const FOLLOWING: Range<usize> = 1..4;

/// Where a rate sets the times, so many steps of others lie between two steps of one person, if there are enough people. Nobody tips
/// ten times within a millisecond: without this a person's own steps would wait for each other, and the wait would be taken for the
/// service's.
const STEPS_BETWEEN_MAX: u64 = 384;

/// One step of others for so many people: a day has half as many steps as people, the busiest have some forty of them, and those
/// should fit into the day.
const PEOPLE_PER_STEP_BETWEEN: u64 = 128;

/// Where a rate sets the times, steps that stand in the queue before one is needed.
pub(crate) const KNOWN_AHEAD: usize = 128;

/// The people's side of one cell.
pub(crate) struct CellSide {
    /// World-wide number of the cell.
    pub cell: u32,
    /// World-wide number of its first user.
    pub first_user: u32,
    /// Place of its first user on this thread.
    pub first_place: Place,
    /// Users.
    pub users: u32,
    /// Their states, by slot.
    pub rows: Vec<UserRow>,
    /// Their orders.
    pub orders: OrderBook,
    /// What they see of their accounts this day.
    pub views: Option<Arc<[AccountView]>>,
    /// The actor that holds their accounts.
    pub addr: Option<Arc<Addr<CellActor>>>,
    /// The way in.
    pub door: Arc<Door>,
    /// Users who have not planned this day.
    pub unplanned: u32,
    /// Chains alive.
    pub chains: u32,
    /// The rounds of auto-debit of the day.
    pub debits: Debits,
    /// Told to close.
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

/// Everything that the users of one thread share.
pub(crate) struct Crowd {
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
    pub tempo: Tempo,
    /// What users count.
    pub tally: AgentTally,
    /// Cells whose users live here.
    pub cells: Vec<CellSide>,
    /// Their bells.
    pub bells: Bells,
    /// The cell of each place.
    pub homes: Vec<u32>,
    /// Steps of each that were started and are not over.
    pub begun: Vec<u16>,
    /// Merchants, by number: all of them.
    pub merchants: Vec<Addr<MerchantActor>>,
    /// Hosts, by number.
    pub hosts: Vec<Addr<HostActor>>,
    /// What is due.
    pub agenda: Agenda,
    /// Steps without a time of their own, in the order in which they are to be taken.
    pub queue: VecDeque<(Place, Step)>,
    /// Further steps of people whose first one is in the queue or was taken, by the turn in which they are to be taken.
    pub later: Agenda,
    /// Those of them that may go on in the next day: tips, most of all by people who give many, and what was put off. A day that
    /// waited for the last of them would end with a few people who do one thing after the other.
    pub unhurried: Agenda,
    /// Those of closed cells' people, with their turns: for the next day.
    pub overnight: Vec<(u64, Place, Step)>,
    /// Steps of people who wait for an answer.
    pub put_off: PutOff,
    /// Everybody has planned the day, and all that belongs to it has begun or was put off: people go on with what may also wait for
    /// the next day, while cells close.
    pub evening: bool,
    /// Steps taken, since the start.
    pub taken: u64,
    /// Users (cell and slot) who could not plan since an answer was outstanding.
    pub deferred: Vec<(u32, u32)>,
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
    pub acks: Option<super::acks::AckLog>,
    /// How long the thread naps while all of its people wait for the journal; `None` without a journal.
    pub nap: Option<Duration>,
    /// Messages that its people have heard.
    pub heard: u64,
    /// The cells live on this very thread and wait for no journal: no answer comes from another thread.
    pub self_contained: bool,
    /// From when latency counts.
    pub stamp: Stamp,
}

impl Crowd {
    /// The wall time of a second of the present simulated day, where people's own times are kept.
    pub(crate) fn wall_ns(&self, second: u32) -> u64 {
        match self.tempo {
            Tempo::CatchUp | Tempo::Rate => 0,
            Tempo::Simulated { speed_milli } => {
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
        match self.tempo {
            Tempo::CatchUp => intended_ns,
            Tempo::Rate => intended_ns + RATE_GAP_NS,
            Tempo::Simulated { speed_milli } => {
                let gap = u128::from(to_second.saturating_sub(from_second));
                intended_ns + (gap * u128::from(SECOND_NS) * 1_000 / u128::from(speed_milli)) as u64
            }
        }
    }

    /// Plans step `number` of a user's day: at its time, or in the queue.
    pub(crate) fn intend(&mut self, cell: usize, place: Place, number: usize, step: Step) {
        self.chain_begins(cell);
        match self.tempo {
            Tempo::Rate if number > 0 => {
                let turn = self.next_turn() + number as u64 * self.steps_between();
                let later = if step.is_tip() { &mut self.unhurried } else { &mut self.later };
                later.put_in_turn(number - 1..number, turn, Due::Step(place, step));
            }
            Tempo::Rate => {
                self.queue.push_back((place, step));
                self.queue_later_steps();
            }
            Tempo::Simulated { .. } => self.agenda.put(self.wall_ns(step.second), Due::Step(place, step)),
            // The morning is caught up with; the rest of the day waits for the clock.
            Tempo::CatchUp if step.second >= self.from_second => {
                self.agenda.put(u64::from(step.second), Due::Step(place, step));
            }
            Tempo::CatchUp => self.queue.push_back((place, step)),
        }
    }

    /// Steps of others between two of one person.
    fn steps_between(&self) -> u64 {
        (self.homes.len() as u64 / PEOPLE_PER_STEP_BETWEEN).clamp(1, STEPS_BETWEEN_MAX)
    }

    /// The turn of a step that joins the queue now.
    fn next_turn(&self) -> u64 {
        self.taken + self.queue.len() as u64
    }

    /// Moves further steps whose turn has come into the queue.
    fn queue_later_steps(&mut self) {
        let due = |crowd: &mut Crowd, turn| crowd.later.pop(turn).or_else(|| crowd.unhurried.pop(turn));
        while let Some((_, Due::Step(place, step))) = due(self, self.next_turn()) {
            self.queue.push_back((place, step));
        }
    }

    /// Everybody has planned the day: fills the queue with further steps that belong to it, before their turn.
    pub(crate) fn queue_last_steps(&mut self) {
        while self.queue.len() < KNOWN_AHEAD
            && let Some((_, Due::Step(place, step))) = self.later.pop(u64::MAX)
        {
            self.queue.push_back((place, step));
            self.queue_later_steps();
        }
    }

    /// Takes the next step: from the queue, and in the evening an unhurried one before its turn. Those of people who wait for an
    /// answer are put off.
    pub(crate) fn take_step(&mut self) -> Option<(Place, Step)> {
        loop {
            let next = if self.evening { self.step_of_the_evening() } else { self.queue.pop_front() };
            let (place, step) = next?;
            if self.begun[place as usize] == 0 {
                self.taken += 1;
                return next;
            }
            if self.put_off.put(place, step) {
                // One is given up for it, and with it what would have followed.
                let (cell, _) = self.home_of(place);
                self.cells[cell as usize].chains -= 1;
            }
        }
    }

    fn step_of_the_evening(&mut self) -> Option<(Place, Step)> {
        while let Some((turn, due)) = self.unhurried.pop(u64::MAX) {
            let Due::Step(place, step) = due else { continue };
            if !self.is_closing(place) {
                return Some((place, step));
            }
            self.overnight.push((turn, place, step));
        }
        None
    }

    /// The cell of a place has been told to close.
    fn is_closing(&self, place: Place) -> bool {
        self.cells[self.home_of(place).0 as usize].closing
    }

    /// Something is left to do this evening.
    pub(crate) fn goes_on(&self) -> bool {
        self.unhurried.next_ns().is_some()
    }

    /// A new day begins.
    pub(crate) fn morning(&mut self) {
        self.evening = false;
        for (turn, place, step) in self.overnight.drain(..) {
            self.unhurried.put(turn, Due::Step(place, step));
        }
    }

    /// Forgets all steps that have not begun.
    pub(crate) fn forget_steps(&mut self) {
        self.queue.clear();
        self.overnight.clear();
        (self.later, self.unhurried, self.put_off) = Default::default();
    }

    /// The clock starts: entries of the catch-up, which are put down by simulated second, get their wall times.
    pub(crate) fn begin(&mut self, window: Window, tempo: Tempo) {
        self.window = window;
        self.tempo = tempo;
        if let Tempo::Simulated { .. } = tempo {
            let mut by_second = std::mem::take(&mut self.agenda);
            while let Some((second, due)) = by_second.pop(u64::MAX) {
                let at_ns = self.wall_ns(second as u32);
                self.agenda.put(at_ns, due);
            }
        }
    }

    /// A chain begins in a cell.
    pub(crate) fn chain_begins(&mut self, cell: usize) {
        self.cells[cell].chains += 1;
    }

    /// Tells a user to start a step.
    pub(crate) fn start(&mut self, place: Place, start: Start) {
        self.begins(place);
        self.bells.ring(place, start);
    }

    /// Has what those who start next need fetched from memory.
    pub(crate) fn fetch_ahead(&self, count: usize) {
        for (place, _) in self.queue.iter().take(count) {
            let (cell, slot) = self.home_of(*place);
            let side = &self.cells[cell as usize];
            UserRow::fetch_ahead(&side.rows, slot as usize);
            self.bells.fetch_ahead(*place);
            side.door.fetch_ahead(slot as usize);
        }
    }

    /// The cell and the slot of a place.
    fn home_of(&self, place: Place) -> (u32, u32) {
        let cell = self.homes[place as usize];
        (cell, place - self.cells[cell as usize].first_place)
    }

    /// Tells a user whose wait is over to ask again.
    pub(crate) fn again(&self, place: Place) {
        let (cell, slot) = self.home_of(place);
        self.cells[cell as usize].door.write(slot, Again);
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
    pub(crate) fn begins(&mut self, place: Place) {
        self.begun[place as usize] += 1;
    }

    /// A step of a user is over. Once nothing of theirs is on its way, what they put off has a turn soon.
    pub(crate) fn ends(&mut self, place: Place) {
        self.begun[place as usize] -= 1;
        if self.begun[place as usize] > 0 {
            return;
        }
        let Some(step) = self.put_off.take(place) else { return };
        if step.is_tip() && self.is_closing(place) {
            self.overnight.push((0, place, step));
        } else if step.is_tip() && self.evening {
            self.unhurried.put(0, Due::Step(place, step));
        } else {
            let place_in_queue = (self.steps_between() as usize).min(self.queue.len());
            self.queue.insert(place_in_queue, (place, step));
        }
    }

    /// A chain is over. In a closed loop its user thinks, then another intent begins.
    pub(crate) fn chain_ends(&mut self, cell: usize, now_ns: u64) {
        self.cells[cell].chains -= 1;
        if let Some(thinking) = &mut self.thinking
            && thinking.at_work > 0
        {
            thinking.at_work -= 1;
            self.agenda.put_in_turn(THINKING, now_ns + thinking.think_ns, Due::Token);
        }
    }

    /// The simulated moment at a wall time, for display: the day that is open where a rate sets the times.
    pub(crate) fn simulated_at(&self, wall_ns: u64) -> SimTime {
        match self.tempo {
            Tempo::Simulated { speed_milli } => {
                let first_day = Day(self.day.calendar.day.0 - self.days_since as u16);
                let wall_ns = u128::from(wall_ns.saturating_sub(self.window.zero_ns));
                let since = wall_ns * u128::from(speed_milli) / 1_000 / u128::from(SECOND_NS);
                SimTime(SimTime::at(first_day, self.from_second).0 + since as u32)
            }
            Tempo::CatchUp | Tempo::Rate => SimTime::at(self.day.calendar.day, 0),
        }
    }
}
