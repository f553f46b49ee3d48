//! A cell of the credit service as an actor: each lender's engine of some thousands of accounts, answering one request at a
//! time. It has a business date of its own; a request is done on the date of the cell, as in any bank.
//!
//! The cell's own work (rounds of auto-debit, the close of the day) is cut into slices. Each slice is a message to itself that
//! queues behind the requests that came before, so live traffic of this and other cells goes on in between. Requests that
//! come while the day is being closed are parked until the next day opens, and their time counts.

use crate::base::ids::{Lender, Slot};
use crate::credit::account_event::AccountEvent;
use crate::credit::command::{Reply, Request};
use crate::credit::{ClosePhase, Ctx, Engine, Engines, NoLender, Slots};
use crate::journal::{CellImage, StandingEngine};
use crate::load::actors::cell_link::CellLink;
use crate::load::actors::generator_actor::GeneratorActor;
use crate::load::actors::messages::{
    AccountViews, Answer, BankAsks, CalendarOver, CloseDay, DebitFailed, DebitRound, Decide, HandInEngines, OpenDay,
    Outcome, ReportEvent, RequestViews, RoundDone, Slice, Stall, TakeImage, ViewTable,
};
use crate::load::actors::worker::{ServiceWorker, Work};
use crate::world::protocol::{self, DebitRequest};
use crate::world::{DayContext, SeenEvent};
use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, MessageResult};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Accounts that a round of auto-debit looks at in one slice.
const DEBIT_SLICE: usize = 64;

/// What the cell is doing beside answering.
enum Own {
    /// Nothing.
    Idle,
    /// A round of auto-debit over slots of a lender that are left; so many banks have been asked.
    Debiting { round: u8, lender: Lender, left: Slots, asked: u32 },
    /// Closing: the next stage, the lender whose engine does it next, and when the first slice began.
    Closing { stage: usize, lender: Lender, began_ns: u64 },
    /// Closed; the next day has not opened.
    Closed,
    /// Closed for good: there is no next day.
    Ended,
}

/// The actor of one cell.
pub(crate) struct CellActor {
    cell: u32,
    engines: Engines,
    day: Arc<DayContext>,
    link: Arc<CellLink>,
    generator: Addr<GeneratorActor>,
    worker: Rc<RefCell<ServiceWorker>>,
    parked: VecDeque<Decide>,
    /// Asked for before the day has opened.
    views_wanted: bool,
    own: Own,
    /// Own work that came while other own work was running.
    next_round: VecDeque<u8>,
    close_asked: bool,
    account_events: Vec<AccountEvent>,
}

/// What the actor of a cell starts from.
pub(crate) struct CellSetup {
    /// World-wide number.
    pub cell: u32,
    /// Its accounts, by lender.
    pub engines: Engines,
    /// Its admission, and the mailboxes of its users.
    pub link: Arc<CellLink>,
    /// The generator of its users.
    pub generator: Addr<GeneratorActor>,
}

impl Actor for CellActor {
    type Context = Context<Self>;
}

impl CellActor {
    /// The actor of a cell on the service thread of `worker`; it opens with the first [`OpenDay`].
    pub(crate) fn new(setup: CellSetup, day: &Arc<DayContext>, worker: &Rc<RefCell<ServiceWorker>>) -> CellActor {
        let CellSetup { cell, engines, link, generator } = setup;
        CellActor {
            cell,
            engines,
            day: Arc::clone(day),
            link,
            generator,
            worker: Rc::clone(worker),
            parked: VecDeque::new(),
            views_wanted: false,
            own: Own::Closed,
            next_round: VecDeque::new(),
            close_asked: false,
            account_events: Vec::new(),
        }
    }

    fn decide(&mut self, decide: Decide) {
        crate::runtime::fault_point("cell");
        let worker = &mut *self.worker.borrow_mut();
        let began_ns = worker.clock.now_ns();
        let outcome = match worker.work {
            Work::Stopped => Outcome::Unavailable,
            _ if began_ns > decide.deadline_ns => Outcome::Late,
            Work::Null => Outcome::Undecided,
            Work::Real => {
                let Decide { lender, slot, sequence, command, .. } = decide;
                let request = Request { lender, slot, sequence, command };
                let at = protocol::moment(self.day.calendar.day, decide.second);
                let mut ctx = Ctx { today: &self.day.today(), tally: &mut worker.tally.credit };
                match self.engines.apply(&mut ctx, at, request) {
                    Ok(reply) => {
                        worker.journal_request(self.cell, at, &request, reply);
                        Outcome::Decided(reply)
                    }
                    Err(NoLender { .. }) => Outcome::NoLender,
                }
            }
        };
        let service_ns = (worker.clock.now_ns() - began_ns).min(u64::from(u32::MAX)) as u32;
        let answer = Answer { outcome, service_ns };
        if matches!(outcome, Outcome::Decided(_)) && worker.holds_answers() {
            worker.hold(&self.link, decide.to, answer);
        } else {
            self.link.answer(decide.to, answer);
        }
    }

