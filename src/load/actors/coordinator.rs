//! The coordinator keeps the world between two days: it waits until all cells have closed, folds what they and their users
//! counted, lets midnight pass, and opens the new day for everybody. It is the virtual clock's superstep as an actor.

use crate::base::time::CalendarDay;
use crate::load::actors::cell::CellActor;
use crate::load::actors::generator_actor::GeneratorActor;
use crate::load::actors::messages::{
    CalendarOver, DayHasToEnd, Finished, Go, NewDay, OpenDay, Ready, ServiceClosed, TakeImage, UsersDone,
};
use crate::load::clock::Clock;
use crate::load::core::time::Window;
use crate::measure::latency::CloseRecord;
use crate::world::{CellDay, DayContext, Frame, WorkTally, World};
use actix::{Actor, Addr, Context, Handler, Message};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;

/// What the coordinator reports to the run.
#[derive(Debug)]
pub(crate) enum Milestone {
    /// All generators are ready for the clock to start.
    Ready,
    /// All generators are done.
    Finished,
    /// The calendar of the scenario has no further day.
    OutOfDays,
}

/// The coordinator of a run.
pub(crate) struct Coordinator {
    clock: Clock,
    window: Window,
    frame: Arc<Frame>,
    world: World,
    calendar: CalendarDay,
    /// Days closed so far, and after how many a durable service takes a snapshot (0: never).
    days: u16,
    snapshot_days: u16,
    cells: Vec<Addr<CellActor>>,
    generators: Vec<Addr<GeneratorActor>>,
    services: usize,
    services_closed: usize,
    users_done: usize,
    ready: usize,
    finished: usize,
    total: WorkTally,
    report: CellDay,
    close_ns: Vec<u64>,
    longest_slice_ns: u64,
    slices: u64,
    began_ns: u64,
    milestones: UnboundedSender<Milestone>,
    /// Closes of days in the measured time.
    closes: Vec<CloseRecord>,
    /// Drawings approved and declined since the hand-over.
    drawings: [i64; 2],
    /// Margin of the platform: commission and share of tips, fen; and drawn amount.
    margin_fen: i64,
    drawn_fen: i64,
}

/// What a coordinator starts from.
pub(crate) struct CoordinatorSetup {
    /// The clock of the run.
    pub clock: Clock,
    /// What the worlds of the run share.
    pub frame: Arc<Frame>,
    /// The world, before the midnight of its next day.
    pub world: World,
    /// That day.
    pub next: CalendarDay,
    /// Service threads.
    pub services: usize,
    /// Days between snapshots, 0 for none.
    pub snapshot_days: u16,
    /// Nothing counted.
    pub empty: WorkTally,
    /// To whom it reports how far it is.
    pub milestones: UnboundedSender<Milestone>,
}

impl Coordinator {
    /// A coordinator before its first day.
    pub(crate) fn new(from: CoordinatorSetup) -> Coordinator {
        Coordinator {
            clock: from.clock,
            window: Window::NEVER,
            frame: from.frame,
            world: from.world,
            calendar: from.next,
            days: 0,
            snapshot_days: from.snapshot_days,
            cells: Vec::new(),
            generators: Vec::new(),
            services: from.services,
            services_closed: 0,
            users_done: 0,
            ready: 0,
            finished: 0,
            total: from.empty,
            report: CellDay::default(),
            close_ns: Vec::new(),
            longest_slice_ns: 0,
            slices: 0,
            began_ns: 0,
            milestones: from.milestones,
            closes: Vec::new(),
            drawings: [0; 2],
            margin_fen: 0,
            drawn_fen: 0,
        }
    }

    /// Midnight before `self.calendar`, then the day opens.
    fn open(&mut self) {
        self.world.midnight(&self.frame, &self.calendar);
        let day = Arc::new(self.world.day_context(&self.frame, &self.calendar));
        let closes_ns = std::mem::take(&mut self.close_ns);
        for (number, generator) in self.generators.iter().enumerate() {
            let closes_ns = if number == 0 { closes_ns.clone() } else { Vec::new() };
            let longest_slice_ns = self.longest_slice_ns;
            generator.do_send(NewDay { day: Arc::clone(&day), closes_ns, longest_slice_ns });
        }
        for cell in &self.cells {
            cell.do_send(OpenDay(Arc::clone(&day)));
        }
    }

