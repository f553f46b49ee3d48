//! What the cells of one service thread share: counters, the journal's batch, answers that wait for the disk.
//!
//! With a journal, a decision is made in memory, written down, and answered when the journal says that it is safe. Records are
//! collected while the thread works through what has come in, then sent in one go; the journal thread puts the batches of all
//! service threads together. When the journal fails, nothing is answered any more: whether a request was done is not known.

use crate::base::ids::{FUNDERS, Lender};
use crate::base::time::{Day, SimTime};
use crate::credit::ClosePhase;
use crate::credit::command::{Reply, Request};
use crate::journal::{CellImage, Commit, Producer, Record, Records};
use crate::load::actors::cell::{CellActor, CellSetup};
use crate::load::actors::cell_link::CellLink;
use crate::load::actors::coordinator::Coordinator;
use crate::load::actors::messages::{Answer, Outcome, ServiceClosed};
use crate::load::clock::Clock;
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
    link: Arc<CellLink>,
    to: oneshot::Sender<Answer>,
    answer: Answer,
}

/// The way into the journal.
struct Journaling {
    producer: Producer,
    batch: Records,
    /// Ticket of the batch that is being collected.
    ticket: u64,
    held: VecDeque<Held>,
}

/// The service of one thread.
pub(crate) struct ServiceWorker {
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
    coordinator: Addr<Coordinator>,
    own: Addr<WorkerActor>,
    journaling: Option<Journaling>,
    /// Images of a snapshot that is being taken.
    images: Vec<CellImage>,
}

