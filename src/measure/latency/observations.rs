//! Everything that one load run observed, as plain values: what the run directory keeps and the report draws.

use crate::base::time::{Day, SimTime};
use crate::measure::latency::operation::OPERATIONS;
use crate::measure::latency::record::{IntervalRecord, OperationCounts};
use hdrhistogram::Histogram;

/// Why a run is not a measurement of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Invalid {
    /// The generator started requests late.
    Late(String),
    /// Anything else.
    Other(String),
}

impl Invalid {
    /// The reason in a sentence.
    pub(crate) fn words(&self) -> &str {
        match self {
            Invalid::Late(words) | Invalid::Other(words) => words,
        }
    }
}

impl From<String> for Invalid {
    fn from(words: String) -> Invalid {
        Invalid::Other(words)
    }
}

/// What a load run observed.
#[derive(Clone, Debug)]
pub(crate) struct LoadObservations {
    /// Why the run is not a measurement of the service, when it is none: the generator lagged or was saturated.
    pub invalid: Vec<Invalid>,
    /// The world that was taken over.
    pub world: String,
    /// Simulated moment of the hand-over.
    pub from: SimTime,
    /// Simulated moment at the end.
    pub until: SimTime,
    /// User actors alive.
    pub users: u64,
    /// Cells, each an actor.
    pub cells: u64,
    /// Host and merchant actors alive.
    pub counterparty_actors: u64,
    /// Start of the measured time, milliseconds since 1970.
    pub started_unix_ms: u64,
    /// Wall seconds of measurement, warm-up apart.
    pub measured_seconds: f64,
    /// Wall seconds of warm-up before it.
    pub warmup_seconds: f64,
    /// The measured time, all threads and seconds added.
    pub total: IntervalRecord,
    /// By second of the measured time.
    pub seconds: Vec<SecondRecord>,
    /// Moments worth marking in a chart.
    pub marks: Vec<Mark>,
    /// Closes of simulated days, in order.
    pub closes: Vec<CloseRecord>,
    /// CPU by thread over the measured time.
    pub threads: Vec<ThreadUse>,
    /// The bound on a cell's queue.
    pub queue_limit: u32,
    /// The longest that any cell's queue became.
    pub queue_max: u32,
    /// What was lost for want of an answer.
    pub lost: LostBusiness,
    /// What the journal did, for a durable service.
    pub journal: Option<JournalRecord>,
    /// Resident memory just before the actors were made, bytes.
    pub rss_before_bytes: u64,
    /// Resident memory when all actors lived, bytes.
    pub rss_actors_bytes: u64,
    /// Credit outcome of the virtual run at the hand-over, and of the wall clock since.
    pub credit: CreditOutcome,
    /// Every cell's ledger balanced and its sub-ledgers equalled their control accounts at each close and at the end.
    pub ledger_balanced: bool,
    /// blake3 of the service's state at the end, hex.
    pub state_hash: String,
}

impl LoadObservations {
    /// Why the run is not a measurement of the service, a sentence each.
    pub(crate) fn invalid_words(&self) -> Vec<&str> {
        self.invalid.iter().map(Invalid::words).collect()
    }

    /// Bytes that an actor took when all were made. `None` where they found memory that the process had free before: then the
    /// resident memory says nothing about them.
    pub(crate) fn bytes_per_actor(&self) -> Option<f64> {
        let taken = self.rss_actors_bytes.checked_sub(self.rss_before_bytes).filter(|taken| *taken > 0)?;
        Some(taken as f64 / (self.users + self.counterparty_actors).max(1) as f64)
    }
}

