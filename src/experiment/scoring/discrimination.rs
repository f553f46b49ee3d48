//! How well a score tells bad from good, and how far a population has moved under it. Arithmetic on numbers alone: what was
//! observed of whom is `observer`, the scorecard is `model`.
//!
//! AUC is the chance that a bad account stands above a good one, ties counting half. Its variance, and the covariance of two
//! scores of the same accounts, are DeLong's (DeLong, DeLong and Clarke-Pearson 1988, "Comparing the areas under two or more
//! correlated receiver operating characteristic curves"), worked out from midranks (Sun and Xu 2014). The population stability
//! index is Σ (pᵢ − qᵢ) ln(pᵢ / qᵢ) over the deciles of the first population.

use crate::results::load::Estimate;

/// 97.5 % of the normal distribution.
const Z_975: f64 = 1.959_964;

/// Bins of a stability index and of a lift table.
pub(crate) const DECILES: usize = 10;

/// A share below this counts as this, so that an empty bin has a logarithm.
const SHARE_MIN: f64 = 1e-4;

/// An AUC with what its variance is made of.
#[derive(Clone, Debug)]
pub(crate) struct Auc {
    /// The area.
    pub value: f64,
    /// By bad account: share of good ones below it.
    of_bad: Vec<f64>,
    /// By good account: share of bad ones above it.
    of_good: Vec<f64>,
}

/// The AUC of `scores` (higher is worse) for `bad`; `None` without both kinds.
pub(crate) fn auc(scores: &[f64], bad: &[bool]) -> Option<Auc> {
    let pick = |kind: bool| -> Vec<f64> {
        scores.iter().zip(bad).filter(|(_, bad)| **bad == kind).map(|(score, _)| *score).collect()
    };
    let (bads, goods) = (pick(true), pick(false));
    if bads.is_empty() || goods.is_empty() {
        return None;
    }
    let of_bad = below(&bads, &goods);
    let of_good = below(&goods, &bads).into_iter().map(|share| 1.0 - share).collect();
    let value = of_bad.iter().sum::<f64>() / of_bad.len() as f64;
    Some(Auc { value, of_bad, of_good })
}

/// For each of `these`: the share of `others` below it, ties counting half.
fn below(these: &[f64], others: &[f64]) -> Vec<f64> {
    let mut sorted = others.to_vec();
    sorted.sort_by(f64::total_cmp);
    let share = |value: &f64| {
        let (less, upto) = (sorted.partition_point(|o| o < value), sorted.partition_point(|o| o <= value));
        (less + upto) as f64 / 2.0 / sorted.len() as f64
    };
    these.iter().map(share).collect()
}

/// Covariance of two samples of the same things.
fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len();
    if n < 2 {
        return 0.0;
    }
    let average = |values: &[f64]| values.iter().sum::<f64>() / n as f64;
    let (ma, mb) = (average(a), average(b));
    a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum::<f64>() / (n - 1) as f64
}

impl Auc {
    fn covariance(&self, other: &Auc) -> f64 {
        covariance(&self.of_bad, &other.of_bad) / self.of_bad.len() as f64
            + covariance(&self.of_good, &other.of_good) / self.of_good.len() as f64
    }

    /// The area with its 95 % interval, inside [0, 1].
    pub(crate) fn estimate(&self) -> Estimate {
        let half = Z_975 * self.covariance(self).max(0.0).sqrt();
        Estimate { value: self.value, low: (self.value - half).max(0.0), high: (self.value + half).min(1.0) }
    }

    /// This area less another score's on the same accounts, with its interval.
    pub(crate) fn less(&self, other: &Auc) -> Estimate {
        let variance = self.covariance(self) + other.covariance(other) - 2.0 * self.covariance(other);
        let (value, half) = (self.value - other.value, Z_975 * variance.max(0.0).sqrt());
        Estimate { value, low: value - half, high: value + half }
    }

    /// Bad accounts.
    pub(crate) fn bad(&self) -> usize {
        self.of_bad.len()
    }

    /// Good accounts.
    pub(crate) fn good(&self) -> usize {
        self.of_good.len()
    }
}

/// The inner borders of the deciles of a sample; nine values, in order. Empty of an empty sample.
pub(crate) fn decile_borders(scores: &[f64]) -> Vec<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let border = |decile: usize| sorted.get(decile * sorted.len() / DECILES).copied();
    (1..DECILES).filter_map(border).collect()
}

