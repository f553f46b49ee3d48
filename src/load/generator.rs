//! The generator of one thread: reads the clock, starts what is due, has people plan their day a few hundred at a time.
//!
//! It is one task that looks at the clock, starts at most a burst of what is due, and lets the actors of its thread run. Timers
//! have a granularity of a millisecond, so it sleeps only when the next start is far away, and else yields.

use crate::load::agenda::Due;
use crate::load::bells::Start;
use crate::load::crowd::{Crowd, KNOWN_AHEAD, Tempo};
use crate::load::messages::{Arrivals, Finished, Ready, WantPages};
use crate::load::pacer::Pacer;
use crate::load::registrar::Registrar;
use crate::load::share::Share;
use crate::load::time::{MILLI_NS, SECOND_NS};
use crate::load::user;
use crate::measure::latency::Operation;
use crate::world::protocol;
use actix::Addr;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Starts in one turn, before the actors run. Tokio runs 61 tasks of a thread between two turns, and those that another thread has
/// woken, which are people with an answer, come last: a generator that has fallen behind and starts as many would hear no answers.
const BURST: usize = 24;

/// Users who plan in one turn.
const PLAN_SLICE: usize = 128;

/// Cells whose users take turns where a rate sets the times. With fewer, most cells have closed long before the last; with more, the
/// load is spread.
const CELLS_AT_ONCE: usize = 4;

/// Cells whose pages are there, or asked for, before their turn comes.
const PAGES_AHEAD: usize = 2;

/// Requests on their way at once while the morning is caught up with.
const CATCH_UP_IN_FLIGHT: u64 = 256;

/// The next start is far away when it is later than this; then the task sleeps, [`SLEEP_MARGIN_NS`] less.
pub(super) const SLEEP_FROM_NS: u64 = 8 * MILLI_NS;
pub(super) const SLEEP_MARGIN_NS: u64 = 5 * MILLI_NS;

/// Arrivals that wait for a step at most; later ones are counted when there is room.
const HUNGRY_MAX: usize = 1 << 20;

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
    /// Over, unless others' people need a day to end.
    Over,
}

/// What a generator knows beside its crowd.
pub(crate) struct Generator {
    pub(super) crowd: Rc<RefCell<Crowd>>,
    pub(super) phase: Phase,
    pub(super) after_catch_up: Tempo,
    pub(super) pacer: Option<Pacer>,
    /// Arrivals whose step is not known yet: between two days, or planning cannot follow.
    hungry: VecDeque<u64>,
    pub(super) share: Share,
    pub(super) next_arrival_ns: u64,
    /// Cells that wait for their turn to plan.
    pub(super) to_plan: VecDeque<usize>,
    /// Cells that plan now, and the next slot of each.
    pub(super) planning: Vec<(usize, u32)>,
    /// Cells whose pages have been asked for, and have come.
    cells_asked: usize,
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
    /// The queue ran dry since the day was over.
    between_days: bool,
    /// When steps were known again after that.
    fed_ns: u64,
    pub(super) hosts: usize,
    pub(super) registrar: Addr<Registrar>,
    simulated: Arc<AtomicU64>,
    pub(super) failure: Option<String>,
}

impl Generator {
    /// The generator of a crowd. With a pacer, a rate sets the times, else people do.
    pub(crate) fn new(
        crowd: Rc<RefCell<Crowd>>,
        tempo: Tempo,
        pacer: Option<Pacer>,
        share: Share,
        registrar: Addr<Registrar>,
        simulated: Arc<AtomicU64>,
    ) -> Generator {
        let hosts = crowd.borrow().tally.tips_by_host.len();
        Generator {
            crowd,
            phase: Phase::Opening,
            after_catch_up: tempo,
            pacer,
            hungry: VecDeque::new(),
            share,
            next_arrival_ns: u64::MAX,
            to_plan: VecDeque::new(),
            planning: Vec::new(),
            cells_asked: 0,
            cells_open: 0,
            cells_closing: 0,
            closed_all: false,
            day_has_to_end: false,
            calendar_over: false,
            second: 0,
            idle_ns: 0,
            between_days: false,
            fed_ns: 0,
            hosts,
            registrar,
            simulated,
            failure: None,
        }
    }

