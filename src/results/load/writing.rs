//! Writes the files of a load run from plain values. What the values mean is `measure`'s and `experiment`'s.

use super::hlog::{RUN_LOG, RunLog, TOTALS_LOG};
use super::summary::SummaryOut;
use super::{ALL, LoadRecord, junit, percentiles, series};
use crate::measure::latency::Operation;
use crate::results::{ResultsError, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Tag of the generator's lateness in `totals.hlog`.
pub(super) const LAG: &str = "lag";
/// Tag of the journal's commits.
pub(super) const COMMIT: &str = "journal.commit";
/// Ending of the tags of service times.
pub(super) const SERVICE: &str = ".service";

/// Writes every file of a record but `run.hlog` into a directory (`RunDirectory::path`); `run.hlog` was written there by
/// [`RunLog`] as the seconds came. The summary is last, since a directory with one counts as whole.
///
/// # Errors
/// From the file system; [`ResultsError::Missing`] when `run.hlog` is not there.
pub(crate) fn write_into(dir: &Path, record: &LoadRecord) -> Result<(), ResultsError> {
    let (o, origin) = (&record.observations, &record.provenance.origin);
    totals(dir, record)?;
    let all = o.total.all_latency_ns();
    put(dir, "all.hgrm", &percentiles::distribution(&all, origin))?;
    for operation in Operation::ALL {
        let histogram = &o.total.of(operation).latency_ns;
        if !histogram.is_empty() {
            put(dir, &format!("{}.hgrm", operation.name()), &percentiles::distribution(histogram, origin))?;
        }
    }
    put(dir, "scenario.toml", &record.provenance.resolved_toml)?;
    put(dir, series::FILE, &series::text(o))?;
    put(dir, "junit.xml", &junit::text(record))?;
    let mut files = BTreeMap::new();
    for name in SUMMED {
        files.insert(name.to_string(), checksum(dir, name)?);
    }
    put(dir, "summary.json", &json::text(&SummaryOut::of(record, files)))
}

/// Files whose sums stand in the summary: those that are read back.
pub(super) const SUMMED: [&str; 4] = ["scenario.toml", series::FILE, RUN_LOG, TOTALS_LOG];

/// blake3 of a file, hex.
pub(super) fn checksum(dir: &Path, name: &str) -> Result<String, ResultsError> {
    let path = dir.join(name);
    let bytes = fs::read(&path).map_err(|e| ResultsError::io(&path, e))?;
    Ok(blake3::hash(&bytes).to_hex().to_string())
}

fn totals(dir: &Path, record: &LoadRecord) -> Result<(), ResultsError> {
    let o = &record.observations;
    let length_ms = (o.measured_seconds * 1e3) as u64;
    let comment = "[The whole run in nanoseconds: latency by operation, service time, lag of the generator, commits]";
    let started_unix_ms = record.provenance.started_unix_ms;
    let mut log = RunLog::start(dir.join(TOTALS_LOG), comment, &record.provenance.origin)?;
    log.begin(started_unix_ms)?;
    log.line(ALL, 0, length_ms, &o.total.all_latency_ns())?;
    for operation in Operation::ALL {
        let part = o.total.of(operation);
        log.line(operation.name(), 0, length_ms, &part.latency_ns)?;
        log.line(&format!("{}{SERVICE}", operation.name()), 0, length_ms, &part.service_ns)?;
    }
    log.line(LAG, 0, length_ms, &o.total.lag_ns)?;
    if let Some(journal) = &o.journal {
        log.line(COMMIT, 0, length_ms, &journal.commit_ns)?;
    }
    log.finish(started_unix_ms)
}

fn put(dir: &Path, name: &str, text: &str) -> Result<(), ResultsError> {
    let path = dir.join(name);
    fs::write(&path, text).map_err(|source| ResultsError::Io { path, source })
}
