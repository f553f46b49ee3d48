//! Admission: a counter for each cell's actor, taken before a message is sent and given back with the answer. An actor's own
//! mailbox cannot do this: it bounds each address by itself, not their sum, and a send without waiting has no bound at all.

use crate::clock::wall::user::UserActor;
use actix::Addr;
use std::sync::atomic::{AtomicU32, Ordering};

/// A cell's door: its admission, and the people behind it, by slot. Whoever answers for the cell shares it; to copy an address costs
/// two allocations.
pub struct Door {
    /// Admission.
    pub gate: Gate,
    /// The users of the cell.
    pub users: Vec<Addr<UserActor>>,
}

/// The counter of one cell.
#[derive(Debug)]
pub struct Gate {
    waiting: AtomicU32,
    longest: AtomicU32,
    limit: u32,
}

impl Gate {
    /// A gate that lets `limit` requests in at once.
    pub fn new(limit: u32) -> Gate {
        Gate { waiting: AtomicU32::new(0), longest: AtomicU32::new(0), limit }
    }

    /// Takes a place; false when there is none (the request is shed).
    pub fn enter(&self) -> bool {
        let taken = self
            .waiting
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, |waiting| (waiting < self.limit).then(|| waiting + 1));
        match taken {
            Ok(before) => {
                if before + 1 > self.longest.load(Ordering::Relaxed) {
                    self.longest.fetch_max(before + 1, Ordering::Relaxed);
                }
                true
            }
            Err(_) => false,
        }
    }

    /// Gives a place back.
    ///
    /// # Panics
    /// When nobody is inside: an answer was given twice.
    pub fn leave(&self) {
        let before = self.waiting.fetch_sub(1, Ordering::AcqRel);
        assert!(before > 0, "a place was given back twice");
    }

    /// Most requests that were inside at once.
    pub fn longest(&self) -> u32 {
        self.longest.load(Ordering::Relaxed)
    }

    /// Requests inside now.
    pub fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }
}
