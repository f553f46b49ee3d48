//! Admission: a counter for each cell's actor, taken before a message is sent and given back with the answer. An actor's own
//! mailbox cannot do this: it bounds each address by itself, not their sum, and a send without waiting has no bound at all.

use crate::load::mail::Letters;
use crate::load::messages::Answer;
use crate::load::user::UserActor;
use actix::{Addr, Handler, Message};
use prefetch_index::prefetch_index;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::oneshot;

/// A cell's door: its admission, and the people behind it, by slot. Whoever answers for the cell shares it; to copy an address costs
/// two allocations.
pub(crate) struct Door {
    /// Admission.
    pub gate: Gate,
    users: Vec<Addr<UserActor>>,
    /// What was ever written to each of them.
    letters: Vec<Letters>,
}

impl Door {
    /// The door of a cell that lets `limit` requests in at once.
    pub(crate) fn new(limit: u32, users: Vec<Addr<UserActor>>) -> Door {
        let letters = users.iter().map(|_| Letters::default()).collect();
        Door { gate: Gate::new(limit), users, letters }
    }

    /// Answers a request that was let in: its place is free again.
    pub(crate) fn answer(&self, to: oneshot::Sender<Answer>, answer: Answer) {
        // A user who has left does not care.
        let _ = to.send(answer);
        self.gate.leave();
    }

    /// Writes to a user who has not asked for anything.
    pub(crate) fn write<M>(&self, slot: u32, letter: M)
    where
        M: Message<Result = ()> + Send + 'static,
        UserActor: Handler<M>,
    {
        self.letters[slot as usize].write(&self.users[slot as usize], letter);
    }

    /// What was ever written to a user.
    #[inline]
    pub(crate) fn letters(&self, slot: u32) -> &Letters {
        &self.letters[slot as usize]
    }

    /// Has the count of a user's letters fetched from memory.
    #[inline]
    pub(crate) fn fetch_ahead(&self, slot: usize) {
        prefetch_index(&self.letters, slot);
    }
}

/// The counter of one cell.
#[derive(Debug)]
pub(crate) struct Gate {
    waiting: AtomicU32,
    longest: AtomicU32,
    limit: u32,
}

impl Gate {
    /// A gate that lets `limit` requests in at once.
    pub(crate) fn new(limit: u32) -> Gate {
        Gate { waiting: AtomicU32::new(0), longest: AtomicU32::new(0), limit }
    }

    /// Takes a place; false when there is none (the request is shed).
    pub(crate) fn enter(&self) -> bool {
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
    pub(crate) fn leave(&self) {
        let before = self.waiting.fetch_sub(1, Ordering::AcqRel);
        assert!(before > 0, "a place was given back twice");
    }

    /// Most requests that were inside at once.
    pub(crate) fn longest(&self) -> u32 {
        self.longest.load(Ordering::Relaxed)
    }

    /// Requests inside now.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }
}
