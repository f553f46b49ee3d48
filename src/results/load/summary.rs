//! `summary.json` of a load run: the verdict first, then every number with its definition. The serde types live here; `writing` puts
//! the file in place.

use super::definitions::DEFINITIONS;
use super::plain::{CloseFile, CountsFile, CreditFile, LostFile, MarkFile, ObjectiveFile, ThreadFile, moment};
use super::{ALL, CLOCK, CapacityRecord, LoadProvenance, LoadRecord, Percentiles, WorldDifference};
use crate::base::time::SimTime;
use crate::measure::latency::{JournalRecord, LoadObservations, Operation, OperationCounts};
use crate::results::{Machine, Origin};
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// Written. What is read back is [`SummaryFile`]; the rest can be computed from the logs again.
#[derive(Serialize)]
pub(super) struct SummaryOut {
    verdict: Answer,
    clock: &'static str,
    origin: Origin,
    objectives: Vec<ObjectiveFile>,
    scenario: LoadProvenance,
    run: RunFile,
    operations: Named<OperationOut>,
    lag: Percentiles,
    lost: LostFile,
    credit: CreditFile,
    closes: Vec<CloseFile>,
    marks: Vec<MarkFile>,
    threads: Vec<ThreadFile>,
    memory: MemoryFile,
    journal: Option<JournalOut>,
    capacity: Vec<CapacityRecord>,
    worlds: Vec<WorldDifference>,
    machine: Machine,
    versions: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    definitions: Named<&'static str>,
}

/// Read.
#[derive(Deserialize)]
pub(super) struct SummaryFile {
    /// Validity.
    pub verdict: Answer,
    /// Clock, seed, input, program and command; those of earlier versions state none.
    #[serde(default)]
    pub origin: Origin,
    /// Objectives.
    pub objectives: Vec<ObjectiveFile>,
    /// What was run.
    pub scenario: LoadProvenance,
    /// Plain numbers of the run.
    pub run: RunFile,
    /// Counts by operation.
    pub operations: BTreeMap<String, CountsFile>,
    /// Lost business.
    pub lost: LostFile,
    /// Credit.
    pub credit: CreditFile,
    /// Closes of days.
    pub closes: Vec<CloseFile>,
    /// Marks.
    pub marks: Vec<MarkFile>,
    /// Threads.
    pub threads: Vec<ThreadFile>,
    /// Memory.
    pub memory: MemoryFile,
    /// The journal.
    pub journal: Option<JournalFile>,
    /// Capacity searches.
    pub capacity: Vec<CapacityRecord>,
    /// On what.
    pub machine: Machine,
    /// Versions.
    pub versions: BTreeMap<String, String>,
    /// Sums of the other files.
    pub files: BTreeMap<String, String>,
}

/// The answer in a word, and why there is none.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
    answer: String,
    /// Reasons against the run.
    pub invalid: Vec<String>,
}

/// Plain numbers of a run.
#[derive(Serialize, Deserialize)]
pub(super) struct RunFile {
    /// The world.
    pub world: String,
    /// Hand-over.
    #[serde(with = "moment")]
    pub from: SimTime,
    /// End.
    #[serde(with = "moment")]
    pub until: SimTime,
    /// User actors.
    pub users: u64,
    /// Cell actors.
    pub cells: u64,
    /// Host and merchant actors.
    pub market_actors: u64,
    /// Measured.
    pub measured_seconds: f64,
    /// Before it.
    pub warmup_seconds: f64,
    /// Bound of a queue.
    pub queue_limit: u32,
    /// Longest queue.
    pub queue_max: u32,
    /// Books in balance.
    pub ledger_balanced: bool,
    /// Hash of the last state.
    pub state_hash: String,
}

#[derive(Serialize)]
struct OperationOut {
    #[serde(flatten)]
    counts: CountsFile,
    decided: u64,
    error_share: Option<f64>,
    offered_per_second: f64,
    decided_per_second: f64,
    latency: Percentiles,
    service: Percentiles,
}

/// Memory.
#[derive(Serialize, Deserialize)]
pub(super) struct MemoryFile {
    /// Before the actors.
    pub rss_before_bytes: u64,
    /// With them.
    pub rss_actors_bytes: u64,
    /// The difference for each actor, where it can be measured.
    #[serde(default)]
    bytes_per_actor: Option<f64>,
    /// Highest of any second.
    #[serde(default)]
    rss_max_bytes: u64,
}

