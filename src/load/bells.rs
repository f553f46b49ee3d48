//! How a generator tells a user to start a step: it writes the step down and rings the user's bell.
//!
//! A user is an actor with a mailbox, and what others say to it goes there. What the user itself means to do is not said by anybody: it
//! only has to be woken when it is time. A message for it would cost two allocations and a queue, a tenth of what a decision takes.

use crate::agents::step::Step;
use crate::load::crowd::Place;
use prefetch_index::prefetch_index;
use std::collections::VecDeque;
use std::task::Waker;

/// A step whose time has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// When the step was meant to start.
    pub intended_ns: u64,
    /// When the generator learned of it, if later: between two days nobody knows yet what people will do. The generator's own
    /// lag counts from then; latency counts from the intended start all the same.
    pub known_ns: u64,
    /// The step.
    pub step: Step,
}

/// The bells of the users of a thread, by place.
#[derive(Debug, Default)]
pub(crate) struct Bells {
    bells: Vec<Waker>,
    /// Starts of each user that have been rung for and not been taken.
    rung: Vec<u16>,
    /// Those starts. Users mostly wake up in the order in which they were rung for.
    starts: VecDeque<(Place, Start)>,
}

impl Bells {
    /// So many more users, none of whom has a bell: who is rung for before finds the step when the actor first wakes up.
    pub(crate) fn add(&mut self, users: usize) {
        self.bells.resize_with(self.bells.len() + users, || Waker::noop().clone());
        self.rung.resize(self.bells.len(), 0);
    }

    /// A user has a bell from now on.
    pub(crate) fn hang(&mut self, place: Place, bell: Waker) {
        self.bells[place as usize] = bell;
    }

    /// Has a bell fetched from memory.
    #[inline]
    pub(crate) fn fetch_ahead(&self, place: Place) {
        prefetch_index(&self.bells, place as usize);
    }

    /// Writes a step down and wakes its user.
    pub(crate) fn ring(&mut self, place: Place, start: Start) {
        self.rung[place as usize] += 1;
        self.starts.push_back((place, start));
        self.bells[place as usize].wake_by_ref();
    }

    /// The first step that a user has been rung for and has not taken.
    pub(crate) fn take(&mut self, place: Place) -> Option<Start> {
        if self.rung[place as usize] == 0 {
            return None;
        }
        // One whom a message woke up is here before its turn.
        let at = self.starts.iter().position(|(of, _)| *of == place)?;
        self.rung[place as usize] -= 1;
        self.starts.remove(at).map(|(_, start)| start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::step::Thread;
    use crate::credit::command::{Command, Complaint};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Wake;

    struct Rings(AtomicU32);

    impl Wake for Rings {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn start(intended_ns: u64) -> Start {
        let command = Command::Complain { about: Complaint::Decline };
        Start { intended_ns, known_ns: 0, step: Step { second: 0, command, thread: Thread::Plain } }
    }

    #[test]
    fn each_takes_its_own_steps_in_turn_whoever_wakes_up_first() {
        let mut bells = Bells::default();
        bells.add(3);
        let rings = Arc::new(Rings(AtomicU32::new(0)));
        bells.ring(2, start(1)); // before it has a bell
        for place in 0..3 {
            bells.hang(place, Arc::clone(&rings).into());
        }
        for (place, at_ns) in [(0, 2), (1, 3), (0, 4), (2, 5)] {
            bells.ring(place, start(at_ns));
        }
        assert_eq!(rings.0.load(Ordering::Relaxed), 4);
        let mut taken = |place| bells.take(place).map(|start| start.intended_ns);
        assert_eq!([taken(1), taken(1)], [Some(3), None]);
        assert_eq!([taken(0), taken(0), taken(0)], [Some(2), Some(4), None]);
        assert_eq!([taken(2), taken(2), taken(2)], [Some(1), Some(5), None]);
    }
}
