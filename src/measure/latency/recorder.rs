//! From the threads that record to the seconds of a run.
//!
//! ```text
//! thread ── Recorder ──┐ full record of a second          ┌── SecondRecord, kept
//! thread ── Recorder ──┼───────────────▶ Collector ───────┼── sum of the second, for whoever writes a log; then reused
//! thread ── Recorder ──┘ ◀─────────────── empty record    └── total
//! ```
//!
//! Records are boxes that go round: a recorder never clears a histogram, and the collector never allocates one after the first
//! seconds. No clock is read here; the numbers of seconds are arguments.

use super::{IntervalRecord, OPERATIONS, Operation, OperationCounts, SecondRecord, histogram_ns, quantile};
use crate::base::time::SimTime;
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Decided: done, approved or sent to review.
    Approved,
    /// Decided: declined or refused.
    Declined,
    /// Shed at every try.
    Shed,
    /// Past its deadline at every try.
    Late,
    /// The service had stopped.
    Unavailable,
    /// The user lost patience.
    Abandoned,
    /// Not sent when the run ended.
    Unsent,
}

/// Records go round in boxes: what is passed on is a pointer, not the record's ten histograms.
type Records = Vec<Box<IntervalRecord>>;

/// Full and empty records between threads. Locked once a second and thread; a lock is held for a push or a pop.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    full: Mutex<Vec<(u64, Box<IntervalRecord>)>>,
    empty: Mutex<Records>,
}

impl Exchange {
    /// An exchange with as many empty records at hand.
    pub(crate) fn new(spare: usize) -> Arc<Exchange> {
        let empty = (0..spare).map(|_| Box::default()).collect();
        Arc::new(Exchange { full: Mutex::default(), empty: Mutex::new(empty) })
    }

