//! The generator of one thread: reads the clock, starts what is due, has users plan their day a few hundred at a time.
//!
//! It is one task that looks at the clock, starts at most a burst of what is due, and lets the actors of its thread run. Timers
//! have a granularity of a millisecond, so it sleeps only when the next start is far away, and else yields.

use crate::base::ids::Slot;
use crate::load::actors::coordinator::Coordinator;
use crate::load::actors::generator_actor::GeneratorActor;
use crate::load::actors::messages::{Arrivals, Finished, Ready, RequestViews};
use crate::load::actors::user;
use crate::load::actors::user_shard::{CellSlot, KNOWN_AHEAD, UserShard};
use crate::load::actors::wakers::DueStep;
use crate::load::core::pacer::Pacer;
use crate::load::core::rebalancer::{OwnWork, Rebalancer, Taker};
use crate::load::core::starvation::Starvation;
use crate::load::core::time::{MILLI_NS, SECOND_NS, TimeMapping};
use crate::load::core::timers::Due;
use crate::measure::latency::Operation;
use crate::world::protocol;
use actix::Addr;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Starts in one turn, before the actors run. Tokio runs 61 tasks of a thread between two turns, and those that another thread has
/// woken, which are users with an answer, come last: a generator that has fallen behind and starts as many would get no answers.
const BURST: usize = 24;

/// Users who plan in one turn.
const PLAN_SLICE: usize = 128;

/// Cells whose users take turns where a rate sets the times. With fewer, most cells have closed long before the last; with more, the
/// load is spread.
const CELLS_AT_ONCE: usize = 4;

/// Cells whose views are there, or requested, before their turn comes.
const VIEWS_AHEAD: usize = 2;

/// Requests on their way at once while the day of the hand-over is caught up with.
const CATCH_UP_IN_FLIGHT: u64 = 256;

/// The next start is far away when it is later than this; then the task sleeps, [`SLEEP_MARGIN_NS`] less.
pub(super) const SLEEP_FROM_NS: u64 = 8 * MILLI_NS;
pub(super) const SLEEP_MARGIN_NS: u64 = 5 * MILLI_NS;

/// Arrivals that wait for a step at most; later ones are counted when there is room.
const WAITING_ARRIVALS_MAX: usize = 1 << 20;

/// Where a rate sets the times, an arrival that has found nobody to make it for so long is given up, and counted as not sent: a
/// generator that worked all of them off would go on with yesterday's overload long after it has ended.
const GIVE_UP_NS: u64 = SECOND_NS;

/// Answers are waited for this long after the last start.
const DRAIN_NS: u64 = 10 * SECOND_NS;

/// How far the run of a generator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Waiting for the first day.
    Opening,
    /// Ready, waiting for the clock.
    Waiting,
    /// The clock runs.
    Running,
    /// Nothing starts any more; answers come in.
    Draining,
    /// Over, unless others' users need a day to end.
    Over,
}

/// What a generator knows beside its shard.
pub(crate) struct Generator {
    pub(super) shard: Rc<RefCell<UserShard>>,
    pub(super) phase: Phase,
    pub(super) after_catch_up: TimeMapping,
    pub(super) pacer: Option<Pacer>,
    /// Arrivals whose step is not known yet: between two days, or planning cannot follow.
    waiting_arrivals: VecDeque<u64>,
    pub(super) rebalancer: Rebalancer,
    /// All generators by number, this one included. Empty until all are there.
    pub(super) generators: Vec<Addr<GeneratorActor>>,
    pub(super) next_arrival_ns: u64,
    /// Cells that wait for their turn to plan.
    pub(super) to_plan: VecDeque<usize>,
    /// Cells that plan now, and the next slot of each.
    pub(super) planning: Vec<(usize, u32)>,
    /// Cells whose views have been requested, and have come.
    cells_requested: usize,
    pub(super) cells_open: usize,
    pub(super) cells_closing: usize,
    pub(super) closed_all: bool,
    /// Once this generator starts nothing any more, the day ends whatever is left of it: the run is over, or another generator has
    /// closed the day, in whose cells requests may wait for the next one.
    pub(super) day_has_to_end: bool,
    /// The calendar has no further day.
    pub(super) calendar_over: bool,
    second: u64,
    pub(super) idle_ns: u64,
    pub(super) starvation: Starvation,
    /// Arrivals of the measured time that were not sent while they starved.
    pub(super) unsent_starved: u64,
    pub(super) hosts: usize,
    pub(super) coordinator: Addr<Coordinator>,
    simulated: Arc<AtomicU64>,
    pub(super) failure: Option<String>,
}

