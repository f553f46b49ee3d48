//! Adds what all threads have recorded, second by second.

use crate::base::time::SimTime;
use crate::measure::latency::observations::SecondRecord;
use crate::measure::latency::operation::Operation;
use crate::measure::latency::quantile;
use crate::measure::latency::record::{IntervalRecord, histogram_ns};
use crate::measure::latency::recorder::Exchange;
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::sync::Arc;

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

    /// The total and the rows, at the end. Seconds that nobody finished are lost: finish them first.
    pub(crate) fn into_parts(self) -> (IntervalRecord, Vec<SecondRecord>) {
        (self.total, self.seconds)
    }

    fn give_back(&self, mut record: Box<IntervalRecord>) {
        record.clear();
        self.exchange.give_empty(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::latency::recorder::{Ending, Recorder};

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
        let records = exchange.empty_records() + 2 + 1;
        assert!(records <= 6, "{records} records for two threads after 50 seconds");
        let (total, seconds) = collector.into_parts();
        assert_eq!((seconds.len(), total.all_counts().offered), (50, 50 * 3_004));
        assert_eq!((total.all_latency_ns().len(), total.lag_ns.len()), (150_000, 150_200));
        assert_eq!(total.of(Operation::CloseOfDay).latency_ns.len(), 100);
    }

    #[test]
    fn a_missing_thread_can_be_gone_without() {
        let exchange = Exchange::new(0);
        let mut thread = Recorder::new(&exchange);
        thread.offered(Operation::Apply, 1);
        thread.second_over(7);
        let mut collector = Collector::new(&exchange, 2, 0);
        assert_eq!(collector.ready(), None);
        let (row, _) = collector.finish(SecondFacts::default()).expect("the part that came");
        assert_eq!(row.all_counts().offered, 1);
        assert!(collector.finish(SecondFacts::default()).is_none());
    }
}
