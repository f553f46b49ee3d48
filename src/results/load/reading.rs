//! Reads the directory of a load run back into plain values, for `report` and `yuefu compare`. A file that is missing or changed is an
//! error with its place.

use super::hlog::{TOTALS_LOG, read_log};
use super::summary::SummaryFile;
use super::writing::{COMMIT, LAG, SERVICE, SUMMED, checksum};
use super::{ALL, LoadRecord, series};
use crate::measure::latency::{
    IntervalRecord, Invalid, JournalRecord, LoadObservations, Mark, Operation, SecondRecord, ThreadUse, histogram_ns,
};
use crate::results::ResultsError;
use crate::results::json::from_text;
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Reads a load run whole and compares the checksums.
///
/// # Errors
/// Says which file, and where in it, is missing, damaged or changed.
pub(crate) fn read(dir: &Path) -> Result<LoadRecord, ResultsError> {
    let path = dir.join("summary.json");
    let text = fs::read_to_string(&path).map_err(|e| ResultsError::io(&path, e))?;
    let wrong = |what: String| ResultsError::Json { path: path.clone(), what };
    let mut file: SummaryFile = from_text(&text).map_err(|e| wrong(e.to_string()))?;
    for name in SUMMED {
        let stated = file.files.get(name).ok_or_else(|| wrong(format!("files: no sum of {name}")))?;
        if *stated != checksum(dir, name)? {
            return Err(ResultsError::Changed { path: dir.join(name) });
        }
    }
    let toml = dir.join("scenario.toml");
    file.scenario.resolved_toml = fs::read_to_string(&toml).map_err(|e| ResultsError::io(&toml, e))?;
    file.scenario.origin = std::mem::take(&mut file.origin);
    let threads: Vec<ThreadUse> = std::mem::take(&mut file.threads).into_iter().map(ThreadUse::from).collect();
    let seconds = series::read(dir, &threads)?;
    let totals = read_log(dir, TOTALS_LOG)?;
    let mut totals: BTreeMap<String, Histogram<u64>> = totals.into_iter().map(|l| (l.tag, l.histogram)).collect();
    let mut total = IntervalRecord::default();
    for operation in Operation::ALL {
        let part = total.of_mut(operation);
        let counts = file.operations.remove(operation.name());
        part.counts = counts.ok_or_else(|| wrong(format!("operations: no `{}`", operation.name())))?.into();
        part.latency_ns = take(dir, &mut totals, operation.name())?;
        part.service_ns = take(dir, &mut totals, &format!("{}{SERVICE}", operation.name()))?;
    }
    total.lag_ns = take(dir, &mut totals, LAG)?;
    if take(dir, &mut totals, ALL)? != total.all_latency_ns() {
        let what = format!("`{ALL}` is not the sum of the operations");
        return Err(ResultsError::Table { path: dir.join(TOTALS_LOG), line: 1, what });
    }
    let started_unix_ms = file.scenario.started_unix_ms;
    let journal = match file.journal.take() {
        None => None,
        Some(j) => Some(JournalRecord {
            policy: j.policy,
            records: j.records,
            commits: j.commits,
            bytes: j.bytes,
            commit_ns: take(dir, &mut totals, COMMIT)?,
            snapshots: j.snapshots,
        }),
    };
    let objectives = std::mem::take(&mut file.objectives).into_iter().map(|o| o.into_plain());
    Ok(LoadRecord {
        objectives: objectives.collect::<Result<_, _>>().map_err(wrong)?,
        provenance: std::mem::take(&mut file.scenario),
        capacity: std::mem::take(&mut file.capacity),
        machine: std::mem::take(&mut file.machine),
        versions: std::mem::take(&mut file.versions),
        observations: LoadObservations { started_unix_ms, ..observations(file, total, seconds, threads, journal) },
    })
}

fn observations(
    file: SummaryFile,
    total: IntervalRecord,
    seconds: Vec<SecondRecord>,
    threads: Vec<ThreadUse>,
    journal: Option<JournalRecord>,
) -> LoadObservations {
    LoadObservations {
        invalid: file.verdict.invalid.into_iter().map(Invalid::Other).collect(),
        world: file.run.world,
        from: file.run.from,
        until: file.run.until,
        users: file.run.users,
        cells: file.run.cells,
        counterparty_actors: file.run.market_actors,
        started_unix_ms: 0,
        measured_seconds: file.run.measured_seconds,
        warmup_seconds: file.run.warmup_seconds,
        total,
        seconds,
        marks: file.marks.into_iter().map(Mark::from).collect(),
        closes: file.closes.into_iter().map(Into::into).collect(),
        threads,
        queue_limit: file.run.queue_limit,
        queue_max: file.run.queue_max,
        lost: file.lost.into(),
        journal,
        rss_before_bytes: file.memory.rss_before_bytes,
        rss_actors_bytes: file.memory.rss_actors_bytes,
        credit: file.credit.into(),
        ledger_balanced: file.run.ledger_balanced,
        state_hash: file.run.state_hash,
    }
}

/// A histogram of the totals in the bounds that recorders use.
fn take(dir: &Path, totals: &mut BTreeMap<String, Histogram<u64>>, tag: &str) -> Result<Histogram<u64>, ResultsError> {
    let wrong = |what: String| ResultsError::Table { path: dir.join(TOTALS_LOG), line: 1, what };
    let read = totals.remove(tag).ok_or_else(|| wrong(format!("no histogram of `{tag}`")))?;
    let mut histogram = histogram_ns();
    histogram.add(&read).map_err(|e| wrong(format!("`{tag}`: {e}")))?;
    Ok(histogram)
}