/// The journal, read.
#[derive(Serialize, Deserialize)]
pub(super) struct JournalFile {
    /// Policy.
    pub policy: String,
    /// Records.
    pub records: u64,
    /// Commits.
    pub commits: u64,
    /// Bytes.
    pub bytes: u64,
    /// Snapshots.
    pub snapshots: u64,
}

#[derive(Serialize)]
struct JournalOut {
    #[serde(flatten)]
    plain: JournalFile,
    commit: Percentiles,
}

/// A map in a stated order.
struct Named<T>(Vec<(String, T)>);

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl SummaryOut {
    /// Of a record, with the sums of the other files.
    pub(super) fn of(record: &LoadRecord, files: BTreeMap<String, String>) -> SummaryOut {
        let o = &record.observations;
        SummaryOut {
            verdict: Answer {
                answer: record.verdict().name().to_string(),
                invalid: o.invalid_words().into_iter().map(String::from).collect(),
            },
            clock: CLOCK,
            origin: record.provenance.origin.clone(),
            objectives: record.objectives.iter().map(ObjectiveFile::from).collect(),
            scenario: record.provenance.clone(),
            run: run(o),
            operations: operations(o),
            lag: Percentiles::of(&o.total.lag_ns),
            lost: (&o.lost).into(),
            credit: (&o.credit).into(),
            closes: o.closes.iter().map(CloseFile::from).collect(),
            marks: o.marks.iter().map(MarkFile::from).collect(),
            threads: o.threads.iter().map(ThreadFile::from).collect(),
            memory: memory(o),
            journal: o.journal.as_ref().map(journal),
            capacity: record.capacity.clone(),
            worlds: WorldDifference::all(&record.capacity),
            machine: record.machine.clone(),
            versions: record.versions.clone(),
            files,
            definitions: Named(DEFINITIONS.iter().map(|(key, words)| (key.to_string(), *words)).collect()),
        }
    }
}

fn run(o: &LoadObservations) -> RunFile {
    RunFile {
        world: o.world.clone(),
        from: o.from,
        until: o.until,
        users: o.users,
        cells: o.cells,
        market_actors: o.counterparty_actors,
        measured_seconds: o.measured_seconds,
        warmup_seconds: o.warmup_seconds,
        queue_limit: o.queue_limit,
        queue_max: o.queue_max,
        ledger_balanced: o.ledger_balanced,
        state_hash: o.state_hash.clone(),
    }
}

fn operations(o: &LoadObservations) -> Named<OperationOut> {
    let one = |counts: &OperationCounts, latency: &Histogram<u64>, service: &Histogram<u64>| {
        let a_second = |n: u64| n as f64 / o.measured_seconds.max(1e-9);
        OperationOut {
            counts: counts.into(),
            decided: counts.decided(),
            error_share: (counts.offered > 0).then(|| counts.errors() as f64 / counts.offered as f64),
            offered_per_second: a_second(counts.offered),
            decided_per_second: a_second(counts.decided()),
            latency: Percentiles::of(latency),
            service: Percentiles::of(service),
        }
    };
    let all = one(&o.total.all_counts(), &o.total.all_latency_ns(), &o.total.all_service_ns());
    let each = Operation::ALL.into_iter().map(|operation| {
        let part = o.total.of(operation);
        (operation.name().to_string(), one(&part.counts, &part.latency_ns, &part.service_ns))
    });
    Named(std::iter::once((ALL.to_string(), all)).chain(each).collect())
}

fn memory(o: &LoadObservations) -> MemoryFile {
    MemoryFile {
        rss_before_bytes: o.rss_before_bytes,
        rss_actors_bytes: o.rss_actors_bytes,
        bytes_per_actor: o.bytes_per_actor(),
        rss_max_bytes: o.seconds.iter().map(|s| s.rss_bytes).max().unwrap_or(o.rss_actors_bytes),
    }
}

fn journal(j: &JournalRecord) -> JournalOut {
    let plain = JournalFile {
        policy: j.policy.clone(),
        records: j.records,
        commits: j.commits,
        bytes: j.bytes,
        snapshots: j.snapshots,
    };
    JournalOut { plain, commit: Percentiles::of(&j.commit_ns) }
}
