//! Two load runs compared: which differences are real, and which of those matter.
//!
//! **Intervals.** Seconds of a run are not independent: a queue, a close of day or a neighbour on the machine lasts several. Whole
//! blocks of neighbouring seconds are drawn with replacement (moving-block bootstrap) and their histograms added, so a quantile
//! of a resample is a quantile of requests, never a mean of quantiles. The spread of log ratios over resamples gives a standard
//! error, widened by √(n / (n − L)) for what blocks of L out of n seconds cannot see; intervals and p-values are Student's with
//! as many degrees of freedom as there are blocks, less two.
//!
//! **Block length.** Twice the first lag after which five autocorrelations in a row of the seconds' log p50, log p99 or decided
//! requests are insignificant (Politis and White 2004), at least √n, at most n / 6; the larger of both runs. (The usual floor of
//! n^⅓ gave too many false alarms in runs of a minute or two: short blocks do not see slow drift.)
//!
//! **Many metrics.** Holm's correction: the chance of calling anything better or worse when nothing changed stays below 5%. A
//! build fails on any one alarm, so it is the family's error that counts, not the share of false ones (Benjamini–Hochberg).

mod runs;

pub(crate) use runs::{read_run, warnings};

use crate::base::random::{Purpose, RunKey};
use crate::experiment::significance::{holm, student, student_quantile};
use crate::measure::latency::quantile::carries;
use crate::measure::latency::{OPERATIONS, Operation};
use crate::results::load::{IntervalHistogram, LoadRecord};

/// Chance of a false alarm over all metrics, and of an interval to miss.
pub(crate) const LEVEL: f64 = 0.05;
/// Seconds that a run needs: fewer hold too few blocks.
pub(crate) const SECONDS_MIN: usize = 30;
const RESAMPLES: u16 = 400;
/// Relative width of a latency bin.
const BIN_WIDTH: f64 = 0.004;
const BINS: usize = 5_400;
const FIRST_BIN_NS: f64 = 64.0;
/// Rows: operations and, last, all requests.
const ROWS: usize = OPERATIONS + 1;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    /// Latency at the median.
    P50,
    /// … at 99%.
    P99,
    /// … at 99.9%.
    P999,
    /// Decided requests a second.
    Throughput,
    /// Requests without a decision over offered ones.
    ErrorShare,
    /// Approved over decided requests.
    ApprovalRate,
}

impl Metric {
    /// All in order.
    pub(crate) const ALL: [Metric; 6] =
        [Metric::P50, Metric::P99, Metric::P999, Metric::Throughput, Metric::ErrorShare, Metric::ApprovalRate];

    /// Its name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Metric::P50 => "p50",
            Metric::P99 => "p99",
            Metric::P999 => "p99.9",
            Metric::Throughput => "throughput",
            Metric::ErrorShare => "error share",
            Metric::ApprovalRate => "approval rate",
        }
    }

    const fn quantile(self) -> Option<f64> {
        match self {
            Metric::P50 => Some(0.5),
            Metric::P99 => Some(0.99),
            Metric::P999 => Some(0.999),
            _ => None,
        }
    }

    const fn more_is_worse(self) -> bool {
        matches!(self, Metric::P50 | Metric::P99 | Metric::P999 | Metric::ErrorShare)
    }
}

/// What a difference amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// B is better by the minimum effect or more, beyond chance.
    Better,
    /// B is worse by the minimum effect or more, beyond chance.
    Worse,
    /// The difference is below the minimum effect, or its whole interval is.
    Irrelevant,
    /// Too few samples, or the interval is too wide to say.
    NotKnown,
}

impl Change {
    /// Its name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Change::Better => "better",
            Change::Worse => "worse",
            Change::Irrelevant => "no relevant change",
            Change::NotKnown => "not known",
        }
    }
}

/// One metric of one operation in both runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    /// Operation, or `all`.
    pub operation: &'static str,
    /// Metric.
    pub metric: Metric,
    /// Value in A: nanoseconds, requests a second or a share. `None` when too few samples carry it.
    pub a: Option<f64>,
    /// Value in B.
    pub b: Option<f64>,
    /// B against A: (B − A) / A, for the error share B − A.
    pub effect: Option<Effect>,
    /// p-value after Holm's correction.
    pub adjusted_p: Option<f64>,
    /// The verdict.
    pub change: Change,
}

/// How large a difference is, with its 95% interval, uncorrected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effect {
    /// The difference itself.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How to compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CompareOptions {
    /// Relative difference below which nothing is called better or worse.
    pub minimum_effect: f64,
    /// The same for the error share, in absolute terms (0.001 is a tenth of a percentage point).
    pub minimum_error_share: f64,
    /// Seed of the resamples.
    pub seed: u64,
}