impl ServiceWorker {
    /// A cell has closed; when all of the thread have, the coordinator gets what they counted.
    pub(crate) fn cell_closed(&mut self, report: &CellDay, began_ns: u64) {
        self.report.add(report);
        self.close_ns.push(self.clock.now_ns() - began_ns);
        if self.close_ns.len() < self.cells {
            return;
        }
        let tally = Box::new(std::mem::replace(&mut self.tally, self.spare.clone()));
        self.coordinator.do_send(ServiceClosed {
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
        self.journaling.is_some()
    }

    /// Keeps an answer back until the batch that is being collected is safe.
    pub(crate) fn hold(&mut self, link: &Arc<CellLink>, to: oneshot::Sender<Answer>, answer: Answer) {
        if let Some(journaling) = &mut self.journaling {
            journaling.held.push_back(Held { ticket: journaling.ticket, link: Arc::clone(link), to, answer });
        }
    }

    /// Writes a request and its answer down.
    pub(crate) fn journal_request(&mut self, cell: u32, at: SimTime, request: &Request, reply: Reply) {
        if self.journaling.is_some() {
            self.put(&Record::Request { cell, at, request: *request, reply });
        }
    }

    /// Writes a stage of the close of an engine's day down.
    pub(crate) fn journal_close(&mut self, (cell, lender): (u32, Lender), day: Day, stage: ClosePhase) {
        if self.journaling.is_some() {
            self.put(&Record::Close { cell, lender, day, stage });
        }
    }

    /// Writes the opening of an engine's day down.
    pub(crate) fn journal_open(&mut self, (cell, lender): (u32, Lender), day: &DayContext, quota: [i64; FUNDERS]) {
        if self.journaling.is_some() {
            self.put(&Record::Open { cell, lender, day: day.calendar.day, quota, controls: day.controls.clone() });
        }
    }

    fn put(&mut self, record: &Record) {
        let Some(journaling) = &mut self.journaling else { return };
        if journaling.batch.is_empty() {
            // Queues behind what has come in by now: the batch is as large as the load makes it.
            self.own.do_send(Flush);
        }
        journaling.batch.push(record);
    }

    /// Takes the image of a closed cell for a snapshot. With the last one the images go to the journal; records that come in
    /// between belong to the next epoch and wait.
    pub(crate) fn image(&mut self, image: CellImage) {
        if self.images.is_empty() {
            self.flush();
        }
        let Some(journaling) = &mut self.journaling else { return };
        self.images.push(image);
        if self.images.len() < self.cells {
            return;
        }
        let sent = journaling.producer.snapshot(std::mem::take(&mut self.images));
        match sent {
            Ok(()) => self.flush(),
            Err(_) => self.stop(),
        }
    }

    fn flush(&mut self) {
        crate::runtime::fault_point("worker");
        let Some(journaling) = &mut self.journaling else { return };
        if journaling.batch.is_empty() || !self.images.is_empty() {
            return;
        }
        let records = std::mem::replace(&mut journaling.batch, Records::with_capacity(256));
        let sent = journaling.producer.send(records, journaling.ticket);
        journaling.ticket += 1;
        if sent.is_err() {
            self.stop();
        }
    }

    fn committed(&mut self, ticket: u64) {
        let Some(journaling) = &mut self.journaling else { return };
        while journaling.held.front().is_some_and(|held| held.ticket <= ticket) {
            let Some(held) = journaling.held.pop_front() else { return };
            held.link.answer(held.to, held.answer);
        }
    }

    /// The journal has failed, as it says itself: what is held back is never answered as done.
    fn stop(&mut self) {
        self.work = Work::Stopped;
        let Some(journaling) = self.journaling.take() else { return };
        for held in journaling.held {
            held.link.answer(held.to, Answer { outcome: Outcome::Unavailable, ..held.answer });
        }
    }
}

/// Takes the messages of a service thread's worker, and makes its cells.
pub(crate) struct WorkerActor(Option<Rc<RefCell<ServiceWorker>>>);

impl WorkerActor {
    /// A worker without cells.
    pub(crate) fn without_cells() -> WorkerActor {
        WorkerActor(None)
    }

    fn with_worker(&self, act: impl FnOnce(&mut ServiceWorker)) {
        if let Some(worker) = &self.0 {
            act(&mut worker.borrow_mut());
        }
    }
}

impl Actor for WorkerActor {
    type Context = Context<Self>;
}

/// Send what has been collected.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Flush;

impl Handler<Flush> for WorkerActor {
    type Result = ();

    fn handle(&mut self, _: Flush, _: &mut Context<Self>) {
        self.with_worker(ServiceWorker::flush);
    }
}

/// How far the journal is.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Committed(pub Commit);

impl Handler<Committed> for WorkerActor {
    type Result = ();

    fn handle(&mut self, commit: Committed, _: &mut Context<Self>) {
        self.with_worker(|worker| match commit.0 {
            Commit::Safe { ticket } => worker.committed(ticket),
            Commit::Failed(_) => worker.stop(),
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
    pub coordinator: Addr<Coordinator>,
    /// The way into the journal, if there is one.
    pub producer: Option<Producer>,
    /// Its cells.
    pub cells: Vec<CellSetup>,
}

impl Handler<MakeCells> for WorkerActor {
    type Result = MessageResult<MakeCells>;

    fn handle(&mut self, make: MakeCells, ctx: &mut Context<Self>) -> Self::Result {
        let journaling = make.producer.map(|producer| Journaling {
            producer,
            batch: Records::default(),
            ticket: 1,
            held: VecDeque::new(),
        });
        let worker = Rc::new(RefCell::new(ServiceWorker {
            clock: make.clock,
            work: make.work,
            spare: make.empty.clone(),
            tally: make.empty,
            cells: make.cells.len(),
            report: CellDay::default(),
            close_ns: Vec::with_capacity(make.cells.len()),
            longest_slice_ns: 0,
            slices: 0,
            coordinator: make.coordinator,
            own: ctx.address(),
            journaling,
            images: Vec::new(),
        }));
        let start = |setup: CellSetup| (setup.cell as usize, CellActor::new(setup, &make.day, &worker).start());
        let cells = make.cells.into_iter().map(start).collect();
        self.0 = Some(worker);
        MessageResult(cells)
    }
}

/// The run is over: what has been collected goes to the journal, which is closed next.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct ReleaseJournal;

impl Handler<ReleaseJournal> for WorkerActor {
    type Result = ();

    fn handle(&mut self, _: ReleaseJournal, _: &mut Context<Self>) {
        self.with_worker(ServiceWorker::flush);
    }
}
