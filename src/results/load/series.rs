//! `timeseries.csv`: a row a second and operation, and one for all requests together.

use super::ALL;
use super::plain::parse_moment;
use crate::measure::latency::{LoadObservations, Operation, OperationCounts, SecondRecord, ThreadUse};
use crate::results::ResultsError;
use crate::results::table::{Row, TableFile};
use std::fmt::Write;
use std::path::Path;

/// Name of the file.
pub(super) const FILE: &str = "timeseries.csv";

const COLUMNS: [&str; 21] = [
    "at_ms",
    "simulated",
    "operation",
    "offered",
    "sent",
    "admitted",
    "approved",
    "declined",
    "shed",
    "late",
    "unavailable",
    "abandoned",
    "retried",
    "unsent",
    "p50_ns",
    "p90_ns",
    "p99_ns",
    "p99_9_ns",
    "max_ns",
    "backlog",
    "rss_bytes",
];

const COUNTS: usize = 11;

/// Columns of a thread's CPU; a name with a comma would be two columns.
fn header(threads: &[ThreadUse]) -> Vec<String> {
    let cpu = threads.iter().map(|t| format!("cpu_{}", t.name.replace([',', '"', '\n', '\r'], "_")));
    COLUMNS.iter().map(|c| c.to_string()).chain(cpu).collect()
}

const fn numbers(c: &OperationCounts) -> [u64; COUNTS] {
    [
        c.offered,
        c.sent,
        c.admitted,
        c.approved,
        c.declined,
        c.shed,
        c.late,
        c.unavailable,
        c.abandoned,
        c.retried,
        c.unsent,
    ]
}

/// The text of the file.
pub(super) fn text(o: &LoadObservations) -> String {
    let mut out = header(&o.threads).join(",") + "\n";
    for second in &o.seconds {
        row(&mut out, second, ALL, &second.all_counts(), &second.all_latency_ns);
        let _ = write!(out, ",{},{}", second.backlog, second.rss_bytes);
        for i in 0..o.threads.len() {
            let _ = write!(out, ",{}", second.cpu_share.get(i).copied().unwrap_or(0.0));
        }
        out.push('\n');
        for (i, operation) in Operation::ALL.into_iter().enumerate() {
            row(&mut out, second, operation.name(), &second.counts[i], &second.latency_ns[i]);
            out.push_str(&",".repeat(2 + o.threads.len()));
            out.push('\n');
        }
    }
    out
}

fn row(out: &mut String, second: &SecondRecord, name: &str, counts: &OperationCounts, latency: &[Option<u64>; 5]) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{},{},{name}", second.at_ms, second.simulated);
    numbers(counts).iter().for_each(|n| {
        let _ = write!(out, ",{n}");
    });
    latency.iter().for_each(|ns| {
        let _ = write!(out, ",{}", ns.map(|n| n.to_string()).unwrap_or_default());
    });
}

/// Reads the file of a run with these threads.
pub(super) fn read(dir: &Path, threads: &[ThreadUse]) -> Result<Vec<SecondRecord>, ResultsError> {
    let file = TableFile::open(dir, FILE, &header(threads))?;
    let names: Vec<&str> = std::iter::once(ALL).chain(Operation::ALL.map(Operation::name)).collect();
    let mut seconds: Vec<SecondRecord> = Vec::new();
    let mut wanted = 0;
    for row in file.rows() {
        let row = row?;
        if row.text(2) != names[wanted] {
            return Err(row.error(format!("row of `{}` expected, `{}` found", names[wanted], row.text(2))));
        }
        if wanted == 0 {
            seconds.push(first(&row, threads.len())?);
        } else if let Some(second) = seconds.last_mut() {
            second.counts[wanted - 1] = counts(&row)?;
            second.latency_ns[wanted - 1] = latency(&row)?;
        }
        wanted = (wanted + 1) % names.len();
        if wanted == 0
            && let Some(second) = seconds.last()
        {
            whole(&row, second)?;
        }
    }
    if wanted != 0 {
        let (path, what) = (dir.join(FILE), format!("the last second has no row of `{}`", names[wanted]));
        return Err(ResultsError::Table { path, line: 1 + (seconds.len() - 1) * names.len() + wanted, what });
    }
    Ok(seconds)
}

/// The row of all requests, with what only it has. Its counts are kept aside in the first operation's place.
fn first(row: &Row<'_>, threads: usize) -> Result<SecondRecord, ResultsError> {
    let moment = row.text(1);
    let simulated = parse_moment(moment).ok_or_else(|| row.error(format!("`{moment}` is not a moment")))?;
    counts(row)?;
    let cpu_share = (0..threads).map(|i| row.int(COLUMNS.len() + i)).collect::<Result<_, _>>()?;
    Ok(SecondRecord {
        at_ms: row.int(0)?,
        simulated,
        all_latency_ns: latency(row)?,
        backlog: row.int(19)?,
        rss_bytes: row.int(20)?,
        cpu_share,
        ..SecondRecord::default()
    })
}

/// All rows of a second are of that second.
fn whole(row: &Row<'_>, second: &SecondRecord) -> Result<(), ResultsError> {
    let at: u64 = row.int(0)?;
    if at == second.at_ms {
        Ok(())
    } else {
        Err(row.error(format!("a row of second {at} among those of {}", second.at_ms)))
    }
}

fn counts(row: &Row<'_>) -> Result<OperationCounts, ResultsError> {
    let mut n = [0; COUNTS];
    for (i, value) in n.iter_mut().enumerate() {
        *value = row.int(3 + i)?;
    }
    let [offered, sent, admitted, approved, declined, shed, late, unavailable, abandoned, retried, unsent] = n;
    Ok(OperationCounts {
        offered,
        sent,
        admitted,
        approved,
        declined,
        shed,
        late,
        unavailable,
        abandoned,
        retried,
        unsent,
    })
}

fn latency(row: &Row<'_>) -> Result<[Option<u64>; 5], ResultsError> {
    let mut values = [None; 5];
    for (i, value) in values.iter_mut().enumerate() {
        if !row.text(14 + i).is_empty() {
            *value = Some(row.int(14 + i)?);
        }
    }
    Ok(values)
}
