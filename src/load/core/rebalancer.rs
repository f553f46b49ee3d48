//! Arrivals are rebalanced among the generators of a run. Each has users of its own and, under a rate, a stream of arrivals of its
//! own; nobody's day opens before all have ended theirs. By chance one thread's users have less to do than another's, and its
//! arrivals would then wait for the other thread's users, idle, for tens of milliseconds at each midnight: an artefact of the
//! threads, not of the service. So an arrival is taken by another generator whose users clearly have more left to do.

use crate::load::core::time::MILLI_NS;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Another has clearly more left from so many arrivals on: two milliseconds at 60,000 a second.
const MARGIN: i64 = 128;

/// A generator that has not reported for so long what it has left is held up, and is sent nothing.
const FRESH_NS: u64 = MILLI_NS;

/// Time between two comparisons with the others.
const COMPARE_EVERY_NS: u64 = MILLI_NS / 10;

/// What a generator reports to the others, on cache lines of its own: two cores that write on one line wait for each other.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Backlog {
    /// Arrivals that its users can still take today.
    left: AtomicI64,
    /// When it reported that.
    at_ns: AtomicU64,
}

/// The backlogs of all generators of a run, by number.
#[derive(Clone, Debug)]
pub(crate) struct Backlogs(Arc<[Backlog]>);

impl Backlogs {
    /// Backlogs of so many generators, none of which has reported yet.
    pub(crate) fn new(generators: usize) -> Backlogs {
        Backlogs((0..generators).map(|_| Backlog::default()).collect())
    }
}

/// What a generator has to do this day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnWork {
    /// Users who have not planned.
    pub unplanned: u32,
    /// Steps that are known and have not begun.
    pub steps: usize,
    /// Arrivals that wait for a step.
    pub arrivals: usize,
}

/// One generator's view of the others.
#[derive(Debug)]
pub(crate) struct Rebalancer {
    number: usize,
    backlogs: Backlogs,
    /// Users who have planned and arrivals that took a step, ever: how many arrivals the users of a day make.
    planned: u64,
    taken: u64,
    next_ns: u64,
}

/// Who takes arrivals over, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taker {
    /// Number of the generator.
    pub number: usize,
    /// Arrivals.
    pub count: usize,
}

impl Rebalancer {
    /// Generator `number` of those with these backlogs.
    pub(crate) fn new(number: usize, backlogs: Backlogs) -> Rebalancer {
        Rebalancer { number, backlogs, planned: 0, taken: 0, next_ns: 0 }
    }

    /// It is time to compare with the others again, if there are any.
    pub(crate) fn is_time(&mut self, now_ns: u64) -> bool {
        let is_time = self.backlogs.0.len() > 1 && now_ns >= self.next_ns;
        if is_time {
            self.next_ns = now_ns + COMPARE_EVERY_NS;
        }
        is_time
    }

    /// So many users have planned.
    pub(crate) const fn planned(&mut self, users: usize) {
        self.planned += users as u64;
    }

    /// An arrival has taken a step.
    pub(crate) const fn taken(&mut self) {
        self.taken += 1;
    }

    /// Reports what the own users have left: users who have not planned, steps that are known, less the arrivals that wait.
    /// Returns who should take some of those that wait, if anybody: half of the difference, so that none comes back.
    pub(crate) fn taker(&self, work: OwnWork, now_ns: u64) -> Option<Taker> {
        let own = self.left(work);
        self.report(own, now_ns);
        let taker = self.surplus(own, work.arrivals, now_ns)?;
        // They are on their way: nobody sends them a second time before the other has counted them.
        self.backlogs.0[taker.number].left.fetch_sub(taker.count as i64, Ordering::Relaxed);
        Some(taker)
    }

    fn left(&self, work: OwnWork) -> i64 {
        let of_unplanned = i64::from(work.unplanned) * self.taken as i64 / (self.planned as i64).max(1);
        of_unplanned + work.steps as i64 - work.arrivals as i64
    }

    fn report(&self, left: i64, now_ns: u64) {
        let backlog = &self.backlogs.0[self.number];
        backlog.left.store(left, Ordering::Relaxed);
        backlog.at_ns.store(now_ns, Ordering::Relaxed);
    }

    /// Who has most left among those who are not held up, and how many of the arrivals that wait here are better taken there.
    fn surplus(&self, own: i64, waiting: usize, now_ns: u64) -> Option<Taker> {
        let others = self.backlogs.0.iter().enumerate().filter(|(number, _)| *number != self.number);
        let fresh =
            others.filter(|(_, backlog)| now_ns.saturating_sub(backlog.at_ns.load(Ordering::Relaxed)) < FRESH_NS);
        let (number, left) = fresh
            .map(|(number, backlog)| (number, backlog.left.load(Ordering::Relaxed)))
            .max_by_key(|(_, left)| *left)?;
        let count = waiting.min(((left - own) / 2).max(0) as usize);
        (left > own + MARGIN && count > 0).then_some(Taker { number, count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rebalancer(number: usize, backlogs: &Backlogs) -> Rebalancer {
        let mut rebalancer = Rebalancer::new(number, backlogs.clone());
        rebalancer.planned(1_000);
        (0..500).for_each(|_| rebalancer.taken());
        rebalancer
    }

    #[test]
    fn the_difference_is_halved_and_nothing_comes_back() {
        let backlogs = Backlogs::new(3);
        let (a, b, c) = (rebalancer(0, &backlogs), rebalancer(1, &backlogs), rebalancer(2, &backlogs));
        assert_eq!(
            a.left(OwnWork { unplanned: 1_000, steps: 20, arrivals: 5 }),
            1_000 / 2 + 20 - 5,
            "half of the users make an arrival"
        );
        b.report(b.left(OwnWork { unplanned: 2_000, steps: 0, arrivals: 0 }), 7);
        c.report(c.left(OwnWork { unplanned: 1_500, steps: 0, arrivals: 0 }), 7);
        a.report(a.left(OwnWork { unplanned: 1_000, steps: 0, arrivals: 400 }), 7);
        assert_eq!(
            a.surplus(100, 400, 8),
            Some(Taker { number: 1, count: 400 }),
            "as many as wait, to the one with most"
        );
        assert_eq!(a.surplus(100, 1_000, 8), Some(Taker { number: 1, count: 450 }), "half of the difference");
        // After that, both have as much left, and neither sends anything.
        b.report(550, 8);
        c.report(550 + MARGIN, 8);
        assert_eq!(a.surplus(550, 550, 8), None, "generator 2 has more, but not clearly");
        assert_eq!(b.surplus(550, 450, 8), None);
    }

    #[test]
    fn one_that_is_held_up_gets_nothing() {
        let backlogs = Backlogs::new(2);
        let (a, b) = (rebalancer(0, &backlogs), rebalancer(1, &backlogs));
        b.report(10_000, 5);
        assert_eq!(a.surplus(0, 50, 5 + FRESH_NS - 1), Some(Taker { number: 1, count: 50 }));
        assert_eq!(a.surplus(0, 50, 5 + FRESH_NS), None);
    }

    #[test]
    fn it_compares_now_and_then_and_never_alone() {
        let mut one = rebalancer(0, &Backlogs::new(2));
        assert!(one.is_time(5) && !one.is_time(5 + COMPARE_EVERY_NS - 1) && one.is_time(5 + COMPARE_EVERY_NS));
        assert!(!rebalancer(0, &Backlogs::new(1)).is_time(5));
    }
}
