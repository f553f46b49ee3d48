//! Admission: a counter for each cell's actor. A seat is taken before a message is sent and given back with the answer. An actor's
//! own mailbox cannot do this: it bounds each address by itself, not their sum, and a send without waiting has no bound at all.

use std::sync::atomic::{AtomicU32, Ordering};

/// The seats of one cell.
#[derive(Debug)]
pub(crate) struct Admission {
    taken: AtomicU32,
    most_taken: AtomicU32,
    seats: u32,
}

impl Admission {
    /// Admission to a cell that has `seats` requests in its queue at most.
    pub(crate) fn new(seats: u32) -> Admission {
        Admission { taken: AtomicU32::new(0), most_taken: AtomicU32::new(0), seats }
    }

    /// Takes a seat; false when there is none (the request is shed).
    pub(crate) fn take_seat(&self) -> bool {
        let taken = self
            .taken
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, |taken| (taken < self.seats).then(|| taken + 1));
        match taken {
            Ok(before) => {
                if before + 1 > self.most_taken.load(Ordering::Relaxed) {
                    self.most_taken.fetch_max(before + 1, Ordering::Relaxed);
                }
                true
            }
            Err(_) => false,
        }
    }

    /// Gives a seat back.
    ///
    /// # Panics
    /// When none is taken: an answer was given twice.
    pub(crate) fn give_back_seat(&self) {
        let before = self.taken.fetch_sub(1, Ordering::AcqRel);
        assert!(before > 0, "a seat was given back twice");
    }

    /// Most seats that were taken at once.
    pub(crate) fn most_taken(&self) -> u32 {
        self.most_taken.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::{Fabric, Threads};

    #[test]
    fn a_hundred_thousand_senders_never_take_more_seats_than_there_are() {
        let admission = Admission::new(64);
        let (inside, most, shed) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
        Threads::new(4).superstep(100_000, &|_, sender| {
            if admission.take_seat() {
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                if sender % 7 != 0 {
                    inside.fetch_sub(1, Ordering::SeqCst);
                    admission.give_back_seat();
                }
            } else {
                shed.fetch_add(1, Ordering::SeqCst);
            }
        });
        // Every seventh sender keeps its seat, so all are taken in the end and the rest is shed.
        let taken = admission.taken.load(Ordering::SeqCst);
        assert_eq!((most.load(Ordering::SeqCst), admission.most_taken(), taken), (64, 64, 64));
        assert!(shed.load(Ordering::SeqCst) > 50_000);
    }

    #[test]
    #[should_panic(expected = "given back twice")]
    fn a_seat_is_given_back_once() {
        let admission = Admission::new(1);
        assert!(admission.take_seat());
        admission.give_back_seat();
        admission.give_back_seat();
    }
}
