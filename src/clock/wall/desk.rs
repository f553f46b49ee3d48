//! What the cells of one service thread share: counters, the journal's batch, answers that wait for the disk.

use crate::base::ids::FUNDERS;
use crate::base::time::{Day, SimTime};
use crate::clock::wall::gate::Gate;
use crate::clock::wall::messages::{Answer, ServiceClosed};
use crate::clock::wall::registrar::Registrar;
use crate::clock::wall::time::Clock;
use crate::clock::wall::user::UserActor;
use crate::credit::CloseStage;
use crate::credit::command::{Reply, Request};
use crate::world::{CellDay, PublishedDay, WorkTally};
use actix::Addr;
use std::sync::Arc;

/// What a service does with requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// The engine decides.
    Real,
    /// Nothing is decided: what generator, mailboxes and queues cost by themselves.
    Null,
    /// The service has stopped, since its journal failed.
    Stopped,
}

/// The desk of a service thread.
pub struct ServiceDesk {
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
}

impl ServiceDesk {
    /// The desk of a thread with `cells` cells.
    pub fn new(clock: Clock, work: Work, empty: WorkTally, cells: usize, registrar: Addr<Registrar>) -> ServiceDesk {
        ServiceDesk {
            clock,
            work,
            spare: empty.clone(),
            tally: empty,
            cells,
            report: CellDay::default(),
            close_ns: Vec::with_capacity(cells),
            longest_slice_ns: 0,
            slices: 0,
            registrar,
        }
    }

    /// A cell has closed; when all of the thread have, the registrar gets what they counted.
    pub fn cell_closed(&mut self, report: &CellDay, began_ns: u64) {
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
    pub fn slice_done(&mut self, began_ns: u64) {
        self.slices += 1;
        self.longest_slice_ns = self.longest_slice_ns.max(self.clock.now_ns() - began_ns);
    }

    /// Answers wait until the journal has their requests.
    pub fn holds_answers(&self) -> bool {
        false
    }

    pub fn hold(&mut self, _user: Addr<UserActor>, _answer: Answer, _gate: Arc<Gate>) {}

    pub fn journal_request(&mut self, _cell: u32, _at: SimTime, _request: &Request, _reply: Reply) {}

    pub fn journal_close(&mut self, _cell: u32, _day: Day, _stage: CloseStage) {}

    pub fn journal_open(&mut self, _cell: u32, _day: &PublishedDay, _quota: [i64; FUNDERS]) {}
}
