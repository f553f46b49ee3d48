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

use crate::measure::latency::operation::Operation;
use crate::measure::latency::record::{IntervalRecord, OperationCounts};
use std::sync::{Arc, Mutex, PoisonError};

/// How a request ended that got no decision. (Decisions have times: [`Recorder::decided`].)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
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

    /// Empty records at hand.
    #[cfg(test)]
    pub(super) fn empty_records(&self) -> usize {
        self.empty.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn take_empty(&self) -> Box<IntervalRecord> {
        // A thread that panicked holding the lock left a list that is whole: push and pop do not tear.
        self.empty.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(super) fn give_empty(&self, record: Box<IntervalRecord>) {
        self.empty.lock().unwrap_or_else(PoisonError::into_inner).push(record);
    }

    fn give_full(&self, second: u64, record: Box<IntervalRecord>) {
        self.full.lock().unwrap_or_else(PoisonError::into_inner).push((second, record));
    }

    pub(super) fn take_full(&self) -> Vec<(u64, Box<IntervalRecord>)> {
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

    /// A request ended without a decision.
    #[inline]
    pub(crate) fn ended(&mut self, operation: Operation, ending: Ending) {
        let counts = self.counts(operation);
        match ending {
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
}