/// All differences, and what they rest on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparison {
    /// By operation and metric; only what happened in at least one of the runs.
    pub differences: Vec<Difference>,
    /// Length of the blocks, seconds.
    pub block_seconds: usize,
    /// Seconds of A.
    pub seconds_a: usize,
    /// Seconds of B.
    pub seconds_b: usize,
}

impl Comparison {
    /// True when anything is worse.
    pub(crate) fn is_worse(&self) -> bool {
        self.differences.iter().any(|d| d.change == Change::Worse)
    }
}

/// Sums of one operation over one second.
#[derive(Clone, Debug, Default)]
struct Cell {
    offered: u64,
    decided: u64,
    approved: u64,
    errors: u64,
    /// Latency by bin, ascending.
    bins: Vec<(u16, u32)>,
}

/// The seconds of a run, as comparing needs them.
#[derive(Clone, Debug)]
pub(crate) struct RunSeries {
    /// By second and operation.
    seconds: Vec<Vec<Cell>>,
}

fn bin_of(ns: u64) -> u16 {
    let bin = libm::log((ns as f64 / FIRST_BIN_NS).max(1.0)) / BIN_WIDTH;
    (bin as usize).min(BINS - 1) as u16
}

impl RunSeries {
    /// From a record and its log (`results::load::read_log`).
    pub(crate) fn of(record: &LoadRecord, log: &[IntervalHistogram]) -> RunSeries {
        let cell = |counts: &crate::measure::latency::OperationCounts| Cell {
            offered: counts.offered,
            decided: counts.decided(),
            approved: counts.approved,
            errors: counts.errors(),
            bins: Vec::new(),
        };
        let rows = &record.observations.seconds;
        let mut seconds: Vec<Vec<Cell>> = rows.iter().map(|s| s.counts.iter().map(cell).collect()).collect();
        for line in log {
            let Some(operation) = Operation::from_name(&line.tag) else { continue };
            let second = rows.partition_point(|s| s.at_ms <= line.at_ms).saturating_sub(1);
            let Some(cell) = seconds.get_mut(second).map(|s| &mut s[operation as usize]) else { continue };
            for step in line.histogram.iter_recorded() {
                let (bin, count) = (bin_of(step.value_iterated_to()), step.count_since_last_iteration() as u32);
                match cell.bins.last_mut().filter(|last| last.0 == bin) {
                    Some(last) => last.1 += count,
                    None => cell.bins.push((bin, count)),
                }
            }
        }
        RunSeries { seconds }
    }

    /// Number of seconds.
    pub(crate) fn len(&self) -> usize {
        self.seconds.len()
    }

    /// Adds seconds of all operations.
    fn sum(&self, drawn: impl Iterator<Item = usize>, sums: &mut Sums) {
        sums.clear();
        let first = sums.first_bin;
        for second in drawn {
            for (row, cell) in self.seconds[second].iter().enumerate() {
                let sum = &mut sums.rows[row];
                sum.offered += cell.offered;
                sum.decided += cell.decided;
                sum.approved += cell.approved;
                sum.errors += cell.errors;
                for &(bin, count) in &cell.bins {
                    sum.bins[usize::from(bin) - first] += u64::from(count);
                }
            }
        }
        let (requests, all) = sums.rows.split_at_mut(OPERATIONS);
        for sum in requests.iter().take(OPERATIONS - 1) {
            all[0].offered += sum.offered;
            all[0].decided += sum.decided;
            all[0].approved += sum.approved;
            all[0].errors += sum.errors;
            all[0].bins.iter_mut().zip(&sum.bins).for_each(|(a, b)| *a += b);
        }
    }
}

struct Sum {
    offered: u64,
    decided: u64,
    approved: u64,
    errors: u64,
    bins: Vec<u64>,
    first_bin: usize,
}

/// Sums by row, with room for the bins that occur and for no others: resamples are many.
struct Sums {
    rows: Vec<Sum>,
    first_bin: usize,
}

impl Sums {
    fn new(runs: &[&RunSeries]) -> Sums {
        let cells = || runs.iter().flat_map(|run| &run.seconds).flat_map(|second| second.iter().enumerate());
        let bins = || cells().flat_map(|(_, cell)| &cell.bins).map(|(bin, _)| usize::from(*bin));
        let (first, last) = (bins().min().unwrap_or(0), bins().max().unwrap_or(0));
        let used = |row: usize| row == OPERATIONS || cells().any(|(r, cell)| r == row && !cell.bins.is_empty());
        let empty = |row| {
            let bins = vec![0; if used(row) { last - first + 1 } else { 0 }];
            Sum { offered: 0, decided: 0, approved: 0, errors: 0, bins, first_bin: first }
        };
        Sums { rows: (0..ROWS).map(empty).collect(), first_bin: first }
    }

