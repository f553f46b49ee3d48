//! Two policies over the same people and the same luck: the difference by replication, and what the pairing gains.

use super::statistics::{mean, variance};
use crate::experiment::significance::{holm, student};
use crate::measure::t_975;
use crate::results::suite::PairedDifference;

/// `other` − `base`, replication by replication. The unpaired interval is Welch's: what two suites of as many replications with
/// luck of their own would give. `None` of samples that are not alike or shorter than two.
pub(crate) fn difference(base: &[f64], other: &[f64]) -> Option<PairedDifference> {
    let n = base.len();
    if n < 2 || n != other.len() {
        return None;
    }
    let differences: Vec<f64> = other.iter().zip(base).map(|(o, b)| o - b).collect();
    let estimate = mean(&differences)?;
    let (a, b) = (variance(base) / n as f64, variance(other) / n as f64);
    let unpaired_half = if a + b > 0.0 {
        let freedom = (a + b) * (a + b) * (n - 1) as f64 / (a * a + b * b);
        t_975(freedom as usize) * (a + b).sqrt()
    } else {
        0.0
    };
    let paired_half = (estimate.high - estimate.low) / 2.0;
    Some(PairedDifference {
        replications: n as u32,
        base: base.iter().sum::<f64>() / n as f64,
        difference: estimate,
        unpaired_half,
        ratio: (unpaired_half > 0.0).then(|| paired_half / unpaired_half),
        p: p_value(&differences, estimate.value),
        p_holm: None,
    })
}

/// Two-sided p-value of the paired t test of no difference.
fn p_value(differences: &[f64], mean: f64) -> f64 {
    let n = differences.len();
    let error = (variance(differences) / n as f64).sqrt();
    if error > 0.0 {
        2.0 * (1.0 - student((mean / error).abs(), (n - 1) as f64))
    } else {
        // Every pair differs by the same: by nothing at all, or by something for certain.
        f64::from(mean == 0.0)
    }
}

/// Enters the p-values of a family of differences as Holm's correction leaves them.
pub(super) fn correct<'a>(family: impl Iterator<Item = &'a mut PairedDifference>) {
    let mut family: Vec<&mut PairedDifference> = family.collect();
    let adjusted = holm(&family.iter().map(|difference| Some(difference.p)).collect::<Vec<_>>());
    family.iter_mut().zip(adjusted).for_each(|(difference, p)| difference.p_holm = p);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_part_falls_out() {
        let base = [1.0, 5.0, 9.0, 3.0];
        let other = [1.5, 5.6, 9.4, 3.5];
        let d = difference(&base, &other).expect("four pairs");
        assert!((d.difference.value - 0.5).abs() < 1e-12 && d.difference.low > 0.35, "{d:?}");
        assert!(d.ratio.is_some_and(|ratio| ratio < 0.05), "{d:?}");
        assert!((d.base - 4.5).abs() < 1e-12);
        // t = 0.5 / (0.0816 / 2) = 12.25 of three degrees of freedom.
        assert!((d.p - 0.0012).abs() < 0.0001, "{d:?}");
    }

    #[test]
    fn nothing_changed_is_zero_for_certain() {
        let same = [1.0, 5.0, 9.0];
        let d = difference(&same, &same).expect("three pairs");
        assert_eq!((d.difference.low, d.difference.high, d.ratio, d.p), (0.0, 0.0, Some(0.0), 1.0));
        assert_eq!(difference(&[2.0, 2.0], &[2.0, 2.0]).map(|d| d.ratio), Some(None));
        assert_eq!(difference(&[1.0], &[1.0]), None);
        assert_eq!(difference(&[1.0, 2.0], &[1.0]), None);
    }

    /// Twenty differences of strangers: uncorrected, some pass for a change now and then; corrected, in one family of twenty.
    #[test]
    fn many_differences_are_corrected_together() {
        use crate::base::random::{Purpose, RunKey};
        let draw = |salt: u32| {
            let mut luck = RunKey::new(11, salt).stream(0, Purpose::World);
            (0..5).map(|_| luck.unit()).collect::<Vec<f64>>()
        };
        let (mut plain, mut corrected) = (0, 0);
        for family in 0..200 {
            let pair = |test: u32| difference(&draw(40 * family + 2 * test), &draw(40 * family + 2 * test + 1));
            let mut all: Vec<PairedDifference> = (0..20).filter_map(pair).collect();
            correct(all.iter_mut());
            assert!(all.iter().all(|d| d.p_holm.is_some_and(|p| p >= d.p)));
            plain += usize::from(all.iter().any(|d| d.p < 0.05));
            corrected += usize::from(all.iter().any(PairedDifference::differs));
        }
        assert!(plain > 100 && corrected < 22, "{plain} and {corrected} of 200 families");
    }

    /// Samples that have nothing to do with each other gain nothing: the ratio is about one.
    #[test]
    fn pairing_of_strangers_gains_nothing() {
        use crate::base::random::{Purpose, RunKey};
        let draw = |salt: u32| {
            let mut luck = RunKey::new(3, salt).stream(0, Purpose::World);
            (0..200).map(|_| luck.unit()).collect::<Vec<f64>>()
        };
        let ratio = difference(&draw(0), &draw(1)).and_then(|d| d.ratio).expect("they vary");
        assert!((0.85..1.15).contains(&ratio), "{ratio}");
    }
}
