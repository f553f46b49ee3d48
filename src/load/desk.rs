//! What the cells of one service thread share: counters, the journal's batch, answers that wait for the disk.
//!
//! With a journal, a decision is made in memory, written down, and answered when the journal says that it is safe. Records are
//! collected while the thread works through what has come in, then sent in one go; the journal thread puts the batches of all
//! service threads together. When the journal fails, nothing is answered any more: whether a request was done is not known.

use crate::base::ids::FUNDERS;
use crate::base::time::{Day, SimTime};
use crate::credit::command::{Reply, Request};
use crate::credit::{ClosePhase, Engine};
use crate::journal::{CellImage, Commit, Producer, Record, Records};
use crate::load::cell::{CellActor, CellLinks};
use crate::load::gate::Door;
use crate::load::messages::{Answer, Outcome, ServiceClosed};
use crate::load::registrar::Registrar;
use crate::load::time::Clock;
use crate::world::{CellDay, DayContext, WorkTally};
use actix::{Actor, Addr, AsyncContext, Context, Handler, Message, MessageResult};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What a service does with requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// The engine decides.
    Real,
    /// Nothing is decided: what generator, mailboxes and queues cost by themselves.
    Null,
    /// The service has stopped, since its journal failed.
    Stopped,
}

/// An answer that waits until its request is safe.
struct Held {
    ticket: u64,
    door: Arc<Door>,
    to: oneshot::Sender<Answer>,
    answer: Answer,
}

/// The way into the journal.
struct Keeping {
    producer: Producer,
    batch: Records,
    /// Ticket of the batch that is being collected.
    ticket: u64,
    held: VecDeque<Held>,
}

/// The desk of a service thread.
pub(crate) struct ServiceDesk {
    /// The clock of the run.
    pub clock: Clock,
    /// What is done with requests.
    pub work: Work,
    /// What its cells count.
    pub tally: WorkTally,
    spare: WorkTally,
    cells: usize,
    report: CellDay,
    close_ns: Vec<u64>,
    longest_slice_ns: u64,
    slices: u64,
    registrar: Addr<Registrar>,
    own: Addr<DeskActor>,
    keeping: Option<Keeping>,
    /// Images of a snapshot that is being taken.
    images: Vec<CellImage>,
    /// Why the service has stopped.
    failure: Option<String>,
}

impl ServiceDesk {
    /// A cell has closed; when all of the thread have, the registrar gets what they counted.
    pub(crate) fn cell_closed(&mut self, report: &CellDay, began_ns: u64) {
        self.report.add(report);
        self.close_ns.push(self.clock.now_ns() - began_ns);
        if self.close_ns.len() < self.cells {
            return;
        }
        let tally = Box::new(std::mem::replace(&mut self.tally, self.spare.clone()));
        self.registrar.do_send(ServiceClosed {
            tally,
            report: std::mem::take(&mut self.report),
            close_ns: std::mem::take(&mut self.close_ns),
            longest_slice_ns: std::mem::take(&mut self.longest_slice_ns),
            slices: std::mem::take(&mut self.slices),
        });
    }

    /// A slice of a cell's own work, begun at `began_ns`, is over.
    pub(crate) fn slice_done(&mut self, began_ns: u64) {
        self.slices += 1;
        self.longest_slice_ns = self.longest_slice_ns.max(self.clock.now_ns() - began_ns);
    }

    /// Answers wait until the journal has their requests.
    pub(crate) fn holds_answers(&self) -> bool {
        self.keeping.is_some()
    }

    /// Keeps an answer back until the batch that is being collected is safe.
    pub(crate) fn hold(&mut self, door: &Arc<Door>, to: oneshot::Sender<Answer>, answer: Answer) {
        if let Some(keeping) = &mut self.keeping {
            keeping.held.push_back(Held { ticket: keeping.ticket, door: Arc::clone(door), to, answer });
        }
    }

    /// Writes a request and its answer down.
    pub(crate) fn journal_request(&mut self, cell: u32, at: SimTime, request: &Request, reply: Reply) {
        if self.keeping.is_some() {
            self.put(&Record::Request { cell, at, request: *request, reply });
        }
    }

    /// Writes a stage of the close of a cell's day down.
    pub(crate) fn journal_close(&mut self, cell: u32, day: Day, stage: ClosePhase) {
        if self.keeping.is_some() {
            self.put(&Record::Close { cell, day, stage });
        }
    }

    /// Writes the opening of a cell's day down.
    pub(crate) fn journal_open(&mut self, cell: u32, day: &DayContext, quota: [i64; FUNDERS]) {
        if self.keeping.is_some() {
            self.put(&Record::Open { cell, day: day.calendar.day, quota, controls: day.controls.clone() });
        }
    }

    fn put(&mut self, record: &Record) {
        let Some(keeping) = &mut self.keeping else { return };
        if keeping.batch.is_empty() {
            // Queues behind what has come in by now: the batch is as large as the load makes it.
            self.own.do_send(Flush);
        }
        keeping.batch.push(record);
    }