/// What a generator starts from.
pub(crate) struct GeneratorSetup {
    /// Its users.
    pub shard: Rc<RefCell<UserShard>>,
    /// How simulated time lies on the wall clock once the clock has started.
    pub mapping: TimeMapping,
    /// Arrivals, where a rate sets the times; else users do.
    pub pacer: Option<Pacer>,
    /// Its view of the other generators.
    pub rebalancer: Rebalancer,
    /// Who folds the day.
    pub coordinator: Addr<Coordinator>,
    /// Where the simulated moment is shown, as seconds since 2000.
    pub simulated: Arc<AtomicU64>,
}

impl Generator {
    /// The generator of a shard. With a pacer, a rate sets the times, else users do.
    pub(crate) fn new(setup: GeneratorSetup) -> Generator {
        let GeneratorSetup { shard, mapping, pacer, rebalancer, coordinator, simulated } = setup;
        let hosts = shard.borrow().tally.tips_by_host.len();
        Generator {
            shard,
            phase: Phase::Opening,
            after_catch_up: mapping,
            pacer,
            waiting_arrivals: VecDeque::new(),
            rebalancer,
            generators: Vec::new(),
            next_arrival_ns: u64::MAX,
            to_plan: VecDeque::new(),
            planning: Vec::new(),
            cells_requested: 0,
            cells_open: 0,
            cells_closing: 0,
            closed_all: false,
            day_has_to_end: false,
            calendar_over: false,
            second: 0,
            idle_ns: 0,
            starvation: Starvation::default(),
            unsent_starved: 0,
            hosts,
            coordinator,
            simulated,
            failure: None,
        }
    }

    /// One turn: what is due is started. Returns when to turn again.
    pub(super) fn turn(&mut self, now_ns: u64) -> u64 {
        let shard = Rc::clone(&self.shard);
        let shard = &mut *shard.borrow_mut();
        self.seconds_over(shard, now_ns);
        if let Some(acks) = &mut shard.acks
            && let Err(error) = acks.flush()
        {
            self.failure.get_or_insert_with(|| format!("{}: {error}", acks.path().display()));
        }
        match self.phase {
            Phase::Opening => self.catch_up(shard),
            Phase::Waiting => {}
            Phase::Running => self.run(shard, now_ns),
            Phase::Draining | Phase::Over => self.drain(shard, now_ns),
        }
        self.plan_some(shard, now_ns);
        self.end_day(shard, now_ns);
        self.next_turn_ns(shard, now_ns)
    }

    /// The first day until the hand-over: everything that lies before it, a few requests at a time.
    fn catch_up(&mut self, shard: &mut UserShard) {
        // With a rate the run begins at once; else all before the hand-over has to be over: what is left waits for its second.
        let known = self.cells_open == shard.cells.len() && self.to_plan.is_empty() && self.planning.is_empty();
        let over = match self.after_catch_up {
            TimeMapping::Simulated { .. } => {
                while shard.in_flight < CATCH_UP_IN_FLIGHT
                    && let Some((user, step)) = shard.queue.pop_front()
                {
                    shard.start(user, DueStep { intended_ns: 0, known_ns: 0, step });
                }
                self.catch_up_follow_ups(shard);
                known && shard.queue.is_empty() && shard.in_flight == 0 && shard.deferred.is_empty()
            }
            _ => self.cells_open == shard.cells.len(),
        };
        if over {
            self.phase = Phase::Waiting;
            self.coordinator.do_send(Ready);
        }
    }

