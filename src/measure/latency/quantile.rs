//! Quantiles of latency that say when they are not known, and how well they are: which are stated with how many samples. Results
//! and reports take them from here.

use hdrhistogram::Histogram;

/// Samples that must lie beyond a quantile before it is printed.
///
/// With k samples expected beyond it, the number that really lies there scatters by √k; at k = 10 that is a third, and the
/// chance that none lies there (the "quantile" is then just the maximum) is e⁻¹⁰, 1 in 20,000. So p99 asks for 1,000
/// samples, p99.9 for 10,000, p99.99 for 100,000.
pub(crate) const SAMPLES_BEYOND: f64 = 10.0;

/// Quantiles that results state, with the names of their columns.
pub(crate) const STATED_QUANTILES: [(f64, &str); 5] =
    [(0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p99.9"), (0.9999, "p99.99")];

/// True when `samples` carry the quantile: [`SAMPLES_BEYOND`] of them lie beyond it on its thinner side.
pub(crate) fn carries(samples: u64, quantile: f64) -> bool {
    // A little slack: 1,000 × (1 − 0.99) is 9.999… in binary.
    samples as f64 * quantile.min(1.0 - quantile) >= SAMPLES_BEYOND - 1e-6
}

/// The value that a share `quantile` (0 < q < 1) of the samples does not exceed, or `None` when too few samples carry it.
pub(crate) fn quantile(histogram: &Histogram<u64>, quantile: f64) -> Option<u64> {
    carries(histogram.len(), quantile).then(|| histogram.value_at_quantile(quantile))
}

/// The largest value; `None` without samples.
pub(crate) fn maximum(histogram: &Histogram<u64>) -> Option<u64> {
    (!histogram.is_empty()).then(|| histogram.max())
}

/// p50, p90, p99, p99.9 and the maximum: the row of a second.
pub(crate) fn row(histogram: &Histogram<u64>) -> [Option<u64>; 5] {
    [
        quantile(histogram, 0.5),
        quantile(histogram, 0.9),
        quantile(histogram, 0.99),
        quantile(histogram, 0.999),
        maximum(histogram),
    ]
}

/// Samples above `value` (in buckets above that of `value`).
pub(crate) fn count_above(histogram: &Histogram<u64>, value: u64) -> u64 {
    histogram.len() - histogram.count_between(0, value)
}

/// A distribution-free interval of a quantile at `confidence` (such as 0.95): two order statistics, chosen by the binomial
/// distribution of the number of samples beyond the quantile. `None` when too few samples carry the quantile or bound it from
/// above.
///
/// It takes the samples for independent. Latencies of neighbouring requests are not (they share a queue), so the true interval
/// is wider; `experiment::compare` draws whole blocks of seconds for that reason.
pub(crate) fn quantile_interval(histogram: &Histogram<u64>, quantile: f64, confidence: f64) -> Option<(u64, u64)> {
    let samples = histogram.len();
    if !carries(samples, quantile) {
        return None;
    }
    let (lower, upper) = interval_ranks(samples, quantile, confidence)?;
    Some((at_rank(histogram, lower), at_rank(histogram, upper)))
}

/// Ranks (1 is the smallest sample) of the two order statistics that bound a quantile at `confidence`. `None` when the samples
/// do not reach far enough to bound it on both sides.
pub(crate) fn interval_ranks(samples: u64, quantile: f64, confidence: f64) -> Option<(u64, u64)> {
    let (fewest, most) = binomial_bounds(samples, 1.0 - quantile, (1.0 - confidence) / 2.0);
    let (lower, upper) = (samples.checked_sub(most)?, samples.checked_sub(fewest)? + 1);
    (lower >= 1 && upper <= samples).then_some((lower, upper))
}

/// The value at a rank, 1 being the smallest sample.
fn at_rank(histogram: &Histogram<u64>, rank: u64) -> u64 {
    let mut seen = 0;
    for step in histogram.iter_recorded() {
        seen += step.count_since_last_iteration();
        if seen >= rank {
            return histogram.highest_equivalent(step.value_iterated_to());
        }
    }
    histogram.max()
}

/// The largest k₁ with P(K < k₁) ≤ `tail` and the smallest k₂ with P(K > k₂) ≤ `tail` for K binomial (n, p).
fn binomial_bounds(n: u64, p: f64, tail: f64) -> (u64, u64) {
    let mean = n as f64 * p;
    let deviation = (mean * (1.0 - p)).sqrt();
    if mean.min(n as f64 - mean) > 1_000.0 {
        // Beyond a thousand on both sides the normal curve is exact to a rank or two in a thousand.
        let reach = normal_quantile(1.0 - tail) * deviation;
        return ((mean - reach - 0.5).floor().max(0.0) as u64, (mean + reach + 0.5).ceil() as u64);
    }
    let start = (mean - 12.0 * deviation - 12.0).max(0.0) as u64;
    let end = ((mean + 12.0 * deviation + 12.0) as u64).min(n);
    let (mut below, mut fewest, mut most) = (0.0, None, None);
    for k in start..=end {
        let at_most = below + libm::exp(log_binomial(n, p, k));
        if fewest.is_none() && at_most > tail {
            fewest = Some(k);
        }
        if most.is_none() && 1.0 - at_most <= tail {
            most = Some(k);
        }
        below = at_most;
    }
    (fewest.unwrap_or(start), most.unwrap_or(end))
}

/// The probability of `k` or more out of `n` that each happen with probability `p` (0 < p < 1).
pub(crate) fn probability_of_at_least(k: u64, n: u64, p: f64) -> f64 {
    // Few are summed: those below `k`, or those from `k` on.
    let sum = |range: std::ops::RangeInclusive<u64>| range.map(|i| libm::exp(log_binomial(n, p, i))).sum::<f64>();
    match k {
        0 => 1.0,
        _ if k > n => 0.0,
        _ if (k as f64) < n as f64 * p => 1.0 - sum(0..=k - 1),
        _ => sum(k..=n),
    }
}

fn log_binomial(n: u64, p: f64, k: u64) -> f64 {
    let log_factorial = |m: u64| libm::lgamma(m as f64 + 1.0);
    log_factorial(n) - log_factorial(k) - log_factorial(n - k)
        + k as f64 * libm::log(p)
        + (n - k) as f64 * libm::log1p(-p)
}

/// Quantile of the standard normal by bisection of `erfc`.
fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-10.0, 10.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        let below = 0.5 * libm::erfc(-middle / std::f64::consts::SQRT_2);
        if below < p { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Purpose, RunKey};
    use crate::measure::latency::record::histogram_ns;

    fn of(values: impl Iterator<Item = u64>) -> Histogram<u64> {
        let mut histogram = histogram_ns();
        values.for_each(|v| histogram.saturating_record(v));
        histogram
    }

    #[test]
    fn a_quantile_is_known_when_ten_samples_lie_beyond_it() {
        for (quantile_of, needed) in [(0.5, 20), (0.9, 100), (0.99, 1_000), (0.999, 10_000), (0.9999, 100_000)] {
            assert!(carries(needed, quantile_of), "{quantile_of}");
            assert!(!carries(needed - 1, quantile_of), "{quantile_of}");
        }
        let h = of((1..=1_000).map(|i| i * 1_000));
        assert!(quantile(&h, 0.99).is_some_and(|v| v.abs_diff(990_000) < 1_000));
        assert_eq!(quantile(&h, 0.999), None);
        assert_eq!((maximum(&histogram_ns()), row(&histogram_ns())), (None, [None; 5]));
        assert_eq!((count_above(&h, 900_000), count_above(&h, 2_000_000)), (100, 0));
    }

    #[test]
    fn binomial_bounds_are_the_textbook_ones() {
        // Binomial (100, 0.1): P(K ≤ 4) = 0.0237, P(K ≤ 15) = 0.9601, P(K ≤ 16) = 0.9794.
        assert_eq!(binomial_bounds(100, 0.1, 0.025), (5, 16));
        assert!((normal_quantile(0.975) - 1.959_964).abs() < 1e-6);
        // Exact and approximate meet where one hands over to the other.
        let (exact, near) = (binomial_bounds(99_900, 0.01, 0.025), binomial_bounds(100_200, 0.01, 0.025));
        assert!(near.0.abs_diff(exact.0) <= 5 && near.1.abs_diff(exact.1) <= 5, "{exact:?} {near:?}");
    }

    #[test]
    fn the_tail_of_the_binomial_is_the_textbook_one() {
        let near = |found: f64, truth: f64| assert!((found - truth).abs() < 1e-4 * truth.max(1e-9), "{found} {truth}");
        near(probability_of_at_least(0, 10, 0.3), 1.0);
        near(probability_of_at_least(11, 10, 0.3), 0.0);
        near(probability_of_at_least(10, 10, 0.5), 1.0 / 1_024.0);
        near(probability_of_at_least(1, 10, 0.5), 1_023.0 / 1_024.0);
        // 1 − 0.0237 of P(K ≤ 4) above.
        assert!((probability_of_at_least(5, 100, 0.1) - 0.9763).abs() < 1e-4);
    }

    #[test]
    fn intervals_cover_the_quantile_as_often_as_they_say() {
        let (mut covered, runs) = (0, 400);
        for run in 0..runs {
            let mut luck = RunKey::new(run, 0).stream(0, Purpose::World);
            let h = of((0..3_000).map(|_| (-libm::log(1.0 - luck.unit()) * 1e6) as u64));
            let truth = (-libm::log(0.01) * 1e6) as u64;
            let (low, high) = quantile_interval(&h, 0.99, 0.95).expect("3,000 samples carry p99");
            covered += usize::from(low <= truth && truth <= high);
        }
        let share = f64::from(covered as u32) / runs as f64;
        assert!((0.93..=0.995).contains(&share), "{share}");
        assert_eq!(quantile_interval(&of(0..900), 0.99, 0.95), None);
    }
}
