//! What is recorded of requests in an interval: how they ended, and how long they took.

use crate::measure::latency::operation::{OPERATIONS, Operation};
use crate::measure::latency::quantile;
use hdrhistogram::Histogram;

/// How requests of one operation ended. Every offered request ends in exactly one of `approved`, `declined`, `shed`, `late`,
/// `unavailable`, `abandoned`, `unsent` or is still outstanding at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OperationCounts {
    /// Intended to start.
    pub offered: u64,
    /// Messages sent to the service, retries included.
    pub sent: u64,
    /// Messages that found room in a cell's queue.
    pub admitted: u64,
    /// Decided: done, approved or sent to review.
    pub approved: u64,
    /// Decided: declined or refused, with a reason.
    pub declined: u64,
    /// Ended without a decision since the queue was full at every try.
    pub shed: u64,
    /// Ended without a decision since the deadline had passed when its turn came.
    pub late: u64,
    /// Ended without a decision since the service had stopped.
    pub unavailable: u64,
    /// The user lost patience before an answer came.
    pub abandoned: u64,
    /// Asked again under the same number.
    pub retried: u64,
    /// Intended but not sent when the run ended.
    pub unsent: u64,
}

impl OperationCounts {
    /// Requests with a decision.
    pub(crate) const fn decided(&self) -> u64 {
        self.approved + self.declined
    }

    /// Requests that ended without one.
    pub(crate) const fn errors(&self) -> u64 {
        self.shed + self.late + self.unavailable + self.abandoned + self.unsent
    }

    /// Requests that are over, with a decision or without.
    pub(crate) const fn ended(&self) -> u64 {
        self.decided() + self.errors()
    }

    /// Adds others.
    pub(crate) const fn add(&mut self, other: &OperationCounts) {
        self.offered += other.offered;
        self.sent += other.sent;
        self.admitted += other.admitted;
        self.approved += other.approved;
        self.declined += other.declined;
        self.shed += other.shed;
        self.late += other.late;
        self.unavailable += other.unavailable;
        self.abandoned += other.abandoned;
        self.retried += other.retried;
        self.unsent += other.unsent;
    }
}

/// One operation over an interval or a run.
#[derive(Clone, Debug)]
pub(crate) struct OperationRecord {
    /// How requests ended.
    pub counts: OperationCounts,
    /// Decided requests: nanoseconds from the intended start to the answer.
    pub latency_ns: Histogram<u64>,
    /// Nanoseconds that the service itself worked on the request.
    pub service_ns: Histogram<u64>,
}

/// Shortest and longest times that are told apart: 64 ns to two minutes, three digits. Longer ones count as two minutes.
pub(crate) const LATENCY_NS_BOUNDS: (u64, u64) = (64, 120_000_000_000);

/// An empty histogram of nanoseconds.
pub(crate) fn histogram_ns() -> Histogram<u64> {
    let (low, high) = LATENCY_NS_BOUNDS;
    Histogram::new_with_bounds(low, high, 3).unwrap_or_else(|_| unreachable!("constant bounds of a histogram"))
}

impl Default for OperationRecord {
    fn default() -> Self {
        OperationRecord { counts: OperationCounts::default(), latency_ns: histogram_ns(), service_ns: histogram_ns() }
    }
}

/// Everything recorded in one interval (or over a whole run, when intervals are added).
#[derive(Clone, Debug)]
pub(crate) struct IntervalRecord {
    /// By operation, [`Operation`] order.
    pub operations: Vec<OperationRecord>,
    /// Nanoseconds by which dispatches came after the intended start: the generator's own lateness.
    pub lag_ns: Histogram<u64>,
}

impl Default for IntervalRecord {
    fn default() -> Self {
        IntervalRecord { operations: vec![OperationRecord::default(); OPERATIONS], lag_ns: histogram_ns() }
    }
}

/// A generator on threads of its own is late beyond measure when the p99 of its lag is above this, nanoseconds.
pub(crate) const LAG_NS_P99_MAX: u64 = 1_000_000;

/// Where too few starts carry that p99: a generator of which one start in a hundred comes that late has as many late ones with less
/// than this probability.
const LATE_BY_LUCK_MAX: f64 = 1e-4;

/// That a generator was late beyond measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lateness {
    /// Starts.
    pub starts: u64,
    /// Those that came later than [`LAG_NS_P99_MAX`].
    pub late: u64,
    /// p99 of the lag, nanoseconds, where so many starts carry one.
    pub lag_ns_p99: Option<u64>,
}