    /// While that is caught up with, follow-ups are put down at "0": they are due at once.
    fn catch_up_follow_ups(&mut self, shard: &mut UserShard) {
        while let Some((_, due)) = shard.timers.pop(0) {
            self.do_due(shard, 0, due);
        }
    }

    fn run(&mut self, shard: &mut UserShard, now_ns: u64) {
        if now_ns >= shard.window.until_ns {
            self.stop_starting(shard);
            return;
        }
        for _ in 0..BURST {
            let Some((at_ns, due)) = shard.timers.pop(now_ns) else { break };
            self.do_due(shard, at_ns, due);
        }
        while self.next_arrival_ns <= now_ns && self.waiting_arrivals.len() < WAITING_ARRIVALS_MAX {
            self.waiting_arrivals.push_back(self.next_arrival_ns);
            self.next_arrival(shard.window.zero_ns);
        }
        while self.pacer.is_some()
            && let Some(intended_ns) = self.waiting_arrivals.front().copied()
            && intended_ns + GIVE_UP_NS < now_ns
        {
            self.waiting_arrivals.pop_front();
            self.give_up(shard, intended_ns, now_ns);
        }
        self.rebalance_arrivals(shard, now_ns);
        self.start_arrivals(shard, now_ns);
    }

    /// Starts arrivals that wait, as long as there is somebody to make them.
    fn start_arrivals(&mut self, shard: &mut UserShard, now_ns: u64) {
        crate::runtime::fault_point("generator");
        self.starvation.turn(now_ns, !self.waiting_arrivals.is_empty());
        shard.fetch_ahead(self.waiting_arrivals.len().min(BURST));
        for _ in 0..BURST {
            if self.waiting_arrivals.is_empty() {
                break;
            }
            let Some((user, step)) = shard.take_step() else {
                if self.planning.is_empty() && self.to_plan.is_empty() {
                    self.starvation.starves(now_ns);
                }
                break;
            };
            let Some(intended_ns) = self.waiting_arrivals.pop_front() else { break };
            self.starvation.ends(now_ns);
            self.rebalancer.taken();
            if let Some(thinking) = &mut shard.thinking {
                thinking.at_work += 1;
            }
            shard.start(user, DueStep { intended_ns, known_ns: self.starvation.known_ns(), step });
        }
    }

    /// Counts an arrival that was not sent and will not be.
    fn give_up(&mut self, shard: &mut UserShard, intended_ns: u64, now_ns: u64) {
        self.unsent_starved += u64::from(self.starvation.excuses(now_ns) && shard.window.measures(intended_ns));
        shard.unsent_arrival(intended_ns, now_ns);
    }

    /// Has arrivals taken by a generator whose users have more left to do. In a closed loop nobody arrives: one who is at work
    /// there would be at work there for ever.
    fn rebalance_arrivals(&mut self, shard: &UserShard, now_ns: u64) {
        if self.pacer.is_none() || !self.rebalancer.is_time(now_ns) {
            return;
        }
        let unplanned = shard.cells.iter().map(|side| side.unplanned).sum();
        let work = OwnWork { unplanned, steps: shard.queue.len(), arrivals: self.waiting_arrivals.len() };
        if let Some(Taker { number, count }) = self.rebalancer.taker(work, now_ns) {
            self.generators[number].do_send(Arrivals(self.waiting_arrivals.drain(..count).collect()));
        }
    }

    /// Takes arrivals that came to another generator.
    pub(super) fn take_arrivals(&mut self, shard: &mut UserShard, arrivals: Vec<u64>) {
        if self.phase == Phase::Running {
            self.waiting_arrivals.extend(arrivals);
        } else {
            let until_ns = shard.window.until_ns;
            arrivals.into_iter().for_each(|intended_ns| shard.unsent_arrival(intended_ns, until_ns));
        }
    }

