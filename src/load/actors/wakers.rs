//! How a generator has a user start a step: it puts the step down and wakes the user's task.
//!
//! A user is an actor with a mailbox, and what others send goes there. What the user itself means to do is sent by nobody: it
//! only has to be woken when it is time. A message for it would cost two allocations and a queue, a tenth of what a decision takes.

use crate::agents::step::Step;
use crate::load::core::timers::UserIndex;
use prefetch_index::prefetch_index;
use std::collections::VecDeque;
use std::task::Waker;

/// A step whose time has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DueStep {
    /// When the step was meant to start.
    pub intended_ns: u64,
    /// When the generator could have started it at the earliest, if later: nobody knows what users will do before the service has
    /// shown them their accounts, or answered. The generator's own lag counts from then; latency counts from the intended start all
    /// the same.
    pub known_ns: u64,
    /// The step.
    pub step: Step,
}

/// The wakers of the users of a thread, by user index, and the steps that are ready to be started.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    wakers: Vec<Waker>,
    /// Steps of each user that are ready and have not been taken.
    ready: Vec<u16>,
    /// Those steps. Users mostly wake up in the order in which they were woken.
    steps: VecDeque<(UserIndex, DueStep)>,
}

impl Wakers {
    /// So many more users, none of whom has a waker: who is woken before finds the step when the actor first runs.
    pub(crate) fn add(&mut self, users: usize) {
        self.wakers.resize_with(self.wakers.len() + users, || Waker::noop().clone());
        self.ready.resize(self.wakers.len(), 0);
    }

    /// A user has a waker from now on.
    pub(crate) fn register(&mut self, user: UserIndex, waker: Waker) {
        self.wakers[user as usize] = waker;
    }

    /// Has a waker fetched from memory.
    #[inline]
    pub(crate) fn fetch_ahead(&self, user: UserIndex) {
        prefetch_index(&self.wakers, user as usize);
    }

    /// Puts a step down and wakes its user.
    pub(crate) fn wake(&mut self, user: UserIndex, step: DueStep) {
        self.ready[user as usize] += 1;
        self.steps.push_back((user, step));
        self.wakers[user as usize].wake_by_ref();
    }

    /// A step is ready whose user has not taken it.
    pub(crate) fn has_ready(&self) -> bool {
        !self.steps.is_empty()
    }

    /// The first step of a user that is ready and not taken.
    pub(crate) fn take(&mut self, user: UserIndex) -> Option<DueStep> {
        if self.ready[user as usize] == 0 {
            return None;
        }
        // One whom a message woke up is here before its turn.
        let at = self.steps.iter().position(|(of, _)| *of == user)?;
        self.ready[user as usize] -= 1;
        self.steps.remove(at).map(|(_, step)| step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::step::StepKind;
    use crate::base::ids::Lender;
    use crate::credit::command::{Command, Complaint};
    use crate::testing::wakes::CountWakes;
    use std::sync::Arc;

    fn step(intended_ns: u64) -> DueStep {
        let command = Command::Complain { about: Complaint::Decline };
        DueStep {
            intended_ns,
            known_ns: 0,
            step: Step { second: 0, lender: Lender::FIRST, command, kind: StepKind::Plain },
        }
    }

    #[test]
    fn each_takes_its_own_steps_in_turn_whoever_wakes_up_first() {
        let mut wakers = Wakers::default();
        wakers.add(3);
        let wakes = Arc::new(CountWakes::default());
        wakers.wake(2, step(1)); // before it has a waker
        for user in 0..3 {
            wakers.register(user, Arc::clone(&wakes).into());
        }
        for (user, at_ns) in [(0, 2), (1, 3), (0, 4), (2, 5)] {
            wakers.wake(user, step(at_ns));
        }
        assert_eq!(wakes.count(), 4);
        assert!(wakers.has_ready());
        let mut taken = |user| wakers.take(user).map(|step| step.intended_ns);
        assert_eq!([taken(1), taken(1)], [Some(3), None]);
        assert_eq!([taken(0), taken(0), taken(0)], [Some(2), Some(4), None]);
        assert_eq!([taken(2), taken(2), taken(2)], [Some(1), Some(5), None]);
        assert!(!wakers.has_ready());
    }
}