    /// One turn: what is due is started. Returns when to turn again.
    pub(super) fn turn(&mut self, now_ns: u64) -> u64 {
        let crowd = Rc::clone(&self.crowd);
        let crowd = &mut *crowd.borrow_mut();
        self.seconds_over(crowd, now_ns);
        if let Some(acks) = &mut crowd.acks
            && let Err(error) = acks.flush()
        {
            self.failure.get_or_insert_with(|| format!("the record of answers: {error}"));
        }
        match self.phase {
            Phase::Opening => self.catch_up(crowd),
            Phase::Waiting => {}
            Phase::Running => self.run(crowd, now_ns),
            Phase::Draining | Phase::Over => self.drain(crowd, now_ns),
        }
        self.plan_some(crowd);
        self.end_the_day(crowd, now_ns);
        self.next_turn_ns(crowd, now_ns)
    }

    /// The morning of the first day: everything that lies before the hand-over, a few requests at a time.
    fn catch_up(&mut self, crowd: &mut Crowd) {
        // With a rate the run begins at once; else the morning has to be over: what is left waits for its second.
        let known = self.cells_open == crowd.cells.len() && self.to_plan.is_empty() && self.planning.is_empty();
        let over = match self.after_catch_up {
            Tempo::Simulated { .. } => {
                while crowd.in_flight < CATCH_UP_IN_FLIGHT
                    && let Some((place, step)) = crowd.queue.pop_front()
                {
                    crowd.start(place, Start { intended_ns: 0, known_ns: 0, step });
                }
                self.follow_ups_of_the_morning(crowd);
                known && crowd.queue.is_empty() && crowd.in_flight == 0 && crowd.deferred.is_empty()
            }
            _ => self.cells_open == crowd.cells.len(),
        };
        if over {
            self.phase = Phase::Waiting;
            self.registrar.do_send(Ready);
        }
    }

    /// While the morning is caught up with, follow-ups are put down at "0": they are due at once.
    fn follow_ups_of_the_morning(&mut self, crowd: &mut Crowd) {
        while let Some((_, due)) = crowd.agenda.pop(0) {
            self.do_due(crowd, 0, 0, due);
        }
    }

    fn run(&mut self, crowd: &mut Crowd, now_ns: u64) {
        if now_ns >= crowd.window.until_ns {
            self.stop_starting(crowd);
            return;
        }
        for _ in 0..BURST {
            let Some((at_ns, due)) = crowd.agenda.pop(now_ns) else { break };
            self.do_due(crowd, at_ns, at_ns, due);
        }
        while self.next_arrival_ns <= now_ns && self.hungry.len() < HUNGRY_MAX {
            self.hungry.push_back(self.next_arrival_ns);
            self.next_arrival(crowd.window.zero_ns);
        }
        while self.pacer.is_some()
            && let Some(intended_ns) = self.hungry.front().copied()
            && intended_ns + GIVE_UP_NS < now_ns
        {
            self.hungry.pop_front();
            crowd.unsent_arrival(intended_ns, now_ns);
        }
        self.share_arrivals(crowd, now_ns);
        // Between two days nobody knows what people will do; when it is known again, lag counts from here.
        if crowd.queue.is_empty() {
            self.between_days |= self.closed_all;
        } else if std::mem::take(&mut self.between_days) {
            self.fed_ns = now_ns;
        }
        crowd.fetch_ahead(self.hungry.len().min(BURST));
        for _ in 0..BURST {
            if self.hungry.is_empty() {
                break;
            }
            let Some((place, step)) = crowd.take_step() else { break };
            let Some(intended_ns) = self.hungry.pop_front() else { break };
            self.share.taken();
            if let Some(thinking) = &mut crowd.thinking {
                thinking.at_work += 1;
            }
            crowd.start(place, Start { intended_ns, known_ns: self.fed_ns, step });
        }
    }

    /// Has arrivals taken by a generator whose people have more left to do. In a closed loop nobody arrives: one who is at work
    /// there would be at work there for ever.
    fn share_arrivals(&mut self, crowd: &Crowd, now_ns: u64) {
        if self.pacer.is_none() || !self.share.looks(now_ns) {
            return;
        }
        let unplanned = crowd.cells.iter().map(|side| side.unplanned).sum();
        let taker = self.share.taker(unplanned, crowd.queue.len(), self.hungry.len(), now_ns);
        if let Some((taker, count)) = taker {
            taker.do_send(Arrivals(self.hungry.drain(..count).collect()));
        }
    }