/// The decile (0 to 9) of a score between borders.
pub(crate) fn decile(borders: &[f64], score: f64) -> usize {
    borders.partition_point(|border| *border <= score)
}

/// The stability index of `now` against `before`, over the deciles of `before`; `None` when one of them is empty.
pub(crate) fn stability(before: &[f64], now: &[f64]) -> Option<f64> {
    if before.is_empty() || now.is_empty() {
        return None;
    }
    let borders = decile_borders(before);
    let shares = |sample: &[f64]| {
        let mut counts = [0_u32; DECILES];
        sample.iter().for_each(|score| counts[decile(&borders, *score)] += 1);
        counts.map(|count| (f64::from(count) / sample.len() as f64).max(SHARE_MIN))
    };
    let (p, q) = (shares(now), shares(before));
    Some(p.iter().zip(q).map(|(p, q)| (p - q) * libm::log(p / q)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Purpose, RunKey, Stream};
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn a_small_sample_is_what_a_hand_counts() {
        // Bad 3 and 5 against good 1, 3 and 4: pairs won 1 + ½ + 0 and 3, of 6.
        let found = auc(&[3.0, 5.0, 1.0, 3.0, 4.0], &[true, true, false, false, false]).expect("both kinds");
        assert!((found.value - 4.5 / 6.0).abs() < 1e-12);
        assert_eq!((found.bad(), found.good()), (2, 3));
        assert!(auc(&[1.0, 2.0], &[true, true]).is_none());
        let sure = auc(&[9.0, 8.0, 1.0, 2.0], &[true, true, false, false]).expect("both kinds");
        assert_eq!((sure.value, sure.estimate().low), (1.0, 1.0));
    }

    fn normal(luck: &mut Stream) -> f64 {
        Distribution::<f64>::sample(&StandardNormal, luck)
    }

    /// Two normal scores apart by d have an AUC of Φ(d / √2): 0.7602 for d = 1.
    #[test]
    fn the_interval_holds_the_true_area_as_often_as_it_says() {
        let (mut held, mut better, runs) = (0, 0, 100_u32);
        for run in 0..runs {
            let mut luck = RunKey::new(7, run).stream(0, Purpose::World);
            let bad: Vec<bool> = (0..400).map(|i| i % 5 == 0).collect();
            let signal: Vec<f64> = bad.iter().map(|bad| f64::from(u8::from(*bad)) + normal(&mut luck)).collect();
            let noisy: Vec<f64> = signal.iter().map(|s| s + 1.5 * normal(&mut luck)).collect();
            let (sharp, blunt) = (auc(&signal, &bad).expect("both"), auc(&noisy, &bad).expect("both"));
            let interval = sharp.estimate();
            held += u32::from(interval.low <= 0.7602 && 0.7602 <= interval.high);
            let gain = sharp.less(&blunt);
            better += u32::from(gain.low > 0.0);
            assert!(gain.high - gain.low < 2.0 * (interval.high - interval.low), "pairs of scores gain");
        }
        // Binomial (100, 0.95): fewer than 88 with a chance of 0.2 %.
        assert!(held >= 88, "{held} of {runs}");
        assert!(better > 90, "{better} of {runs} see that noise blunts a score");
    }

    #[test]
    fn stability_is_zero_for_the_same_and_large_for_what_moved() {
        let mut luck = RunKey::new(3, 0).stream(0, Purpose::World);
        let before: Vec<f64> = (0..5_000).map(|_| normal(&mut luck)).collect();
        let same: Vec<f64> = (0..5_000).map(|_| normal(&mut luck)).collect();
        let moved: Vec<f64> = same.iter().map(|s| s + 1.0).collect();
        assert_eq!(stability(&before, &before), Some(0.0));
        assert!(stability(&before, &same).is_some_and(|psi| psi < 0.01));
        // Two normals one sd apart: the continuous index is 1.
        assert!(
            stability(&before, &moved).is_some_and(|psi| (0.75..1.1).contains(&psi)),
            "{:?}",
            stability(&before, &moved)
        );
        assert_eq!(stability(&before, &[]), None);
        assert_eq!((decile(&decile_borders(&before), -9.0), decile(&decile_borders(&before), 9.0)), (0, 9));
    }
}