    fn clear(&mut self) {
        for sum in &mut self.rows {
            (sum.offered, sum.decided, sum.approved, sum.errors) = (0, 0, 0, 0);
            sum.bins.fill(0);
        }
    }

    /// The metrics of a row over `seconds` seconds. With `guarded`, quantiles that too few samples carry are `None`.
    fn metrics(&self, row: usize, seconds: usize, guarded: bool) -> [Option<f64>; 6] {
        let sum = &self.rows[row];
        let samples: u64 = sum.bins.iter().sum();
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        let requests = row != Operation::CloseOfDay as usize;
        Metric::ALL.map(|metric| match metric {
            Metric::Throughput => (requests && sum.decided > 0).then(|| sum.decided as f64 / seconds.max(1) as f64),
            Metric::ErrorShare => share(sum.errors, sum.offered),
            Metric::ApprovalRate => share(sum.approved, sum.decided).filter(|rate| *rate > 0.0),
            _ => metric
                .quantile()
                .filter(|q| samples > 0 && (!guarded || carries(samples, *q)))
                .map(|q| sum.quantile(q, samples)),
        })
    }
}

impl Sum {
    /// Interpolated inside the bin: resamples that fall into one bin still differ.
    fn quantile(&self, quantile: f64, samples: u64) -> f64 {
        let target = quantile * samples as f64;
        let mut below = 0;
        for (bin, &count) in self.bins.iter().enumerate() {
            if count > 0 && (below + count) as f64 >= target {
                let inside = (target - below as f64) / count as f64;
                return FIRST_BIN_NS * libm::exp(((self.first_bin + bin) as f64 + inside) * BIN_WIDTH);
            }
            below += count;
        }
        FIRST_BIN_NS * libm::exp((self.first_bin + self.bins.len()) as f64 * BIN_WIDTH)
    }
}

/// Compares two runs. Call it with at least [`SECONDS_MIN`] seconds each.
pub(crate) fn compare(a: &RunSeries, b: &RunSeries, options: &CompareOptions) -> Comparison {
    let block = block_length(a).max(block_length(b)).min((a.len().min(b.len()) / 6).max(1));
    let runs = [a, b];
    let mut sums = Sums::new(&runs);
    let mut points = Vec::new();
    let mut spreads = Vec::new();
    for (which, run) in runs.into_iter().enumerate() {
        run.sum(0..run.len(), &mut sums);
        points.push((0..ROWS).map(|row| sums.metrics(row, run.len(), true)).collect::<Vec<_>>());
        spreads.push(variances(run, block, options.seed, which as u32, &mut sums));
    }
    let freedom = (a.len() / block + b.len() / block).saturating_sub(2).max(1) as f64;
    let mut differences = Vec::new();
    // All requests first, then operation by operation.
    for row in (0..ROWS).cycle().skip(OPERATIONS).take(ROWS) {
        let operation = Operation::ALL.get(row).map_or(crate::results::load::ALL, |o| o.name());
        for (i, metric) in Metric::ALL.into_iter().enumerate() {
            let (x, y) = (points[0][row][i], points[1][row][i]);
            if x.is_none() && y.is_none() {
                continue;
            }
            let error = spreads[0][row][i].zip(spreads[1][row][i]).map(|(va, vb)| (va + vb).sqrt());
            let mut found =
                Difference { operation, metric, a: x, b: y, effect: None, adjusted_p: None, change: Change::NotKnown };
            if let (Some(x), Some(y), Some(error)) = (x, y, error) {
                let tested = test(metric, Values { a: x, b: y }, error, freedom);
                (found.effect, found.adjusted_p) = (Some(tested.effect), Some(tested.p));
            }
            differences.push(found);
        }
    }
    let adjusted = holm(&differences.iter().map(|d| d.adjusted_p).collect::<Vec<_>>());
    differences.iter_mut().zip(adjusted).for_each(|(d, p)| d.adjusted_p = p);
    differences.iter_mut().for_each(|d| d.change = judge(d, options));
    Comparison { differences, block_seconds: block, seconds_a: a.len(), seconds_b: b.len() }
}

/// A metric in both runs.
struct Values {
    a: f64,
    b: f64,
}

/// An effect and the p-value of no difference.
struct Tested {
    effect: Effect,
    p: f64,
}

