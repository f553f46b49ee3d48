//! What a sample of replications says of a loss: mean, quantiles and expected shortfall, each with a 95 % interval, and
//! nothing that its size cannot carry.
//!
//! | | estimator | interval |
//! |---|---|---|
//! | mean | mean | Student's t |
//! | quantile | smallest value that a share p of the sample does not exceed | two order statistics, chosen by the binomial distribution (no assumption on the shape) |
//! | expected shortfall | mean of the worst share 1 − p, a value on the border counted in part (Acerbi and Tasche 2002, "On the coherence of expected shortfall") | percentile bootstrap |
//!
//! A tail statistic is carried by a sample when at least [`BEYOND_MIN`] replications are expected beyond it and order
//! statistics bound it on both sides at 95 %: P80 from 25 replications, P95 from 100, P99 from 500. The border of the interval
//! alone would let P99 through at 368, where 3.7 replications lie beyond it; their mean, the shortfall, would then hang on a
//! single one.

use crate::base::random::{Purpose, RunKey, Stream};
use crate::measure::latency::quantile::interval_ranks;
use crate::measure::t_975;
use crate::results::load::Estimate;
use crate::results::suite::{Distribution, TailEstimate};

/// Replications that must be expected beyond a quantile before it is stated.
pub(crate) const BEYOND_MIN: f64 = 5.0;

/// Shares of the sample at which quantiles are stated, when it carries them.
pub(crate) const QUANTILES: [f64; 5] = [0.5, 0.8, 0.9, 0.95, 0.99];

/// Shares at which the shortfall beyond is stated.
pub(crate) const SHORTFALLS: [f64; 3] = [0.8, 0.95, 0.99];

/// Resamples of a bootstrap.
pub(crate) const RESAMPLES: u16 = 2_000;

/// Level of all intervals.
const CONFIDENCE: f64 = 0.95;

/// True when `replications` carry the quantile `share`.
pub(crate) fn carries(replications: usize, share: f64) -> bool {
    // A little slack: 100 × (1 − 0.95) is 4.999… in binary.
    let enough = replications as f64 * share.min(1.0 - share) >= BEYOND_MIN - 1e-9;
    enough && interval_ranks(replications as u64, share, CONFIDENCE).is_some()
}

/// The distribution of a loss over replications. `None` with fewer than two: one value has no interval.
pub(crate) fn distribution(losses: &[f64], seed: u64) -> Option<Distribution> {
    let mut sorted = losses.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (least, most) = (*sorted.first()?, *sorted.last()?);
    let quantiles = QUANTILES.map(|share| TailEstimate { share, estimate: quantile(&sorted, share) });
    let shortfalls = SHORTFALLS.map(|share| TailEstimate { share, estimate: shortfall(&sorted, share, seed) });
    Some(Distribution {
        replications: sorted.len() as u32,
        mean: mean(losses)?,
        deviation: variance(losses).sqrt(),
        least,
        most,
        quantiles: quantiles.into(),
        shortfalls: shortfalls.into(),
    })
}

/// The mean with its t interval. `None` with fewer than two values: nothing is known of the spread of one.
pub(crate) fn mean(values: &[f64]) -> Option<Estimate> {
    let n = values.len();
    if n < 2 {
        return None;
    }
    let value = values.iter().sum::<f64>() / n as f64;
    let half = t_975(n - 1) * (variance(values) / n as f64).sqrt();
    Some(Estimate { value, low: value - half, high: value + half })
}

/// Unbiased variance; 0 of fewer than two values.
pub(crate) fn variance(values: &[f64]) -> f64 {
    let n = values.len();
    if n < 2 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1) as f64
}

/// A quantile of a sorted sample with its interval, when the sample carries it.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<Estimate> {
    if !carries(sorted.len(), share) {
        return None;
    }
    let (low, high) = interval_ranks(sorted.len() as u64, share, CONFIDENCE)?;
    let rank = |rank: usize| sorted[rank.clamp(1, sorted.len()) - 1];
    // 0.95 × 100 is above 95 in binary; the rank is 95.
    let at = (share * sorted.len() as f64 - 1e-9).ceil() as usize;
    Some(Estimate { value: rank(at), low: rank(low as usize), high: rank(high as usize) })
}

/// The mean of the worst share 1 − `share` of a sorted sample with its bootstrap interval, when the sample carries it.
pub(crate) fn shortfall(sorted: &[f64], share: f64, seed: u64) -> Option<Estimate> {
    if !carries(sorted.len(), share) {
        return None;
    }
    let once = vec![1_u32; sorted.len()];
    let mut counts = vec![0_u32; sorted.len()];
    let interval = bootstrap(seed, |stream| {
        resample(stream, &mut counts);
        Some(worst_mean(sorted, &counts, share))
    })?;
    Some(interval.of(worst_mean(sorted, &once, share)))
}

/// Mean of the worst share 1 − `share`, each value taken `counts` times.
fn worst_mean(sorted: &[f64], counts: &[u32], share: f64) -> f64 {
    let wanted = (1.0 - share) * sorted.len() as f64;
    let (mut left, mut sum) = (wanted, 0.0);
    for (value, &count) in sorted.iter().zip(counts).rev() {
        let taken = f64::from(count).min(left);
        sum += value * taken;
        left -= taken;
        if left <= 0.0 {
            break;
        }
    }
    sum / wanted
}

/// How often each of `counts.len()` positions comes up in as many draws with replacement.
pub(crate) fn resample(stream: &mut Stream, counts: &mut [u32]) {
    counts.fill(0);
    let n = counts.len() as u32;
    for _ in 0..n {
        counts[stream.below(n) as usize] += 1;
    }
}

/// A 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// The interval of a value.
    pub(crate) const fn of(self, value: f64) -> Estimate {
        Estimate { value, low: self.low, high: self.high }
    }
}

/// The middle 95 % of a statistic over resamples; `None` when fewer than half of them have a value.
pub(crate) fn bootstrap(seed: u64, mut statistic: impl FnMut(&mut Stream) -> Option<f64>) -> Option<Interval> {
    let key = RunKey::new(seed, 0);
    let mut values: Vec<f64> =
        (0..RESAMPLES).filter_map(|number| statistic(&mut key.stream(number, Purpose::Service))).collect();
    if values.len() * 2 < usize::from(RESAMPLES) {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let at = |share: f64| values[((share * values.len() as f64) as usize).min(values.len() - 1)];
    Some(Interval { low: at(tail), high: at(1.0 - tail) })
}

#[cfg(test)]
mod tests;