    fn next_arrival(&mut self, zero_ns: u64) {
        self.next_arrival_ns = self.pacer.as_mut().map_or(u64::MAX, |pacer| zero_ns.saturating_add(pacer.next_ns()));
    }

    fn do_due(&mut self, shard: &mut UserShard, intended_ns: u64, due: Due) {
        match due {
            Due::Step { user, step, known_ns } => {
                shard.start(user, DueStep { intended_ns, known_ns, step });
            }
            Due::Again(user) => shard.again(user),
            Due::Thought => self.waiting_arrivals.push_back(intended_ns),
            Due::Debit(round) => {
                (0..shard.cells.len()).for_each(|cell| self.debit(shard, cell, round));
            }
            Due::Midnight => {
                for cell in 0..shard.cells.len() {
                    self.close(shard, cell, intended_ns);
                }
            }
        }
    }

    /// The measured time is over: what was meant to start and did not is counted.
    fn stop_starting(&mut self, shard: &mut UserShard) {
        self.phase = Phase::Draining;
        let until_ns = shard.window.until_ns;
        for intended_ns in std::mem::take(&mut self.waiting_arrivals) {
            self.give_up(shard, intended_ns, until_ns);
        }
        while self.next_arrival_ns < until_ns {
            shard.unsent_arrival(self.next_arrival_ns, until_ns);
            self.next_arrival(shard.window.zero_ns);
        }
        let mut midnight = false;
        while let Some((at_ns, due)) = shard.timers.pop(until_ns.saturating_sub(1)) {
            match due {
                Due::Step { step, .. } => shard.unsent(Operation::of(&step.command), at_ns, until_ns),
                Due::Again(user) => shard.again(user),
                Due::Midnight => midnight = true,
                Due::Thought | Due::Debit(_) => {}
            }
        }
        self.to_plan.clear();
        self.planning.clear();
        shard.forget_steps();
        // Some cells, here or on another generator's side, may have closed and hold requests until the next day opens: let all
        // close, so that it opens.
        self.day_has_to_end |= midnight || shard.mapping == TimeMapping::Rate;
    }

    fn drain(&mut self, shard: &mut UserShard, now_ns: u64) {
        while let Some((_, due)) = shard.timers.pop(now_ns) {
            if let Due::Again(user) = due {
                shard.again(user);
            }
        }
        // A day that is being closed opens again first: else a run might end with some cells in the old day and some in the new.
        let day_open = self.calendar_over || self.cells_closing == 0 && !self.day_has_to_end;
        let answered = shard.in_flight + shard.to_ask_again == 0 && day_open;
        if self.phase == Phase::Draining && (answered || now_ns > shard.window.until_ns + DRAIN_NS) {
            self.phase = Phase::Over;
            self.hand_over_second(shard);
            self.coordinator.do_send(Finished);
        }
    }

    /// Hands over whole seconds of the measured time. The last one takes in the answers that come while draining.
    fn seconds_over(&mut self, shard: &mut UserShard, now_ns: u64) {
        if !matches!(self.phase, Phase::Running) || shard.window.from_ns == u64::MAX {
            return;
        }
        while now_ns >= self.second_ends_ns(shard) && self.second_ends_ns(shard) < shard.window.until_ns {
            self.hand_over_second(shard);
            self.second += 1;
        }
    }

    /// End of the present second of the measured time.
    fn second_ends_ns(&self, shard: &UserShard) -> u64 {
        shard.window.from_ns.saturating_add((self.second + 1) * SECOND_NS)
    }

    /// Hands over what was recorded in the present second, and shows the simulated moment at which it began.
    fn hand_over_second(&self, shard: &mut UserShard) {
        let began_ns = shard.window.from_ns + self.second * SECOND_NS;
        self.simulated.store(u64::from(shard.simulated_at(began_ns).0), Ordering::Relaxed);
        shard.recorder.second_over(self.second);
    }

    /// All answers come from this thread, and there is something to do or to wait for on it.
    pub(super) fn waits_for_nobody_else(&self) -> bool {
        self.phase == Phase::Running && !self.closed_all && self.shard.borrow().self_contained
    }