    fn take_empty(&self) -> Box<IntervalRecord> {
        // A thread that panicked holding the lock left a list that is whole: push and pop do not tear.
        self.empty.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_empty(&self, record: Box<IntervalRecord>) {
        self.empty.lock().unwrap_or_else(PoisonError::into_inner).push(record);
    }

    fn give_full(&self, second: u64, record: Box<IntervalRecord>) {
        self.full.lock().unwrap_or_else(PoisonError::into_inner).push((second, record));
    }

    fn take_full(&self) -> Vec<(u64, Box<IntervalRecord>)> {
        std::mem::take(&mut *self.full.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What one thread records. Owned by it; nothing here blocks but [`Recorder::second_over`], for a push and a pop.
#[derive(Debug)]
pub(crate) struct Recorder {
    current: Box<IntervalRecord>,
    exchange: Arc<Exchange>,
}

impl Recorder {
    /// A recorder that hands its seconds over through `exchange`.
    pub(crate) fn new(exchange: &Arc<Exchange>) -> Recorder {
        Recorder { current: exchange.take_empty(), exchange: exchange.clone() }
    }

    /// A request was due `lag_ns` before it was dispatched. Counts it as offered.
    #[inline]
    pub(crate) fn offered(&mut self, operation: Operation, lag_ns: u64) {
        self.counts(operation).offered += 1;
        self.current.lag_ns.saturating_record(lag_ns);
    }

    /// A message went to the service; `again` when the request was sent before.
    #[inline]
    pub(crate) fn sent(&mut self, operation: Operation, again: bool) {
        let counts = self.counts(operation);
        counts.sent += 1;
        counts.retried += u64::from(again);
    }

    /// A message found room in the queue of its cell.
    #[inline]
    pub(crate) fn admitted(&mut self, operation: Operation) {
        self.counts(operation).admitted += 1;
    }

    /// The request was decided, `latency_ns` after its intended start; the service worked `service_ns` on it.
    #[inline]
    pub(crate) fn decided(&mut self, operation: Operation, approved: bool, latency_ns: u64, service_ns: u64) {
        let record = self.current.of_mut(operation);
        if approved {
            record.counts.approved += 1;
        } else {
            record.counts.declined += 1;
        }
        record.latency_ns.saturating_record(latency_ns);
        record.service_ns.saturating_record(service_ns);
    }

    /// A request ended in some way that is no decision. (For decisions, which have times, there is [`Recorder::decided`].)
    #[inline]
    pub(crate) fn ended(&mut self, operation: Operation, ending: Ending) {
        let counts = self.counts(operation);
        match ending {
            Ending::Approved => counts.approved += 1,
            Ending::Declined => counts.declined += 1,
            Ending::Shed => counts.shed += 1,
            Ending::Late => counts.late += 1,
            Ending::Unavailable => counts.unavailable += 1,
            Ending::Abandoned => counts.abandoned += 1,
            Ending::Unsent => counts.unsent += 1,
        }
    }

    /// Work that is no request, such as the close of a cell's day: its time without counts of requests.
    #[inline]
    pub(crate) fn worked(&mut self, operation: Operation, total_ns: u64, longest_slice_ns: u64) {
        let record = self.current.of_mut(operation);
        record.latency_ns.saturating_record(total_ns);
        record.service_ns.saturating_record(longest_slice_ns);
    }

    /// The counters of an operation, for what has no method here.
    #[inline]
    pub(crate) fn counts(&mut self, operation: Operation) -> &mut OperationCounts {
        &mut self.current.of_mut(operation).counts
    }

    /// Hands over what was recorded as part of second `second`, and goes on with an empty record. Every thread calls it once
    /// for each second, also for those in which it did nothing.
    pub(crate) fn second_over(&mut self, second: u64) {
        let full = std::mem::replace(&mut self.current, self.exchange.take_empty());
        self.exchange.give_full(second, full);
    }

    /// Throws away what was recorded since the last second: the end of the warm-up.
    pub(crate) fn forget(&mut self) {
        self.current.clear();
    }
}

/// What the collector cannot know of a second.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SecondFacts {
    /// Start after the start of the measured time, milliseconds.
    pub at_ms: u64,
    /// Simulated moment at its start.
    pub simulated: SimTime,
    /// CPU by thread, share of one core.
    pub cpu_share: Vec<f64>,
    /// Resident memory at its end, bytes.
    pub rss_bytes: u64,
}

/// Adds the parts of all threads. Keeps a [`SecondRecord`] (some 1.7 KB) a second and the total; histograms of seconds are
/// forgotten when the next second is finished.
#[derive(Debug)]
pub(crate) struct Collector {
    exchange: Arc<Exchange>,
    threads: usize,
    open: BTreeMap<u64, (Box<IntervalRecord>, usize)>,
    last: Option<Box<IntervalRecord>>,
    scratch: Histogram<u64>,
    outstanding: i64,
    total: IntervalRecord,
    seconds: Vec<SecondRecord>,
}

impl Collector {
    /// For `threads` recorders of one exchange. `outstanding`: requests offered before the measured time and not ended.
    pub(crate) fn new(exchange: &Arc<Exchange>, threads: usize, outstanding: u64) -> Collector {
        Collector {
            exchange: exchange.clone(),
            threads,
            open: BTreeMap::new(),
            last: None,
            scratch: histogram_ns(),
            outstanding: outstanding as i64,
            total: IntervalRecord::default(),
            seconds: Vec::new(),
        }
    }

    /// Takes what the threads have handed over. Returns the earliest second that all of them have delivered and nobody has
    /// finished.
    pub(crate) fn ready(&mut self) -> Option<u64> {
        for (second, record) in self.exchange.take_full() {
            match self.open.get_mut(&second) {
                Some((sum, parts)) => {
                    sum.add(&record);
                    *parts += 1;
                    self.give_back(record);
                }
                None => {
                    self.open.insert(second, (record, 1));
                }
            }
        }
        let (second, (_, parts)) = self.open.first_key_value()?;
        (*parts >= self.threads).then_some(*second)
    }

    /// Ends the earliest open second, whole or not: makes its [`SecondRecord`], adds it to the total. Returns both the row and
    /// the sum of all threads, which lives until the next call. `None` when no second is open.
    pub(crate) fn finish(&mut self, facts: SecondFacts) -> Option<(&SecondRecord, &IntervalRecord)> {
        let (_, (sum, _)) = self.open.pop_first()?;
        let mut row = SecondRecord {
            at_ms: facts.at_ms,
            simulated: facts.simulated,
            cpu_share: facts.cpu_share,
            rss_bytes: facts.rss_bytes,
            ..SecondRecord::default()
        };
        self.scratch.reset();
        for (i, operation) in Operation::ALL.into_iter().enumerate() {
            let part = sum.of(operation);
            row.counts[i] = part.counts;
            row.latency_ns[i] = quantile::row(&part.latency_ns);
            if operation != Operation::CloseOfDay {
                self.outstanding += part.counts.offered as i64 - part.counts.ended() as i64;
                // Histograms of the same bounds always add.
                let _ = self.scratch.add(&part.latency_ns);
            }
        }
        row.all_latency_ns = quantile::row(&self.scratch);
        row.backlog = self.outstanding.max(0) as u64;
        self.total.add(&sum);
        self.seconds.push(row);
        if let Some(former) = self.last.replace(sum) {
            self.give_back(former);
        }
        self.seconds.last().zip(self.last.as_deref())
    }

    /// Number of seconds finished.
    pub(crate) fn finished(&self) -> usize {
        self.seconds.len()
    }

    /// All finished seconds added, so far.
    pub(crate) fn total(&self) -> &IntervalRecord {
        &self.total
    }

    /// The total and the rows, at the end. Seconds that nobody finished are lost: finish them first.
    pub(crate) fn into_parts(self) -> (IntervalRecord, Vec<SecondRecord>) {
        (self.total, self.seconds)
    }

    fn give_back(&self, mut record: Box<IntervalRecord>) {
        record.clear();
        self.exchange.give_empty(record);
    }
}

impl OperationCounts {
    /// Requests that are over, with a decision or without.
    pub(crate) const fn ended(&self) -> u64 {
        self.decided() + self.errors()
    }
}

impl IntervalRecord {
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

    fn all_of(&self, which: fn(&super::OperationRecord) -> &Histogram<u64>) -> Histogram<u64> {
        let mut sum = histogram_ns();
        for &operation in &Operation::REQUESTS {
            // Histograms of the same bounds always add.
            let _ = sum.add(which(self.of(operation)));
        }
        sum
    }
}

impl SecondRecord {
    /// Counts of all requests in the second (the close of a day is none).
    pub(crate) fn all_counts(&self) -> OperationCounts {
        let mut sum = OperationCounts::default();
        self.counts.iter().take(OPERATIONS - 1).for_each(|counts| sum.add(counts));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_of_all_threads_are_added_and_their_memory_goes_round() {
        let exchange = Exchange::new(4);
        let mut threads: Vec<Recorder> = (0..2).map(|_| Recorder::new(&exchange)).collect();
        let mut collector = Collector::new(&exchange, 2, 3);
        for second in 0..50_u64 {
            for (i, thread) in threads.iter_mut().enumerate() {
                for n in 0..1_500 {
                    thread.offered(Operation::Tip, 500);
                    thread.sent(Operation::Tip, n == 0);
                    thread.decided(Operation::Tip, n % 3 > 0, 1_000_000 * (second + 1) + n, 2_000);
                }
                thread.offered(Operation::Repay, 100);
                thread.ended(Operation::Repay, if i == 0 { Ending::Shed } else { Ending::Abandoned });
                thread.offered(Operation::Apply, 100);
                thread.worked(Operation::CloseOfDay, 9_000_000, 100_000);
            }
            threads[0].second_over(second);
            assert_eq!(collector.ready(), None, "one thread has not delivered");
            threads[1].second_over(second);
            assert_eq!(collector.ready(), Some(second));
            let facts = SecondFacts { at_ms: second * 1_000, ..SecondFacts::default() };
            let (row, sum) = collector.finish(facts).expect("a second is open");
            assert_eq!(row.backlog, 3 + 2 * (second + 1), "applications stay open");
            assert_eq!((row.all_counts().offered, row.all_counts().errors()), (3_004, 2));
            assert_eq!(row.counts[Operation::Tip as usize].approved, 2_000);
            assert!(row.all_latency_ns[2].is_some_and(|p99| p99.abs_diff(1_000_000 * (second + 1)) < 10_000_000));
            assert_eq!(row.all_latency_ns[3], None, "3,000 samples do not carry p99.9");
            assert_eq!(sum.of(Operation::Tip).latency_ns.len(), 3_000, "the log sees this second alone");
        }
        let records = exchange.empty.lock().expect("no thread died").len() + 2 + 1;
        assert!(records <= 6, "{records} records for two threads after 50 seconds");
        let (total, seconds) = collector.into_parts();
        assert_eq!((seconds.len(), total.all_counts().offered), (50, 50 * 3_004));
        assert_eq!((total.all_latency_ns().len(), total.lag_ns.len()), (150_000, 150_200));
        assert_eq!(total.of(Operation::CloseOfDay).latency_ns.len(), 100);
    }

    #[test]
    fn the_warm_up_leaves_nothing_and_a_missing_thread_can_be_gone_without() {
        let exchange = Exchange::new(0);
        let mut thread = Recorder::new(&exchange);
        thread.offered(Operation::Apply, 1);
        thread.forget();
        thread.offered(Operation::Apply, 1);
        thread.second_over(7);
        let mut collector = Collector::new(&exchange, 2, 0);
        assert_eq!(collector.ready(), None);
        let (row, _) = collector.finish(SecondFacts::default()).expect("the part that came");
        assert_eq!(row.all_counts().offered, 1);
        assert!(collector.finish(SecondFacts::default()).is_none());
    }
}
