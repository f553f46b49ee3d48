//! Steps that are blocked because their user waits for an answer.
//!
//! Where a rate sets the times nobody's steps have times of their own, and one who waits does nothing else: if those steps were begun
//! all the same, they would wait for each other, and the wait would be taken for the service's. Under overload the day would then
//! wait for those who tip most.

use crate::agents::step::Step;
use crate::load::core::timers::UserIndex;
use std::collections::{BTreeMap, VecDeque};

/// Nobody catches up on more steps than this; the oldest tips give way.
const KEPT_MAX: usize = 64;

/// Blocked steps, by user.
#[derive(Debug, Default)]
pub(crate) struct Blocked {
    steps: BTreeMap<UserIndex, VecDeque<Step>>,
    /// Those among them that belong to the day.
    for_today: usize,
}

impl Blocked {
    /// Keeps a step of a user for later. True when another of theirs is given up for it.
    pub(crate) fn put(&mut self, user: UserIndex, step: Step) -> bool {
        let steps = self.steps.entry(user).or_default();
        steps.push_back(step);
        self.for_today += usize::from(!step.is_tip());
        if steps.len() <= KEPT_MAX {
            return false;
        }
        let missed = steps.iter().position(Step::is_tip).unwrap_or(0);
        let given_up = steps.remove(missed);
        self.for_today -= given_up.map_or(0, |step| usize::from(!step.is_tip()));
        true
    }

    /// The next step of a user who is free again: what belongs to the day comes first, since the day waits for it.
    #[inline]
    pub(crate) fn take(&mut self, user: UserIndex) -> Option<Step> {
        if self.steps.is_empty() {
            return None;
        }
        let steps = self.steps.get_mut(&user)?;
        let step = steps.remove(steps.iter().position(|step| !step.is_tip()).unwrap_or(0))?;
        if steps.is_empty() {
            self.steps.remove(&user);
        }
        self.for_today -= usize::from(!step.is_tip());
        Some(step)
    }

    /// Nothing among them has to be done today.
    pub(crate) fn can_wait(&self) -> bool {
        self.for_today == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::step::StepKind;
    use crate::base::ids::{HostId, Lender};
    use crate::base::money::Fen32;
    use crate::credit::command::{Command, Source};

    fn step(second: u32, command: Command) -> Step {
        Step { second, lender: Lender::FIRST, command, kind: StepKind::Plain }
    }

    fn tip(second: u32) -> Step {
        step(second, Command::Tip { host: HostId(0), amount_fen: Fen32(1) })
    }

    fn payment(second: u32) -> Step {
        step(second, Command::Repay { amount_fen: Fen32(1), source: Source::Voluntary })
    }

    #[test]
    fn each_gets_their_own_in_turn_and_tips_come_last() {
        let mut blocked = Blocked::default();
        for (user, step) in [(7, tip(1)), (3, tip(2)), (7, payment(3))] {
            assert!(!blocked.put(user, step));
        }
        assert!(!blocked.can_wait());
        let mut taken = |user| blocked.take(user).map(|step| step.second);
        assert_eq!([taken(7), taken(7), taken(7), taken(3), taken(3)], [Some(3), Some(1), None, Some(2), None]);
        assert!(blocked.can_wait() && blocked.steps.is_empty());
    }

    #[test]
    fn who_has_too_many_misses_the_oldest_tips() {
        let mut blocked = Blocked::default();
        blocked.put(1, payment(0));
        let given_up = (1..100).filter(|second| blocked.put(1, tip(*second))).count();
        assert_eq!(given_up, 100 - KEPT_MAX);
        let left: Vec<u32> = std::iter::from_fn(|| blocked.take(1)).map(|step| step.second).collect();
        let expected: Vec<u32> = [0].into_iter().chain(100 - KEPT_MAX as u32 + 1..100).collect();
        assert_eq!(left, expected);
        assert!(blocked.can_wait());
    }
}