impl IntervalRecord {
    /// How late the generator was, when it is beyond measure. Judged at any number of starts, by what they can tell: by the p99
    /// where it is known, else by whether so many late ones can be bad luck.
    pub(crate) fn lateness(&self) -> Option<Lateness> {
        let (starts, late) = (self.lag_ns.len(), quantile::count_above(&self.lag_ns, LAG_NS_P99_MAX));
        let lag_ns_p99 = quantile::quantile(&self.lag_ns, 0.99);
        let beyond_measure = match lag_ns_p99 {
            Some(lag_ns) => lag_ns > LAG_NS_P99_MAX,
            None => quantile::probability_of_at_least(late, starts, 0.01) < LATE_BY_LUCK_MAX,
        };
        beyond_measure.then_some(Lateness { starts, late, lag_ns_p99 })
    }

    /// One operation.
    pub(crate) fn of(&self, operation: Operation) -> &OperationRecord {
        &self.operations[operation as usize]
    }

    /// One operation, to record into.
    pub(crate) fn of_mut(&mut self, operation: Operation) -> &mut OperationRecord {
        &mut self.operations[operation as usize]
    }

    /// Adds another thread's or interval's record.
    pub(crate) fn add(&mut self, other: &IntervalRecord) {
        // Adding histograms of the same bounds cannot fail.
        for (sum, part) in self.operations.iter_mut().zip(&other.operations) {
            sum.counts.add(&part.counts);
            let _ = sum.latency_ns.add(&part.latency_ns);
            let _ = sum.service_ns.add(&part.service_ns);
        }
        let _ = self.lag_ns.add(&other.lag_ns);
    }

    /// Forgets everything and keeps the memory.
    pub(crate) fn clear(&mut self) {
        for operation in &mut self.operations {
            operation.counts = OperationCounts::default();
            operation.latency_ns.reset();
            operation.service_ns.reset();
        }
        self.lag_ns.reset();
    }

    /// Counts of all requests (the close of a day is none).
    pub(crate) fn all_counts(&self) -> OperationCounts {
        let mut sum = OperationCounts::default();
        Operation::REQUESTS.iter().for_each(|&operation| sum.add(&self.of(operation).counts));
        sum
    }

    /// Counts of purchases and tips. (Cards are counted together with their redemptions, which are no drawings.)
    pub(crate) fn drawing_counts(&self) -> OperationCounts {
        let mut sum = self.of(Operation::Authorise).counts;
        sum.add(&self.of(Operation::Tip).counts);
        sum
    }

    /// Latency of all requests together.
    pub(crate) fn all_latency_ns(&self) -> Histogram<u64> {
        self.all_of(|record| &record.latency_ns)
    }

    /// Service time of all requests together.
    pub(crate) fn all_service_ns(&self) -> Histogram<u64> {
        self.all_of(|record| &record.service_ns)
    }

    fn all_of(&self, which: fn(&OperationRecord) -> &Histogram<u64>) -> Histogram<u64> {
        let mut sum = histogram_ns();
        for &operation in Operation::REQUESTS {
            // Histograms of the same bounds always add.
            let _ = sum.add(which(self.of(operation)));
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of so many starts, so many came 2 ms late.
    fn lateness(starts: u64, late: u64) -> Option<Lateness> {
        let mut record = IntervalRecord::default();
        (0..starts).for_each(|n| record.lag_ns.saturating_record(if n < late { 2 * LAG_NS_P99_MAX } else { 1_000 }));
        record.lateness()
    }

    #[test]
    fn lateness_is_judged_at_any_number_of_starts() {
        // Binomial: 3 of 3 have 1e-6, 2 of 3 have 3e-4; 6 of 60 have 4e-5, 5 of 60 have 4e-4.
        for (starts, late) in [(3, 3), (60, 6), (145, 140), (999, 40), (5_000, 51)] {
            let found = lateness(starts, late).unwrap_or_else(|| panic!("{late} of {starts}"));
            assert_eq!((found.starts, found.late, found.lag_ns_p99.is_some()), (starts, late, starts >= 1_000));
        }
        for (starts, late) in [(0, 0), (1, 1), (3, 2), (60, 5), (999, 15), (5_000, 49)] {
            assert_eq!(lateness(starts, late), None, "{late} of {starts}");
        }
    }
}