    fn perhaps_fold(&mut self) {
        if self.services_closed < self.services || self.users_done < self.generators.len() {
            return;
        }
        (self.services_closed, self.users_done) = (0, 0);
        let [approved, declined] = self.count_drawings();
        self.world.close_day(&self.frame, &self.calendar, &self.total, &self.report);
        self.total.clear_day();
        self.report = CellDay::default();
        let closed = self.calendar.day;
        let days = self.frame.calendar.days();
        let next = closed.since(days[0].day) as usize + 1;
        let Some(next) = days.get(next) else {
            self.cells.iter().for_each(|cell| cell.do_send(CalendarOver));
            self.generators.iter().for_each(|generator| generator.do_send(CalendarOver));
            // Nobody is listening only when the run is over.
            let _ = self.milestones.send(Milestone::OutOfDays);
            return;
        };
        self.calendar = *next;
        self.days += 1;
        if self.snapshot_days > 0 && self.days.is_multiple_of(self.snapshot_days) {
            // All cells are closed and none opens before its image is taken.
            self.cells.iter().for_each(|cell| cell.do_send(TakeImage));
        }
        self.open();
        let now_ns = self.clock.now_ns();
        if self.window.measures(self.began_ns) {
            self.closes.push(CloseRecord {
                day: closed,
                at_ms: (self.began_ns - self.window.from_ns) / 1_000_000,
                total_ns: now_ns - self.began_ns,
                longest_slice_ns: self.longest_slice_ns,
                slices: self.slices,
                approved,
                decided: approved + declined,
            });
        }
        (self.longest_slice_ns, self.slices, self.began_ns) = (0, 0, 0);
    }

    /// Counts the drawings of the day that was folded; returns how many were approved and declined.
    fn count_drawings(&mut self) -> [i64; 2] {
        let flows = &self.total.credit.flows;
        let day = [flows.drawings_approved, flows.drawings_declined.iter().sum::<i64>()];
        self.drawings[0] += day[0];
        self.drawings[1] += day[1];
        let drawings = crate::measure::drawing_margin(flows);
        self.margin_fen += drawings.margin_fen;
        self.drawn_fen += drawings.drawn_fen;
        day
    }
}

impl Actor for Coordinator {
    type Context = Context<Self>;
}

/// Everybody is there: the first day opens.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Begin {
    /// All cells.
    pub cells: Vec<Addr<CellActor>>,
    /// All generators.
    pub generators: Vec<Addr<GeneratorActor>>,
}

impl Handler<Begin> for Coordinator {
    type Result = ();

    fn handle(&mut self, begin: Begin, _: &mut Context<Self>) {
        self.cells = begin.cells;
        self.generators = begin.generators;
        self.open();
    }
}

impl Handler<Go> for Coordinator {
    type Result = ();

    fn handle(&mut self, go: Go, _: &mut Context<Self>) {
        crate::runtime::fault_point("coordinator");
        self.window = go.0;
        for generator in &self.generators {
            generator.do_send(go);
        }
    }
}

impl Handler<ServiceClosed> for Coordinator {
    type Result = ();

    fn handle(&mut self, closed: ServiceClosed, _: &mut Context<Self>) {
        self.total.add(&closed.tally);
        self.report.add(&closed.report);
        self.close_ns.extend(closed.close_ns);
        self.longest_slice_ns = self.longest_slice_ns.max(closed.longest_slice_ns);
        self.slices += closed.slices;
        self.services_closed += 1;
        self.perhaps_fold();
    }
}

impl Handler<UsersDone> for Coordinator {
    type Result = ();

    fn handle(&mut self, done: UsersDone, _: &mut Context<Self>) {
        self.total.agents.add(&done.tally);
        self.began_ns = self.began_ns.max(done.began_ns);
        self.users_done += 1;
        if self.users_done < self.generators.len() {
            self.generators.iter().for_each(|generator| generator.do_send(DayHasToEnd));
        }
        self.perhaps_fold();
    }
}

impl Handler<Ready> for Coordinator {
    type Result = ();

    fn handle(&mut self, _: Ready, _: &mut Context<Self>) {
        self.ready += 1;
        if self.ready == self.generators.len() {
            let _ = self.milestones.send(Milestone::Ready);
        }
    }
}

impl Handler<Finished> for Coordinator {
    type Result = ();

    fn handle(&mut self, _: Finished, _: &mut Context<Self>) {
        self.finished += 1;
        if self.finished == self.generators.len() {
            let _ = self.milestones.send(Milestone::Finished);
        }
    }
}

/// What the coordinator has seen, at the end of a run.
#[derive(Debug, Clone)]
pub(crate) struct CoordinatorReport {
    /// Closes of days in the measured time.
    pub closes: Vec<CloseRecord>,
    /// Drawings approved and declined since the hand-over, of closed days.
    pub drawings: [i64; 2],
    /// Margin of them: commission and the platform's share of tips, fen.
    pub margin_fen: i64,
    /// Amount drawn, fen.
    pub drawn_fen: i64,
    /// The last day that was opened.
    pub day: DayContext,
}

/// Asks for [`CoordinatorReport`].
#[derive(Debug, Message)]
#[rtype(result = "Box<CoordinatorReport>")]
pub(crate) struct Report;

impl Handler<Report> for Coordinator {
    type Result = actix::MessageResult<Report>;

    fn handle(&mut self, _: Report, _: &mut Context<Self>) -> Self::Result {
        actix::MessageResult(Box::new(CoordinatorReport {
            closes: std::mem::take(&mut self.closes),
            drawings: self.drawings,
            margin_fen: self.margin_fen,
            drawn_fen: self.drawn_fen,
            day: self.world.day_context(&self.frame, &self.calendar),
        }))
    }
}