/// One second of a load run.
#[derive(Clone, Debug, Default)]
pub(crate) struct SecondRecord {
    /// Start after the start of the measured time, milliseconds.
    pub at_ms: u64,
    /// Simulated moment at its start.
    pub simulated: SimTime,
    /// How requests ended in it, by operation.
    pub counts: [OperationCounts; OPERATIONS],
    /// Latency p50, p90, p99, p99.9 and maximum in nanoseconds, by operation; a quantile that too few samples carry is `None`.
    pub latency_ns: [[Option<u64>; 5]; OPERATIONS],
    /// The same of all requests together (the close of a day is none).
    pub all_latency_ns: [Option<u64>; 5],
    /// Requests offered and neither ended nor abandoned at its end.
    pub backlog: u64,
    /// CPU by thread, share of one core, [`LoadObservations::threads`] order.
    pub cpu_share: Vec<f64>,
    /// Resident memory at its end, bytes.
    pub rss_bytes: u64,
}

impl SecondRecord {
    /// Counts of all requests in the second (the close of a day is none).
    pub(crate) fn all_counts(&self) -> OperationCounts {
        let mut sum = OperationCounts::default();
        self.counts.iter().take(OPERATIONS - 1).for_each(|counts| sum.add(counts));
        sum
    }
}

/// A moment worth marking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// After the start of the measured time, milliseconds.
    pub at_ms: u64,
    /// Length, 0 for a moment.
    pub for_ms: u64,
    /// What happened, in a few words.
    pub what: String,
}

/// The close of one simulated day in all cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CloseRecord {
    /// The day.
    pub day: Day,
    /// After the start of the measured time, milliseconds.
    pub at_ms: u64,
    /// From the order to close to the last cell open for the next day.
    pub total_ns: u64,
    /// The longest slice in which a cell did nothing else.
    pub longest_slice_ns: u64,
    /// Slices.
    pub slices: u64,
    /// Drawings of the day that were approved.
    pub approved: i64,
    /// Drawings of the day that were decided.
    pub decided: i64,
}

/// CPU of one thread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ThreadUse {
    /// Its name: `generator-0`, `service-0`, `journal`.
    pub name: String,
    /// Seconds of CPU over the measured time.
    pub cpu_seconds: f64,
    /// Share of one core, of which seconds spent looking at the clock with nothing due.
    pub idle_spin_share: f64,
}

/// What was lost for want of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct LostBusiness {
    /// Drawings abandoned, shed or too late.
    pub drawings: u64,
    /// Their amount.
    pub amount_fen: i64,
    /// Those that would have been approved, at the run's own approval rate; `None` when no drawing was decided that tells one.
    pub approvals: Option<f64>,
    /// Margin on them at the run's own commission and tip shares, in fen; `None` without a drawing that tells it.
    pub margin_fen: Option<f64>,
    /// Margin lost for each millisecond of mean latency above the service time, fen a second of the run; `None` where the margin or
    /// the waiting is not known.
    pub margin_fen_per_ms: Option<f64>,
}

/// What the journal did in the measured time.
#[derive(Clone, Debug)]
pub(crate) struct JournalRecord {
    /// The policy in words, such as `group(max_us = 500, max_records = 1024)`.
    pub policy: String,
    /// Records made safe.
    pub records: u64,
    /// Commits.
    pub commits: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Nanoseconds of a commit: write and sync.
    pub commit_ns: Histogram<u64>,
    /// Snapshots written.
    pub snapshots: u64,
}

/// Credit in the two halves of a run: the virtual clock's and the wall clock's, which is measured under load and not reproducible.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct CreditOutcome {
    /// Open accounts at the hand-over.
    pub accounts: i64,
    /// Principal at the hand-over, fen.
    pub principal_fen: i64,
    /// … of which 30 or more days past due, share; `None` without principal.
    pub overdue_30_share: Option<f64>,
    /// Approval rate of drawings on the virtual clock, over the month up to the hand-over; `None` without any.
    pub virtual_approval_rate: Option<f64>,
    /// Approval rate of drawings on the wall clock; `None` without any.
    pub wall_approval_rate: Option<f64>,
    /// Principal at the end, fen.
    pub end_principal_fen: i64,
    /// … of which 30 or more days past due, share; `None` without principal.
    pub end_overdue_30_share: Option<f64>,
}