    /// There is no day on which it could be done.
    fn turn_away(&self, decide: Decide) {
        self.link.answer(decide.to, Answer { outcome: Outcome::Unavailable, service_ns: 0 });
    }

    /// One slice of a round of auto-debit over slots of a lender that are left. Returns how many banks were asked.
    fn debit_slice(&mut self, round: u8, lender: Lender, left: &mut Slots) -> u32 {
        let today = self.day.today();
        let mut asked = 0;
        for slot in left.by_ref().take(DEBIT_SLICE).map(Slot) {
            if let Some(request) = DebitRequest::of(&self.engines[lender], slot, round, &today) {
                self.link.send(slot, BankAsks(request));
                asked += 1;
            }
        }
        asked
    }

    /// One stage of the close of a lender's engine. True when the day is closed.
    fn close_slice(&mut self, stage: usize, lender: Lender) -> bool {
        let worker = &mut *self.worker.borrow_mut();
        let today = self.day.today();
        let stage = ClosePhase::ALL[stage];
        if worker.work != Work::Real {
            return true;
        }
        let mut ctx = Ctx { today: &today, tally: &mut worker.tally.credit };
        self.engines[lender].close_phase(&mut ctx, &mut worker.tally.stocks, stage);
        worker.journal_close((self.cell, lender), today.day(), stage);
        stage == ClosePhase::ALL[ClosePhase::ALL.len() - 1] && self.after(lender).is_none()
    }

    /// The lender behind one.
    fn after(&self, lender: Lender) -> Option<Lender> {
        self.engines.numbers().nth(lender.index() + 1)
    }

    fn report_close(&mut self, began_ns: u64) {
        let day = self.day.calendar.day;
        for engine in self.engines.iter_mut() {
            engine.take_account_events(&mut self.account_events);
            for event in &self.account_events {
                self.link.send(event.slot, ReportEvent(SeenEvent::of(engine, event, day)));
            }
        }
        let report = protocol::close_report(&self.engines, day);
        self.worker.borrow_mut().cell_closed(&report, began_ns);
    }

    /// Does the next slice of whatever the cell has to do by itself, and asks itself for the one after.
    fn own_work(&mut self, ctx: &mut Context<Self>) {
        let began_ns = self.worker.borrow().clock.now_ns();
        let mut own = std::mem::replace(&mut self.own, Own::Idle);
        match &mut own {
            Own::Idle => {
                if let Some(round) = self.next_round.pop_front() {
                    let lender = Lender::FIRST;
                    let left = self.engines[lender].due_today(&self.day.today());
                    own = Own::Debiting { round, lender, left, asked: 0 };
                } else if std::mem::take(&mut self.close_asked) {
                    own = Own::Closing { stage: 0, lender: Lender::FIRST, began_ns };
                }
            }
            Own::Debiting { round, lender, left, asked } => {
                *asked += self.debit_slice(*round, *lender, left);
                if left.clone().next().is_none() {
                    if let Some(next) = self.after(*lender) {
                        (*lender, *left) = (next, self.engines[next].due_today(&self.day.today()));
                    } else {
                        self.generator.do_send(RoundDone { cell: self.cell, asked: *asked });
                        own = Own::Idle;
                    }
                }
            }
            Own::Closing { stage, lender, began_ns: first_ns } => {
                let done = self.close_slice(*stage, *lender);
                let next = self.after(*lender);
                *stage += usize::from(next.is_none());
                *lender = next.unwrap_or(Lender::FIRST);
                if done {
                    self.report_close(*first_ns);
                    own = Own::Closed;
                }
            }
            Own::Closed | Own::Ended => {}
        }
        self.own = own;
        let has_deferrable = match self.own {
            Own::Idle => !self.next_round.is_empty() || self.close_asked,
            Own::Closed | Own::Ended => false,
            _ => true,
        };
        self.worker.borrow_mut().slice_done(began_ns);
        if has_deferrable {
            ctx.notify(Slice);
        }
    }

    fn send_views(&self) {
        let views = Arc::new(ViewTable::of(&self.engines, self.day.calendar.day));
        self.generator.do_send(AccountViews { cell: self.cell, views });
    }