fn test(metric: Metric, Values { a, b }: Values, error: f64, freedom: f64) -> Tested {
    let absolute = metric == Metric::ErrorShare;
    let difference = if absolute { b - a } else { libm::log(b / a) };
    let reach = student_quantile(1.0 - LEVEL / 2.0, freedom) * error;
    let shown = |d: f64| if absolute { d } else { libm::expm1(d) };
    let p = if error > 0.0 {
        2.0 * (1.0 - student(difference.abs() / error, freedom))
    } else {
        f64::from(u8::from(difference == 0.0))
    };
    let effect = Effect { value: shown(difference), low: shown(difference - reach), high: shown(difference + reach) };
    Tested { effect, p: p.clamp(0.0, 1.0) }
}

fn judge(found: &Difference, options: &CompareOptions) -> Change {
    let (Some(effect), Some(p)) = (found.effect, found.adjusted_p) else { return Change::NotKnown };
    let Effect { value: effect, low, high } = effect;
    let least = if found.metric == Metric::ErrorShare { options.minimum_error_share } else { options.minimum_effect };
    match (p < LEVEL, effect.abs() >= least) {
        (true, true) if (effect > 0.0) == found.metric.more_is_worse() => Change::Worse,
        (true, true) => Change::Better,
        (true, false) => Change::Irrelevant,
        (false, _) if low > -least && high < least => Change::Irrelevant,
        (false, _) => Change::NotKnown,
    }
}

/// Running mean and squares about it (Welford 1962).
#[derive(Clone, Copy, Default)]
struct Moments {
    mean: f64,
    squares: f64,
    count: u32,
}

impl Moments {
    fn add(&mut self, x: f64) {
        self.count += 1;
        let off = x - self.mean;
        self.mean += off / f64::from(self.count);
        self.squares += off * (x - self.mean);
    }
}

/// Variances of log metrics (of the error share itself) over resamples of whole blocks, by row and metric.
fn variances(run: &RunSeries, block: usize, seed: u64, which: u32, sums: &mut Sums) -> Vec<[Option<f64>; 6]> {
    let n = run.len();
    let mut moments = vec![[Moments::default(); 6]; ROWS];
    for resample in 0..RESAMPLES {
        let mut luck = RunKey::new(seed, 0).user(which).day(resample).stream(Purpose::World);
        let starts: Vec<usize> = (0..n.div_ceil(block)).map(|_| luck.below((n - block + 1) as u32) as usize).collect();
        let drawn = starts.into_iter().flat_map(|start| start..start + block).take(n);
        run.sum(drawn, sums);
        for (row, moment) in moments.iter_mut().enumerate() {
            for (i, value) in sums.metrics(row, n, false).into_iter().enumerate() {
                if let Some(value) = value {
                    let x = if Metric::ALL[i] == Metric::ErrorShare { value } else { libm::log(value) };
                    moment[i].add(x);
                }
            }
        }
    }
    let widened = n as f64 / (n - block).max(1) as f64;
    let variance = |m: Moments| {
        // A metric that every tenth resample lacks has no standard error worth the name.
        (m.count >= u32::from(RESAMPLES) * 9 / 10).then(|| m.squares / f64::from(m.count - 1) * widened)
    };
    moments.into_iter().map(|row| row.map(variance)).collect()
}

/// Length of blocks for one run, seconds.
fn block_length(run: &RunSeries) -> usize {
    let mut sums = Sums::new(&[run]);
    let mut series: [Vec<f64>; 3] = Default::default();
    for second in 0..run.len() {
        run.sum(std::iter::once(second), &mut sums);
        let metrics = sums.metrics(OPERATIONS, 1, false);
        for (line, value) in series.iter_mut().zip([metrics[0], metrics[1], metrics[3]]) {
            line.push(libm::log(value.unwrap_or(1.0).max(1e-9)));
        }
    }
    let n = run.len();
    let least = (n as f64).sqrt().ceil() as usize;
    let memory = series.iter().map(|line| 2 * last_correlated_lag(line)).max().unwrap_or(0);
    memory.max(least).min(n / 6).max(1)
}

/// The first lag after which five autocorrelations in a row are insignificant.
fn last_correlated_lag(line: &[f64]) -> usize {
    let n = line.len();
    if n < 8 {
        return 0;
    }
    let mean = line.iter().sum::<f64>() / n as f64;
    let covariance = |lag: usize| -> f64 {
        line.iter().zip(&line[lag..]).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>() / n as f64
    };
    let variance = covariance(0);
    if variance <= 1e-18 {
        return 0;
    }
    let bound = 2.0 * (libm::log10(n as f64) / n as f64).sqrt();
    let significant = |lag: usize| lag < n && (covariance(lag) / variance).abs() > bound;
    (0..n / 4).find(|lag| (1..=5).all(|ahead| !significant(lag + ahead))).unwrap_or(n / 4)
}

#[cfg(test)]
mod tests;
