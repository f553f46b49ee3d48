//! What the wall clock measures: latency by operation, counted from the intended start.
//!
//! A thread that makes load owns a [`Recorder`]; once a second it hands over what it has recorded since
//! ([`Recorder::second_over`]) and a [`Collector`] adds the parts of all threads. Memory does not grow with
//! the number of requests: there are histograms and counters, no lists of samples.

mod collector;
mod objective;
mod observations;
mod operation;
pub(crate) mod quantile;
mod record;
mod recorder;

pub(crate) use collector::{Collector, SecondFacts};
pub(crate) use objective::{ObjectiveOutcome, Observed, Standing};
pub(crate) use observations::{
    CloseRecord, CreditOutcome, Invalid, JournalRecord, LoadObservations, LostBusiness, Mark, SecondRecord, ThreadUse,
};
pub(crate) use operation::{OPERATIONS, Operation};
pub(crate) use record::{IntervalRecord, LAG_NS_P99_MAX, Lateness, OperationCounts, histogram_ns};
pub(crate) use recorder::{Ending, Exchange, Recorder};