    /// Takes the image of a closed cell for a snapshot. With the last one the images go to the journal; records that come in
    /// between belong to the next epoch and wait.
    pub(crate) fn image(&mut self, image: CellImage) {
        if self.images.is_empty() {
            self.flush();
        }
        let Some(keeping) = &mut self.keeping else { return };
        self.images.push(image);
        if self.images.len() < self.cells {
            return;
        }
        let sent = keeping.producer.snapshot(std::mem::take(&mut self.images));
        match sent {
            Ok(()) => self.flush(),
            Err(error) => self.stop(&error.to_string()),
        }
    }

    fn flush(&mut self) {
        let Some(keeping) = &mut self.keeping else { return };
        if keeping.batch.is_empty() || !self.images.is_empty() {
            return;
        }
        let records = std::mem::replace(&mut keeping.batch, Records::with_capacity(256));
        let sent = keeping.producer.send(records, keeping.ticket);
        keeping.ticket += 1;
        if let Err(error) = sent {
            self.stop(&error.to_string());
        }
    }

    fn committed(&mut self, ticket: u64) {
        let Some(keeping) = &mut self.keeping else { return };
        while keeping.held.front().is_some_and(|held| held.ticket <= ticket) {
            let Some(held) = keeping.held.pop_front() else { return };
            held.door.answer(held.to, held.answer);
        }
    }

    /// The journal has failed: what is held back is never answered as done.
    fn stop(&mut self, why: &str) {
        self.work = Work::Stopped;
        self.failure.get_or_insert_with(|| why.to_string());
        let Some(keeping) = self.keeping.take() else { return };
        for held in keeping.held {
            held.door.answer(held.to, Answer { outcome: Outcome::Unavailable, ..held.answer });
        }
    }
}

/// Takes the messages of a service thread's desk, and makes its cells.
pub(crate) struct DeskActor(Option<Rc<RefCell<ServiceDesk>>>);

impl DeskActor {
    /// A desk without cells.
    pub(crate) fn vacant() -> DeskActor {
        DeskActor(None)
    }

    fn on_desk(&self, act: impl FnOnce(&mut ServiceDesk)) {
        if let Some(desk) = &self.0 {
            act(&mut desk.borrow_mut());
        }
    }
}

impl Actor for DeskActor {
    type Context = Context<Self>;
}

/// Send what has been collected.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Flush;

impl Handler<Flush> for DeskActor {
    type Result = ();

    fn handle(&mut self, _: Flush, _: &mut Context<Self>) {
        self.on_desk(ServiceDesk::flush);
    }
}

/// How far the journal is.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Committed(pub Commit);

impl Handler<Committed> for DeskActor {
    type Result = ();

    fn handle(&mut self, commit: Committed, _: &mut Context<Self>) {
        self.on_desk(|desk| match commit.0 {
            Commit::Safe { ticket } => desk.committed(ticket),
            Commit::Failed(error) => desk.stop(&error.to_string()),
        });
    }
}

/// The cells of a service thread, to be made there.
#[derive(Message)]
#[rtype(result = "Vec<(usize, Addr<CellActor>)>")]
pub(crate) struct MakeCells {
    /// The clock of the run.
    pub clock: Clock,
    /// What is done with requests.
    pub work: Work,
    /// Nothing counted.
    pub empty: WorkTally,
    /// A day to begin with; the first one opens later.
    pub day: Arc<DayContext>,
    /// Who gets the counters.
    pub registrar: Addr<Registrar>,
    /// The way into the journal, if there is one.
    pub producer: Option<Producer>,
    /// Number, engine and links of each cell.
    pub cells: Vec<(usize, Engine, CellLinks)>,
}

impl Handler<MakeCells> for DeskActor {
    type Result = MessageResult<MakeCells>;

    fn handle(&mut self, make: MakeCells, ctx: &mut Context<Self>) -> Self::Result {
        let keeping = make.producer.map(|producer| Keeping {
            producer,
            batch: Records::default(),
            ticket: 1,
            held: VecDeque::new(),
        });
        let desk = Rc::new(RefCell::new(ServiceDesk {
            clock: make.clock,
            work: make.work,
            spare: make.empty.clone(),
            tally: make.empty,
            cells: make.cells.len(),
            report: CellDay::default(),
            close_ns: Vec::with_capacity(make.cells.len()),
            longest_slice_ns: 0,
            slices: 0,
            registrar: make.registrar,
            own: ctx.address(),
            keeping,
            images: Vec::new(),
            failure: None,
        }));
        let start = |(cell, engine, links): (usize, Engine, CellLinks)| {
            (cell, CellActor::new(cell as u32, engine, &make.day, links, &desk).start())
        };
        let cells = make.cells.into_iter().map(start).collect();
        self.0 = Some(desk);
        MessageResult(cells)
    }
}

/// Asks why the service has stopped, if it has. The way into the journal is given up, so that the journal can be closed.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Option<String>")]
pub(crate) struct LetGo;

impl Handler<LetGo> for DeskActor {
    type Result = MessageResult<LetGo>;

    fn handle(&mut self, _: LetGo, _: &mut Context<Self>) -> Self::Result {
        let desk = self.0.as_ref();
        MessageResult(desk.and_then(|desk| {
            let desk = &mut *desk.borrow_mut();
            desk.flush();
            desk.failure.take()
        }))
    }
}
