//! Latency over time in windows that are wide enough for their quantiles, from the histograms in `run.hlog`.

use crate::measure::latency::quantile::{carries, quantile};
use crate::measure::latency::{Operation, histogram_ns};
use crate::results::ResultsError;
use crate::results::load::{LoadRecord, read_log};
use hdrhistogram::Histogram;
use std::path::Path;

/// Widths in seconds to choose from.
const WIDTHS: [u64; 7] = [1, 2, 5, 10, 15, 30, 60];
/// A chart of fewer windows shows no course.
const FEWEST: u64 = 24;

/// Latency of all requests by window.
pub(super) struct Windows {
    /// Width of a window, seconds.
    pub width_seconds: u64,
    /// Start of each window after the start of the measured time in seconds, with p50, p99 and p99.9.
    pub rows: Vec<(f64, [Option<u64>; 3])>,
}

impl Windows {
    /// Reads the log of a run.
    pub(super) fn read(dir: &Path, record: &LoadRecord) -> Result<Windows, ResultsError> {
        let lines = read_log(dir, "run.hlog")?;
        let seconds = record.observations.seconds.len().max(1) as u64;
        let a_second = record.observations.total.all_counts().decided() / seconds;
        let wide = WIDTHS.into_iter().find(|w| carries(a_second * w, 0.999));
        let fits = |width: &u64| seconds / width >= FEWEST || *width == 1;
        let widest = WIDTHS.into_iter().rev().find(fits).unwrap_or(1);
        let width_seconds = wide.unwrap_or(60).min(widest);
        let mut sums: Vec<Histogram<u64>> = (0..seconds.div_ceil(width_seconds)).map(|_| histogram_ns()).collect();
        for line in lines.iter().filter(|l| l.tag != Operation::CloseOfDay.name()) {
            if let Some(sum) = sums.get_mut((line.at_ms / 1_000 / width_seconds) as usize) {
                // Logs of this program have the bounds of its recorders.
                let _ = sum.add(&line.histogram);
            }
        }
        let at = |i: usize| i as f64 * width_seconds as f64;
        let row = |h: &Histogram<u64>| [0.5, 0.99, 0.999].map(|q| quantile(h, q));
        let rows = sums.iter().enumerate().map(|(i, h)| (at(i), row(h))).collect();
        Ok(Windows { width_seconds, rows })
    }
}