    /// The cell as the journal knows it.
    fn image(&self) -> CellImage {
        let stages_done = |engine: &Engine| match self.own {
            Own::Idle | Own::Debiting { .. } => 0,
            Own::Closing { stage, lender: next, .. } => stage as u8 + u8::from(engine.lender() < next),
            Own::Closed | Own::Ended => ClosePhase::ALL.len() as u8,
        };
        let (day, controls) = (self.day.calendar.day, &self.day.controls);
        let standing = |engine| StandingEngine { engine, day, stages_done: stages_done(engine), controls };
        CellImage::new(self.cell, self.engines.iter().map(standing))
    }

    fn idle(&self) -> bool {
        matches!(self.own, Own::Idle) && self.next_round.is_empty() && !self.close_asked
    }
}

impl Handler<Decide> for CellActor {
    type Result = ();

    fn handle(&mut self, decide: Decide, _: &mut Context<Self>) {
        match self.own {
            Own::Closing { .. } | Own::Closed => self.parked.push_back(decide),
            Own::Ended => self.turn_away(decide),
            Own::Idle | Own::Debiting { .. } => self.decide(decide),
        }
    }
}

impl Handler<Slice> for CellActor {
    type Result = ();

    fn handle(&mut self, _: Slice, ctx: &mut Context<Self>) {
        self.own_work(ctx);
    }
}

impl Handler<DebitRound> for CellActor {
    type Result = ();

    fn handle(&mut self, round: DebitRound, ctx: &mut Context<Self>) {
        if self.worker.borrow().work != Work::Real {
            self.generator.do_send(RoundDone { cell: self.cell, asked: 0 });
            return;
        }
        let idle = self.idle();
        self.next_round.push_back(round.0);
        if idle {
            ctx.notify(Slice);
        }
    }
}

impl Handler<DebitFailed> for CellActor {
    type Result = ();

    fn handle(&mut self, failed: DebitFailed, _: &mut Context<Self>) {
        if let Ok(engine) = self.engines.get(failed.0) {
            engine.debit_failed(&mut self.worker.borrow_mut().tally.credit);
        }
    }
}

impl Handler<CloseDay> for CellActor {
    type Result = ();

    fn handle(&mut self, _: CloseDay, ctx: &mut Context<Self>) {
        let idle = self.idle();
        self.close_asked = true;
        if idle {
            ctx.notify(Slice);
        }
    }
}

impl Handler<OpenDay> for CellActor {
    type Result = ();

    fn handle(&mut self, new: OpenDay, ctx: &mut Context<Self>) {
        self.day = new.0;
        let quota = self.engines.part_of_quota(self.day.quota(self.engines.users()));
        if self.worker.borrow().work == Work::Real {
            let worker = &mut *self.worker.borrow_mut();
            for engine in self.engines.iter_mut() {
                worker.journal_open((self.cell, engine.lender()), &self.day, quota);
                engine.open_day(&mut Ctx { today: &self.day.today(), tally: &mut worker.tally.credit }, quota);
            }
        }
        self.own = Own::Idle;
        if std::mem::take(&mut self.views_wanted) {
            self.send_views();
        }
        while let Some(decide) = self.parked.pop_front() {
            self.decide(decide);
        }
        if !self.idle() {
            ctx.notify(Slice);
        }
    }
}

impl Handler<CalendarOver> for CellActor {
    type Result = ();

    fn handle(&mut self, _: CalendarOver, _: &mut Context<Self>) {
        self.own = Own::Ended;
        while let Some(decide) = self.parked.pop_front() {
            self.turn_away(decide);
        }
    }
}

impl Handler<RequestViews> for CellActor {
    type Result = ();

    fn handle(&mut self, _: RequestViews, _: &mut Context<Self>) {
        // The generator may learn of a new day before the cell does.
        if matches!(self.own, Own::Closing { .. } | Own::Closed | Own::Ended) {
            self.views_wanted = true;
        } else {
            self.send_views();
        }
    }
}

impl Handler<TakeImage> for CellActor {
    type Result = ();

    fn handle(&mut self, _: TakeImage, _: &mut Context<Self>) {
        let image = self.image();
        self.worker.borrow_mut().image(image);
    }
}

impl Handler<Stall> for CellActor {
    type Result = ();

    fn handle(&mut self, stall: Stall, _: &mut Context<Self>) {
        crate::runtime::sleep(Duration::from_millis(stall.0));
    }
}

impl Handler<HandInEngines> for CellActor {
    type Result = MessageResult<HandInEngines>;

    fn handle(&mut self, _: HandInEngines, ctx: &mut Context<Self>) -> Self::Result {
        // What is still on its way to this cell meets nobody.
        ctx.stop();
        let image = self.image();
        MessageResult((std::mem::replace(&mut self.engines, Engines::new(1, 0, 0, 1)), image))
    }
}

/// Approved, done or sent to review, as against declined or refused.
pub(crate) const fn is_approval(reply: Reply) -> bool {
    matches!(reply, Reply::Done(_) | Reply::InReview)
}