    /// Takes arrivals that came to another generator.
    pub(super) fn take_arrivals(&mut self, crowd: &mut Crowd, arrivals: Vec<u64>) {
        if self.phase == Phase::Running {
            self.hungry.extend(arrivals);
        } else {
            let until_ns = crowd.window.until_ns;
            arrivals.into_iter().for_each(|intended_ns| crowd.unsent_arrival(intended_ns, until_ns));
        }
    }

    fn next_arrival(&mut self, zero_ns: u64) {
        self.next_arrival_ns = self.pacer.as_mut().map_or(u64::MAX, |pacer| zero_ns.saturating_add(pacer.next_ns()));
    }

    fn do_due(&mut self, crowd: &mut Crowd, intended_ns: u64, known_ns: u64, due: Due) {
        match due {
            Due::Step(place, step) => {
                crowd.start(place, Start { intended_ns, known_ns, step });
            }
            Due::Again(place) => crowd.again(place),
            Due::Token => self.hungry.push_back(intended_ns),
            Due::Debit(round) => {
                (0..crowd.cells.len()).for_each(|cell| self.debit(crowd, cell, round));
            }
            Due::Midnight => {
                for cell in 0..crowd.cells.len() {
                    self.close(crowd, cell, intended_ns);
                }
            }
        }
    }

    /// The measured time is over: what was meant to start and did not is counted.
    fn stop_starting(&mut self, crowd: &mut Crowd) {
        self.phase = Phase::Draining;
        let until_ns = crowd.window.until_ns;
        self.hungry.drain(..).for_each(|intended_ns| crowd.unsent_arrival(intended_ns, until_ns));
        while self.next_arrival_ns < until_ns {
            crowd.unsent_arrival(self.next_arrival_ns, until_ns);
            self.next_arrival(crowd.window.zero_ns);
        }
        let mut midnight = false;
        while let Some((at_ns, due)) = crowd.agenda.pop(until_ns.saturating_sub(1)) {
            match due {
                Due::Step(_, step) => crowd.unsent(Operation::of(&step.command), at_ns, until_ns),
                Due::Again(place) => crowd.again(place),
                Due::Midnight => midnight = true,
                Due::Token | Due::Debit(_) => {}
            }
        }
        self.to_plan.clear();
        self.planning.clear();
        crowd.forget_steps();
        // Some cells, here or on another generator's side, may have closed and hold requests until the next day opens: let all
        // close, so that it opens.
        self.day_has_to_end |= midnight || crowd.tempo == Tempo::Rate;
    }

    fn drain(&mut self, crowd: &mut Crowd, now_ns: u64) {
        while let Some((_, due)) = crowd.agenda.pop(now_ns) {
            if let Due::Again(place) = due {
                crowd.again(place);
            }
        }
        // A day that is being closed opens again first: else a run might end with some cells in the old day and some in the new.
        let day_open = self.calendar_over || self.cells_closing == 0 && !self.day_has_to_end;
        let answered = crowd.in_flight + crowd.to_ask_again == 0 && day_open;
        if self.phase == Phase::Draining && (answered || now_ns > crowd.window.until_ns + DRAIN_NS) {
            self.phase = Phase::Over;
            self.hand_over_second(crowd);
            self.registrar.do_send(Finished);
        }
    }

    /// Hands over whole seconds of the measured time. The last one takes in the answers that come while draining.
    fn seconds_over(&mut self, crowd: &mut Crowd, now_ns: u64) {
        if !matches!(self.phase, Phase::Running) || crowd.window.from_ns == u64::MAX {
            return;
        }
        while now_ns >= crowd.window.from_ns + (self.second + 1) * SECOND_NS
            && crowd.window.from_ns + (self.second + 1) * SECOND_NS < crowd.window.until_ns
        {
            self.hand_over_second(crowd);
            self.second += 1;
        }
    }

