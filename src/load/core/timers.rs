//! What is due on a generator's thread, by time.
//!
//! Most things come in the order of their times: thinking takes everybody equally long, and a step follows on the one before after
//! the same while. Those wait in lanes, first come first served; whatever comes out of order, in a heap. With a heap for all of it
//! a twentieth of a loaded thread went into moving entries up and down.

use crate::agents::step::Step;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::ops::Range;

/// Lanes of a queue.
const LANES: usize = 4;

/// A user of one generator thread: those of all its cells, one cell's after the other's.
pub(crate) type UserIndex = u32;

/// What is due at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Due {
    /// A user takes a step.
    Step {
        /// Who.
        user: UserIndex,
        /// What.
        step: Step,
        /// Since when it could be known; it may be later than when the step was meant to start.
        known_ns: u64,
    },
    /// A user asks again.
    Again(UserIndex),
    /// A user of a closed loop has thought and takes the next intent.
    Thought,
    /// A round of auto-debit begins in the cells of this thread.
    Debit(u8),
    /// The simulated day is over.
    Midnight,
}

/// What the queue is ordered by: time, then number, so that equal times keep their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at_ns: u64,
    number: u64,
}

/// An entry of the queue.
#[derive(Debug)]
struct Entry {
    at_ns: u64,
    number: u64,
    due: Due,
}

impl Entry {
    fn key(&self) -> Key {
        Key { at_ns: self.at_ns, number: self.number }
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.key() == other.key()
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// What is due, by time.
#[derive(Debug)]
pub(crate) struct TimerQueue {
    /// Each in order of time.
    lanes: [VecDeque<Entry>; LANES],
    rest: BinaryHeap<Reverse<Entry>>,
    /// The first entry of each lane, and of the heap.
    heads: [Key; LANES + 1],
    number: u64,
}

/// Nothing waits there.
const NOTHING: Key = Key { at_ns: u64::MAX, number: u64::MAX };

impl Default for TimerQueue {
    fn default() -> TimerQueue {
        TimerQueue { lanes: Default::default(), rest: BinaryHeap::new(), heads: [NOTHING; LANES + 1], number: 0 }
    }
}

impl TimerQueue {
    /// Puts something down.
    pub(crate) fn put(&mut self, at_ns: u64, due: Due) {
        self.number += 1;
        let entry = Entry { at_ns, number: self.number, due };
        self.heads[LANES] = self.heads[LANES].min(entry.key());
        self.rest.push(Reverse(entry));
    }

    /// Puts something down that is mostly due after everything that was put into one of these lanes before. It may be due earlier,
    /// and there may be no such lanes: then it only takes longer.
    pub(crate) fn put_in_turn(&mut self, lanes: Range<usize>, at_ns: u64, due: Due) {
        let mut lanes = lanes.start..lanes.end.min(LANES);
        let after = |lane: &usize| self.lanes[*lane].back().is_none_or(|last| last.at_ns <= at_ns);
        let Some(lane) = lanes.find(after) else { return self.put(at_ns, due) };
        self.number += 1;
        let entry = Entry { at_ns, number: self.number, due };
        self.heads[lane] = self.heads[lane].min(entry.key());
        self.lanes[lane].push_back(entry);
    }

    /// The earliest moment.
    pub(crate) fn next_ns(&self) -> Option<u64> {
        let (_, key) = self.earliest();
        (key != NOTHING).then_some(key.at_ns)
    }

    /// What is due by `now_ns`, earliest first.
    #[inline]
    pub(crate) fn pop(&mut self, now_ns: u64) -> Option<(u64, Due)> {
        let (lane, key) = self.earliest();
        if key.at_ns > now_ns || key == NOTHING {
            return None;
        }
        let (entry, head) = match self.lanes.get_mut(lane) {
            Some(queue) => (queue.pop_front(), queue.front()),
            None => (self.rest.pop().map(|entry| entry.0), self.rest.peek().map(|entry| &entry.0)),
        };
        self.heads[lane] = head.map_or(NOTHING, Entry::key);
        entry.map(|entry| (entry.at_ns, entry.due))
    }

    /// The lane (`LANES` for the heap) and the key of the earliest entry.
    #[inline]
    fn earliest(&self) -> (usize, Key) {
        let mut first = (LANES, self.heads[LANES]);
        for lane in 0..LANES {
            if self.heads[lane] < first.1 {
                first = (lane, self.heads[lane]);
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Lanes are a matter of speed alone: whatever goes into which, everything comes out by time, and by turn where times are
        /// equal.
        #[test]
        fn everything_comes_out_in_order(entries in prop::collection::vec((0..40_u64, 0..LANES + 3), 0..200), now in 0..40_u64) {
            let mut timers = TimerQueue::default();
            let mut expected: Vec<(u64, u32)> = Vec::new();
            for (i, (at_ns, lane)) in entries.into_iter().enumerate() {
                if lane == LANES + 2 {
                    timers.put(at_ns, Due::Again(i as u32));
                } else {
                    timers.put_in_turn(lane..lane + 1 + lane % 3, at_ns, Due::Again(i as u32));
                }
                expected.push((at_ns, i as u32));
            }
            expected.sort_unstable();
            for until in [now, u64::MAX] {
                let due = expected.iter().take_while(|(at_ns, _)| *at_ns <= until).count();
                for (at_ns, user) in expected.drain(..due) {
                    prop_assert_eq!(timers.next_ns(), Some(at_ns));
                    let popped = timers.pop(until);
                    prop_assert!(matches!(popped, Some((at, Due::Again(who))) if (at, who) == (at_ns, user)), "{:?}", popped);
                }
                prop_assert!(timers.pop(until).is_none());
            }
        }
    }
}
