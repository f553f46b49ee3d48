//! Whether the files of a load run agree with each other: what can be worked out from the logs and the rows of the seconds is worked out
//! again. A load run cannot be run again; this is what its directory can prove.

use super::hlog::{IntervalHistogram, RUN_LOG, read_log};
use super::writing::write_into;
use super::{LoadRecord, reading, series};
use crate::measure::latency::{IntervalRecord, Operation, OperationCounts, SecondRecord, histogram_ns, quantile};
use crate::results::{ResultsError, unlike};
use hdrhistogram::Histogram;
use std::path::Path;

/// What does not agree in the directory of a load run, a sentence each. Every file that is made of others is made again and
/// compared; the seconds are held against the log, and both against the totals.
///
/// # Errors
/// When the directory cannot be read, or there is no room to write it again.
pub(crate) fn disagreements(dir: &Path) -> Result<Vec<String>, ResultsError> {
    let record = reading::read(dir)?;
    let again = unlike(dir, |fresh| {
        let (from, to) = (dir.join(RUN_LOG), fresh.join(RUN_LOG));
        std::fs::copy(&from, to).map_err(|e| ResultsError::io(&from, e))?;
        write_into(fresh, &record)
    })?;
    let mut found: Vec<String> = again.iter().map(|file| format!("{file} is not what the other files give")).collect();
    found.extend(counts_of_seconds(&record));
    let log = read_log(dir, RUN_LOG)?;
    // A capacity search keeps no log of its probes.
    if !log.is_empty() {
        found.extend(seconds_of_log(&record, &log));
    }
    Ok(found)
}

/// Counts of the seconds added are the totals, and the backlog follows from them.
fn counts_of_seconds(record: &LoadRecord) -> Vec<String> {
    let o = &record.observations;
    let mut sums = IntervalRecord::default();
    let (mut outstanding, mut found) = (0_i64, Vec::new());
    for second in &o.seconds {
        for (operation, counts) in Operation::ALL.into_iter().zip(&second.counts) {
            sums.of_mut(operation).counts.add(counts);
        }
        let all = second.all_counts();
        outstanding += all.offered as i64 - all.ended() as i64;
        if second.backlog != outstanding.max(0) as u64 {
            found.push(format!("{}: the backlog at {} ms does not follow from the counts", series::FILE, second.at_ms));
        }
    }
    let counts = |of: &IntervalRecord| Operation::ALL.map(|operation| of.of(operation).counts);
    if counts(&sums) != counts(&o.total) {
        found.push(format!("{}: its counts do not add up to those of summary.json", series::FILE));
    }
    found
}

/// Each second of the log has the quantiles and the count that its row states, and all of them added are the totals.
fn seconds_of_log(record: &LoadRecord, log: &[IntervalHistogram]) -> Vec<String> {
    let o = &record.observations;
    let mut sums: Vec<Histogram<u64>> = Operation::ALL.map(|_| histogram_ns()).into();
    let mut found = Vec::new();
    for (at, second) in o.seconds.iter().enumerate() {
        let (row, whole) = row_of_log(log, second.at_ms, &mut sums);
        if row != second.latency_ns || whole != second.all_latency_ns || !decided_agree(second, log) {
            found.push(format!("{}: the row of second {at} is not what {RUN_LOG} gives", series::FILE));
        }
    }
    let lines_of_no_second =
        log.iter().filter(|line| o.seconds.iter().all(|second| second.at_ms != line.at_ms)).count();
    if lines_of_no_second > 0 {
        found.push(format!("{RUN_LOG}: {lines_of_no_second} lines belong to no second"));
    }
    for (operation, sum) in Operation::ALL.into_iter().zip(&sums) {
        if *sum != o.total.of(operation).latency_ns {
            found.push(format!("{RUN_LOG}: its seconds of `{}` do not add up to totals.hlog", operation.name()));
        }
    }
    found
}

type Row = [Option<u64>; 5];

/// The row of a second as the log gives it, by operation and of all requests; adds its histograms to the sums.
fn row_of_log(
    log: &[IntervalHistogram],
    at_ms: u64,
    sums: &mut [Histogram<u64>],
) -> ([Row; Operation::ALL.len()], Row) {
    let (mut row, mut whole) = ([[None; 5]; Operation::ALL.len()], histogram_ns());
    for line in log.iter().filter(|line| line.at_ms == at_ms) {
        let Some(operation) = Operation::from_name(&line.tag) else { continue };
        let mut histogram = histogram_ns();
        // Histograms of other bounds do not add, and then nothing agrees.
        let _ = histogram.add(&line.histogram);
        let _ = sums[operation as usize].add(&histogram);
        if operation != Operation::CloseOfDay {
            let _ = whole.add(&histogram);
        }
        row[operation as usize] = quantile::row(&histogram);
    }
    (row, quantile::row(&whole))
}

/// As many latencies stand in the log as requests were decided.
fn decided_agree(second: &SecondRecord, log: &[IntervalHistogram]) -> bool {
    let samples = |operation: Operation| {
        let line = log.iter().find(|line| line.at_ms == second.at_ms && line.tag == operation.name());
        line.map_or(0, |line| line.histogram.len())
    };
    let decided = |operation: Operation| OperationCounts::decided(&second.counts[operation as usize]);
    Operation::REQUESTS.iter().all(|&operation| samples(operation) == decided(operation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::load::tests::{Made, made, write_made};

    #[test]
    fn what_a_directory_says_of_itself_is_worked_out_again() {
        let home = tempfile::tempdir().expect("a directory");
        let dir = home.path().join("run");
        let (record, seconds) = made(Made { seconds: 60, rate: 500, eventful: false, ..Made::default() });
        let found = |dir: &std::path::Path| disagreements(dir).expect("readable").join("; ");
        write_made(&dir, &record, &seconds);
        assert_eq!(found(&dir), "");
        // A number that is not read back, a file made of others.
        for (file, from, to) in [
            ("summary.json", "\"decided\": ", "\"decided\": 1"),
            ("all.hgrm", "Mean    = ", "Mean    = 1"),
            ("junit.xml", "tests=", "tests ="),
        ] {
            let text = std::fs::read_to_string(dir.join(file)).expect("written");
            std::fs::write(dir.join(file), text.replacen(from, to, 1)).expect("written");
            assert_eq!(found(&dir), format!("{file} is not what the other files give"));
            std::fs::write(dir.join(file), text).expect("written");
        }
        // Records whose own parts do not fit each other.
        let check = |change: &dyn Fn(&mut LoadRecord), expected: &str| {
            let mut other = record.clone();
            change(&mut other);
            write_made(&dir, &other, &seconds);
            assert!(found(&dir).contains(expected), "{expected}: {}", found(&dir));
        };
        let tip = Operation::Tip as usize;
        check(
            &|r| r.observations.seconds[7].latency_ns[tip][0] = Some(77),
            "the row of second 7 is not what run.hlog gives",
        );
        check(
            &|r| r.observations.seconds[7].all_latency_ns[4] = None,
            "the row of second 7 is not what run.hlog gives",
        );
        check(&|r| r.observations.seconds[9].backlog += 1, "the backlog at 9000 ms does not follow");
        check(&|r| r.observations.seconds[9].counts[tip].shed += 1, "do not add up to those of summary.json");
        check(&|r| drop(r.observations.seconds.pop()), "lines belong to no second");
        check(
            &|r| r.observations.total.of_mut(Operation::Tip).latency_ns.saturating_record(5),
            "do not add up to totals.hlog",
        );
    }
}
