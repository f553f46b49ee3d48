//! How much of a loss's spread is the economy's common luck and how much everybody's own.
//!
//! Nested replications: for each draw of the common shocks several worlds with other luck. With J shocks and K lucks each, the
//! classical estimators of the one-way random-effects model are
//!
//! ```text
//! idiosyncratic  σ²w = MSW = Σ (x_jk − x̄_j)² / J(K − 1)
//! systematic     σ²b = (MSB − MSW) / K,   MSB = K Σ (x̄_j − x̄)² / (J − 1)
//! ```
//!
//! (Searle, Casella and McCulloch 1992, "Variance Components", section 3.6; that K = 2 is near the best use of a budget:
//! Sun, Apley and Staum 2011, "Efficient nested simulation for estimating the variance of a conditional expectation".)
//! A negative σ²b is stated as 0. The interval of the systematic share resamples whole shocks.

use super::statistics::{bootstrap, resample, variance};
use crate::results::suite::VarianceSplit;

/// The split of `groups`: one entry a draw of the shocks, each with the same number (at least 2) of losses under other luck.
/// `None` with fewer than two groups, of groups that are not alike, or when nothing varies.
pub(crate) fn split(groups: &[Vec<f64>], seed: u64) -> Option<VarianceSplit> {
    let lucks = groups.first().map_or(0, Vec::len);
    if groups.len() < 2 || lucks < 2 || groups.iter().any(|group| group.len() != lucks) {
        return None;
    }
    let once = vec![1_u32; groups.len()];
    let whole = components(groups, &once)?;
    let mut counts = vec![0; groups.len()];
    let interval = bootstrap(seed, |stream| {
        resample(stream, &mut counts);
        components(groups, &counts)?.systematic_share()
    })?;
    Some(VarianceSplit {
        shocks: groups.len() as u32,
        lucks: lucks as u32,
        systematic_variance: whole.systematic,
        idiosyncratic_variance: whole.idiosyncratic,
        systematic_share: interval.of(whole.systematic_share()?),
    })
}

/// Both parts of a variance.
#[derive(Clone, Copy, Debug)]
struct Components {
    systematic: f64,
    idiosyncratic: f64,
}

impl Components {
    /// `None` when nothing varies.
    fn systematic_share(self) -> Option<f64> {
        let all = self.systematic + self.idiosyncratic;
        (all > 0.0).then(|| self.systematic / all)
    }
}

/// Systematic and idiosyncratic variance, each group taken `counts` times; `None` when only one group is left.
fn components(groups: &[Vec<f64>], counts: &[u32]) -> Option<Components> {
    let taken = || groups.iter().zip(counts).flat_map(|(group, &count)| std::iter::repeat_n(group, count as usize));
    if counts.iter().filter(|count| **count > 0).count() < 2 {
        return None;
    }
    let n = taken().count() as f64;
    let lucks = groups[0].len() as f64;
    let within = taken().map(|group| variance(group)).sum::<f64>() / n;
    let means: Vec<f64> = taken().map(|group| group.iter().sum::<f64>() / lucks).collect();
    let systematic = (variance(&means) - within / lucks).max(0.0);
    Some(Components { systematic, idiosyncratic: within })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Purpose, RunKey};
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn the_split_by_hand() {
        // Means 2, 6 and 10, within variances 2: MSW 2, MSB = 2 × 16 = 32, systematic (32 − 2) / 2 = 15.
        let split = split(&[vec![1.0, 3.0], vec![5.0, 7.0], vec![9.0, 11.0]], 1).expect("three groups of two");
        assert_eq!((split.systematic_variance, split.idiosyncratic_variance), (15.0, 2.0));
        assert!((split.systematic_share.value - 15.0 / 17.0).abs() < 1e-12);
        assert_eq!(super::split(&[vec![1.0, 2.0]], 1), None);
        assert_eq!(super::split(&[vec![1.0], vec![2.0]], 1), None);
        assert_eq!(super::split(&[vec![1.0, 2.0], vec![2.0]], 1), None);
        let none = super::split(&[vec![1.0, 3.0], vec![3.0, 1.0], vec![0.0, 4.0]], 1).expect("luck varies");
        assert_eq!(none.systematic_variance, 0.0, "the means are equal: the negative estimate is stated as 0");
    }

    #[test]
    fn a_planted_share_lies_in_its_interval_as_often_as_it_says() {
        for systematic in [0.75, 0.3] {
            let (mut held, mut sum, runs) = (0, 0.0, 60_u32);
            for run in 0..runs {
                let mut luck = RunKey::new(1, run).stream(0, Purpose::World);
                let mut normal = |sd: f64| -> f64 { sd * Distribution::<f64>::sample(&StandardNormal, &mut luck) };
                let mut group = || {
                    let shock = normal(f64::sqrt(systematic));
                    (0..2).map(|_| shock + normal(f64::sqrt(1.0 - systematic))).collect()
                };
                let groups: Vec<Vec<f64>> = (0..100).map(|_| group()).collect();
                let share = split(&groups, 9).expect("groups").systematic_share;
                held += u32::from(share.low <= systematic && systematic <= share.high);
                sum += share.value;
            }
            // Binomial (60, 0.95): fewer than 52 with a chance of 0.4 %.
            assert!(held >= 52, "{held} of {runs} hold {systematic}");
            assert!((sum / f64::from(runs) - systematic).abs() < 0.03, "{sum} for {systematic}");
        }
    }
}
