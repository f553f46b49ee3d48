//! Which runs can be compared, and what differs between them beside the thing that is compared.

use super::{RunSeries, SECONDS_MIN};
use crate::results::load::{LoadRecord, Verdict, is_load_run, read, read_log};
use crate::results::{Kind, ResultsError, kind_of};
use std::path::Path;

/// A load run, read from its directory.
#[derive(Debug)]
pub(crate) struct ComparedRun {
    /// What it says of itself.
    pub record: LoadRecord,
    /// Its seconds.
    pub series: RunSeries,
}

/// Why a directory cannot be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompareError {
    /// It is something else.
    #[error("{directory} is not the directory of a load run: {hint}")]
    NoLoadRun {
        /// The directory.
        directory: String,
        /// What it is, as far as can be seen.
        hint: &'static str,
    },
    /// It measured its own generator.
    #[error("{directory} is INVALID: {reasons} (--allow-invalid compares it)")]
    Invalid {
        /// The directory.
        directory: String,
        /// Why it is no measurement.
        reasons: String,
    },
    /// It has too few seconds for blocks.
    #[error("{directory} has {seconds} seconds; comparing needs {SECONDS_MIN}")]
    TooShort {
        /// The directory.
        directory: String,
        /// Its measured seconds.
        seconds: usize,
    },
    /// It is damaged.
    #[error(transparent)]
    Results(#[from] ResultsError),
}

/// Reads a run that is to be compared.
///
/// # Errors
/// [`CompareError`].
pub(crate) fn read_run(dir: &Path, allow_invalid: bool) -> Result<ComparedRun, CompareError> {
    let directory = dir.display().to_string();
    if !is_load_run(dir) {
        let hint = if kind_of(dir).is_ok_and(|kind| kind == Some(Kind::Part)) {
            "it holds a part of a suite, a coverage experiment or a comparison: `yuefu merge` makes the whole"
        } else if dir.join("result.json").is_file() {
            "it is a run of the virtual clock, which is exact: its differences need no statistics, see its report"
        } else {
            "no summary.json and timeseries.csv there"
        };
        return Err(CompareError::NoLoadRun { directory, hint });
    }
    let record = read(dir)?;
    if record.verdict() == Verdict::Invalid && !allow_invalid {
        return Err(CompareError::Invalid { directory, reasons: record.observations.invalid_words().join("; ") });
    }
    let series = RunSeries::of(&record, &read_log(dir, "run.hlog")?);
    if series.len() < SECONDS_MIN {
        return Err(CompareError::TooShort { directory, seconds: series.len() });
    }
    Ok(ComparedRun { record, series })
}

/// What differs beside the thing that is compared.
pub(crate) fn warnings(a: &LoadRecord, b: &LoadRecord) -> Vec<String> {
    let (p, q) = (&a.provenance.plan, &b.provenance.plan);
    let machine = |r: &LoadRecord| format!("{}, {} cores, {}", r.machine.cpu, r.machine.cores, r.machine.os);
    let words = |v: &str| v.to_string();
    let pairs = [
        ("scenario", words(&a.provenance.name), words(&b.provenance.name)),
        ("world", words(&a.observations.world), words(&b.observations.world)),
        ("users", a.observations.users.to_string(), b.observations.users.to_string()),
        ("machine", machine(a), machine(b)),
        ("placement", words(&p.placement), words(&q.placement)),
        ("durability", words(&p.durability), words(&q.durability)),
        ("load", words(&p.shape), words(&q.shape)),
        ("arrivals", words(&p.arrivals), words(&q.arrivals)),
        ("users' loop", words(&p.users), words(&q.users)),
        ("limits", words(&p.limits), words(&q.limits)),
        ("hand-over", words(&p.hand_over), words(&q.hand_over)),
        ("stalls", words(&p.stalls), words(&q.stalls)),
    ];
    let mut out: Vec<String> =
        pairs.into_iter().filter(|(_, x, y)| x != y).map(|(what, x, y)| format!("{what} differs: {x} | {y}")).collect();
    for (name, record) in [("A", a), ("B", b)] {
        if record.verdict() == Verdict::Invalid {
            out.push(format!("{name} is INVALID: {}", record.observations.invalid_words().join("; ")));
        }
    }
    out
}
