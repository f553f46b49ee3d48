//! Arrivals are shared among the generators of a run. Each has people of its own and, under a rate, a stream of arrivals of its
//! own; nobody's day opens before all have ended theirs. By chance one thread's people have less to do than another's, and its
//! arrivals would then wait for the other thread's people, idle, for tens of milliseconds at each midnight: an artefact of the
//! threads, not of the service. So an arrival is taken by another generator whose people clearly have more left to do.

use crate::load::generator_actor::GeneratorActor;
use crate::load::time::MILLI_NS;
use actix::Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Another has clearly more left from so many arrivals on: two milliseconds at 60,000 a second.
const MARGIN: i64 = 128;

/// A generator that has not said for so long what it has left is held up, and is sent nothing.
const FRESH_NS: u64 = MILLI_NS;

/// Time between two looks at the others.
const LOOK_EVERY_NS: u64 = MILLI_NS / 10;

/// What a generator shows the others, on cache lines of its own: two cores that write on one line wait for each other.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Sign {
    /// Arrivals that its people can still take today.
    left: AtomicI64,
    /// When it said so.
    at_ns: AtomicU64,
}

/// The signs of all generators of a run, by number.
#[derive(Clone, Debug)]
pub(crate) struct Signs(Arc<[Sign]>);

impl Signs {
    /// Signs of so many generators, on which nothing stands yet.
    pub(crate) fn new(generators: usize) -> Signs {
        Signs((0..generators).map(|_| Sign::default()).collect())
    }
}

/// One generator's view of the others.
#[derive(Debug)]
pub(crate) struct Share {
    number: usize,
    signs: Signs,
    /// By number, itself included. Empty until all generators are there.
    all: Vec<Addr<GeneratorActor>>,
    /// Users who have planned and arrivals that took a step, ever: how many arrivals the users of a day make.
    planned: u64,
    taken: u64,
    next_look_ns: u64,
}

impl Share {
    /// Generator `number` under these signs.
    pub(crate) fn new(number: usize, signs: Signs) -> Share {
        Share { number, signs, all: Vec::new(), planned: 0, taken: 0, next_look_ns: 0 }
    }

    /// All generators are there, by number.
    pub(crate) fn meet(&mut self, all: Vec<Addr<GeneratorActor>>) {
        self.all = all;
    }

    /// It is time to look at the others again, if there are any.
    pub(crate) fn looks(&mut self, now_ns: u64) -> bool {
        let looks = self.signs.0.len() > 1 && now_ns >= self.next_look_ns;
        if looks {
            self.next_look_ns = now_ns + LOOK_EVERY_NS;
        }
        looks
    }

    /// So many users have planned.
    pub(crate) const fn planned(&mut self, users: usize) {
        self.planned += users as u64;
    }

    /// An arrival has taken a step.
    pub(crate) const fn taken(&mut self) {
        self.taken += 1;
    }

    /// Shows what the own people have left: users who have not planned, steps that are known, less the arrivals that wait.
    /// Returns who should take how many of those that wait, if anybody: half of the difference, so that none comes back.
    pub(crate) fn taker(
        &self,
        unplanned: u32,
        known: usize,
        waiting: usize,
        now_ns: u64,
    ) -> Option<(&Addr<GeneratorActor>, usize)> {
        let own = self.left(unplanned, known, waiting);
        self.show(own, now_ns);
        let (number, count) = self.surplus(own, waiting, now_ns)?;
        let taker = self.all.get(number)?;
        // They are on their way: nobody sends them a second time before the other has counted them.
        self.signs.0[number].left.fetch_sub(count as i64, Ordering::Relaxed);
        Some((taker, count))
    }

    fn left(&self, unplanned: u32, known: usize, waiting: usize) -> i64 {
        let of_unplanned = i64::from(unplanned) * self.taken as i64 / (self.planned as i64).max(1);
        of_unplanned + known as i64 - waiting as i64
    }

    fn show(&self, left: i64, now_ns: u64) {
        let sign = &self.signs.0[self.number];
        sign.left.store(left, Ordering::Relaxed);
        sign.at_ns.store(now_ns, Ordering::Relaxed);
    }

    /// Who has most left among those who are not held up, and how many of the arrivals that wait here are better taken there.
    fn surplus(&self, own: i64, waiting: usize, now_ns: u64) -> Option<(usize, usize)> {
        let others = self.signs.0.iter().enumerate().filter(|(number, _)| *number != self.number);
        let fresh = others.filter(|(_, sign)| now_ns.saturating_sub(sign.at_ns.load(Ordering::Relaxed)) < FRESH_NS);
        let (number, left) =
            fresh.map(|(number, sign)| (number, sign.left.load(Ordering::Relaxed))).max_by_key(|(_, left)| *left)?;
        let count = waiting.min(((left - own) / 2).max(0) as usize);
        (left > own + MARGIN && count > 0).then_some((number, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(number: usize, signs: &Signs) -> Share {
        let mut share = Share::new(number, signs.clone());
        share.planned(1_000);
        (0..500).for_each(|_| share.taken());
        share
    }

    #[test]
    fn the_difference_is_halved_and_nothing_comes_back() {
        let signs = Signs::new(3);
        let (a, b, c) = (share(0, &signs), share(1, &signs), share(2, &signs));
        assert_eq!(a.left(1_000, 20, 5), 1_000 / 2 + 20 - 5, "half of the users make an arrival");
        b.show(b.left(2_000, 0, 0), 7);
        c.show(c.left(1_500, 0, 0), 7);
        a.show(a.left(1_000, 0, 400), 7);
        assert_eq!(a.surplus(100, 400, 8), Some((1, 400)), "as many as wait, to the one with most");
        assert_eq!(a.surplus(100, 1_000, 8), Some((1, 450)), "half of the difference");
        // After that, both have as much left, and neither sends anything.
        b.show(550, 8);
        c.show(550 + MARGIN, 8);
        assert_eq!(a.surplus(550, 550, 8), None, "generator 2 has more, but not clearly");
        assert_eq!(b.surplus(550, 450, 8), None);
    }

    #[test]
    fn one_that_is_held_up_gets_nothing() {
        let signs = Signs::new(2);
        let (a, b) = (share(0, &signs), share(1, &signs));
        b.show(10_000, 5);
        assert_eq!(a.surplus(0, 50, 5 + FRESH_NS - 1), Some((1, 50)));
        assert_eq!(a.surplus(0, 50, 5 + FRESH_NS), None);
    }

    #[test]
    fn it_looks_now_and_then_and_never_alone() {
        let mut one = share(0, &Signs::new(2));
        assert!(one.looks(5) && !one.looks(5 + LOOK_EVERY_NS - 1) && one.looks(5 + LOOK_EVERY_NS));
        assert!(!share(0, &Signs::new(1)).looks(5));
    }
}