    /// There is a day under way, and its users have received so many messages: as long as they receive none, they wait for the
    /// journal.
    pub(super) fn received(&self) -> Option<u64> {
        (self.phase == Phase::Running && !self.closed_all).then(|| self.shard.borrow().received)
    }

    /// Has some users plan, when steps are running out or times have to be known.
    fn plan_some(&mut self, shard: &mut UserShard, now_ns: u64) {
        if matches!(self.phase, Phase::Draining | Phase::Over) || shard.queue.len() >= KNOWN_AHEAD {
            return;
        }
        // Those who could not plan before are asked again.
        for at in std::mem::take(&mut shard.deferred) {
            user::plan(shard, at, now_ns);
        }
        let mut left = PLAN_SLICE;
        while left > 0 {
            while self.planning.len() < CELLS_AT_ONCE
                && let Some(cell) = self.to_plan.pop_front()
            {
                self.planning.push((cell, 0));
            }
            if self.planning.is_empty() {
                if shard.deferred.is_empty() && self.cells_open == shard.cells.len() {
                    shard.queue_last_steps();
                }
                return;
            }
            let before = left;
            self.planning.retain_mut(|(cell, next)| {
                let side = &shard.cells[*cell];
                let (users, views_ns) = (side.users, side.views_ns);
                if left > 0 && *next < users {
                    let start = protocol::sweep_start(side.first_user, shard.day.calendar.day, users);
                    let slot = Slot((start + *next) % users);
                    user::plan(shard, CellSlot { cell: *cell as u32, slot }, views_ns);
                    *next += 1;
                    left -= 1;
                }
                *next < users
            });
            self.rebalancer.planned(before - left);
            self.request_views(shard);
        }
    }

    /// A day begins: requests the views of the first cells to plan, or of all where users keep their own times.
    pub(super) fn request_first_views(&mut self, shard: &UserShard) {
        self.cells_requested = 0;
        self.request_views(shard);
    }

    /// Requests views of further cells until so many wait, plan or have been asked; where a rate sets the times, one cell after the
    /// other, so that its users begin before the next one's views are made.
    pub(super) fn request_views(&mut self, shard: &UserShard) {
        let rate = shard.mapping == TimeMapping::Rate && self.phase == Phase::Running;
        let (ahead, at_once) =
            if rate { (CELLS_AT_ONCE + VIEWS_AHEAD, 1) } else { (shard.cells.len(), shard.cells.len()) };
        let mut on_their_way = self.cells_requested - self.cells_open;
        while self.cells_requested < shard.cells.len()
            && on_their_way < at_once
            && on_their_way + self.to_plan.len() + self.planning.len() < ahead
        {
            if let Some(addr) = &shard.cells[self.cells_requested].addr {
                addr.do_send(RequestViews);
            }
            self.cells_requested += 1;
            on_their_way += 1;
        }
    }

    fn next_turn_ns(&mut self, shard: &UserShard, now_ns: u64) -> u64 {
        let busy = !shard.queue.is_empty() && (self.phase == Phase::Opening || !self.waiting_arrivals.is_empty());
        let planning = !self.planning.is_empty()
            || !self.to_plan.is_empty()
            || !shard.deferred.is_empty()
            || shard.spaced.next_ns().is_some();
        // What was started in this turn is under way, though its user's actor has yet to send it.
        let under_way = shard.in_flight > 0 || shard.wakers.has_ready();
        if busy || (planning && shard.queue.len() < KNOWN_AHEAD) || under_way {
            return now_ns;
        }
        let timers = shard.timers.next_ns().unwrap_or(u64::MAX);
        match self.phase {
            Phase::Running => {
                timers.min(self.next_arrival_ns).min(shard.window.until_ns).min(self.second_ends_ns(shard))
            }
            Phase::Opening | Phase::Waiting | Phase::Draining => now_ns + MILLI_NS,
            Phase::Over => now_ns + 2 * SLEEP_FROM_NS,
        }
    }
}