    /// Hands over what was recorded in the present second, and shows the simulated moment at which it began.
    fn hand_over_second(&self, crowd: &mut Crowd) {
        let began_ns = crowd.window.from_ns + self.second * SECOND_NS;
        self.simulated.store(u64::from(crowd.simulated_at(began_ns).0), Ordering::Relaxed);
        crowd.recorder.second_over(self.second);
    }

    /// All answers come from this thread, and there is something to do or to wait for on it.
    pub(super) fn waits_for_nobody_else(&self) -> bool {
        self.phase == Phase::Running && !self.closed_all && self.crowd.borrow().self_contained
    }

    /// There is a day under way, and its people have heard so many messages: as long as they hear none, they wait for the journal.
    pub(super) fn heard(&self) -> Option<u64> {
        (self.phase == Phase::Running && !self.closed_all).then(|| self.crowd.borrow().heard)
    }

    /// Has some users plan, when steps are running out or times have to be known.
    fn plan_some(&mut self, crowd: &mut Crowd) {
        if matches!(self.phase, Phase::Draining | Phase::Over) || crowd.queue.len() >= KNOWN_AHEAD {
            return;
        }
        // Those who could not plan before are asked again.
        for (cell, slot) in std::mem::take(&mut crowd.deferred) {
            user::plan(crowd, cell, slot);
        }
        let mut left = PLAN_SLICE;
        while left > 0 {
            while self.planning.len() < CELLS_AT_ONCE
                && let Some(cell) = self.to_plan.pop_front()
            {
                self.planning.push((cell, 0));
            }
            if self.planning.is_empty() {
                if crowd.deferred.is_empty() && self.cells_open == crowd.cells.len() {
                    crowd.queue_last_steps();
                }
                return;
            }
            let before = left;
            self.planning.retain_mut(|(cell, slot)| {
                let side = &crowd.cells[*cell];
                let users = side.users;
                if left > 0 && *slot < users {
                    let start = protocol::sweep_start(side.first_user, crowd.day.calendar.day, users);
                    user::plan(crowd, *cell as u32, (start + *slot) % users);
                    *slot += 1;
                    left -= 1;
                }
                *slot < users
            });
            self.share.planned(before - left);
            self.want_pages(crowd);
        }
    }

    /// A day begins: asks for the pages of the first cells to plan, or of all where people keep their own times.
    pub(super) fn want_first_pages(&mut self, crowd: &Crowd) {
        self.cells_asked = 0;
        self.want_pages(crowd);
    }

    /// Asks for pages of further cells until so many wait, plan or have been asked; where a rate sets the times, one cell after the
    /// other, so that its people begin before the next one's pages are written.
    pub(super) fn want_pages(&mut self, crowd: &Crowd) {
        let rate = crowd.tempo == Tempo::Rate && self.phase == Phase::Running;
        let (ahead, at_once) =
            if rate { (CELLS_AT_ONCE + PAGES_AHEAD, 1) } else { (crowd.cells.len(), crowd.cells.len()) };
        let mut on_their_way = self.cells_asked - self.cells_open;
        while self.cells_asked < crowd.cells.len()
            && on_their_way < at_once
            && on_their_way + self.to_plan.len() + self.planning.len() < ahead
        {
            if let Some(addr) = &crowd.cells[self.cells_asked].addr {
                addr.do_send(WantPages);
            }
            self.cells_asked += 1;
            on_their_way += 1;
        }
    }

    fn next_turn_ns(&mut self, crowd: &Crowd, now_ns: u64) -> u64 {
        let busy = !crowd.queue.is_empty() && (self.phase == Phase::Opening || !self.hungry.is_empty());
        let planning = !self.planning.is_empty()
            || !self.to_plan.is_empty()
            || !crowd.deferred.is_empty()
            || crowd.later.next_ns().is_some();
        if busy || (planning && crowd.queue.len() < KNOWN_AHEAD) || crowd.in_flight > 0 {
            return now_ns;
        }
        let agenda = crowd.agenda.next_ns().unwrap_or(u64::MAX);
        match self.phase {
            Phase::Running => agenda.min(self.next_arrival_ns).min(crowd.window.until_ns),
            Phase::Opening | Phase::Waiting | Phase::Draining => now_ns + MILLI_NS,
            Phase::Over => now_ns + 2 * SLEEP_FROM_NS,
        }
    }
}
