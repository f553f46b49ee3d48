//! The Universal Scalability Law (Gunther 1993) through the probes of a capacity search:
//! X(N) = λ N / (1 + σ (N − 1) + κ N (N − 1)), N the offered rate in units of the first probe's.
//!
//! N / X is linear in (1, N − 1, N (N − 1)), so the fit is weighted linear least squares with σ, κ ≥ 0 (the best of the
//! sub-models that keep to it), each point weighing X⁴ / N² so that errors of X count, not of N / X. Intervals are percentiles
//! of a bootstrap over the probes with keyed draws. Beyond the largest rate that was offered the curve is extrapolation.

use crate::base::random::{Purpose, RunKey, Stream};
use crate::results::load::{Estimate, LawPoint, ProbeRecord, ScalabilityLaw};

/// Fewest different rates that a law of three parameters is fitted to.
const RATES_MIN: usize = 5;

/// Bootstrap samples.
const SAMPLES: usize = 400;

/// Points of the curve, and how far it goes beyond the last probe.
const CURVE_POINTS: usize = 40;
const CURVE_BEYOND: f64 = 1.5;

/// λ, σ, κ.
type Law = [f64; 3];

fn throughput(law: Law, n: f64) -> f64 {
    let [lambda, sigma, kappa] = law;
    lambda * n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0))
}

/// Fits the law; `None` with too few different rates.
pub fn fit(probes: &[ProbeRecord]) -> Option<ScalabilityLaw> {
    let points: Vec<(f64, f64)> = probes
        .iter()
        .filter(|p| p.offered_rate > 0.0 && p.decided_rate > 0.0)
        .map(|p| (p.offered_rate, p.decided_rate))
        .collect();
    let unit = points.first()?.0;
    let points: Vec<(f64, f64)> = points.into_iter().map(|(offered, decided)| (offered / unit, decided)).collect();
    let law = best(&points)?;
    let mut draws = RunKey::new(points.len() as u64, 0).stream(0, Purpose::World);
    let samples: Vec<Law> =
        (0..SAMPLES * 4).filter_map(|_| best(&resampled(&points, &mut draws))).take(SAMPLES).collect();
    if samples.len() < SAMPLES {
        return None;
    }
    let estimate = |value: f64, of: &dyn Fn(&Law) -> f64| {
        let mut all: Vec<f64> = samples.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        Estimate { value, low: all[SAMPLES / 40], high: all[SAMPLES - 1 - SAMPLES / 40] }
    };
    let largest = points.iter().fold(0.0_f64, |most, (n, _)| most.max(*n));
    let curve = (1..=CURVE_POINTS).map(|i| {
        let n = largest * CURVE_BEYOND * i as f64 / CURVE_POINTS as f64;
        LawPoint { offered_rate: n * unit, decided_rate: estimate(throughput(law, n), &|law| throughput(*law, n)) }
    });
    Some(ScalabilityLaw {
        lambda: estimate(law[0], &|law| law[0]),
        sigma: estimate(law[1], &|law| law[1]),
        kappa: estimate(law[2], &|law| law[2]),
        curve: curve.collect(),
        extrapolated_from: largest * unit,
    })
}

fn resampled(points: &[(f64, f64)], draws: &mut Stream) -> Vec<(f64, f64)> {
    points.iter().map(|_| points[draws.below(points.len() as u32) as usize]).collect()
}

/// The best law with nonnegative σ and κ: of the four sub-models that set none, one or both to zero, the one that fits best
/// among those that keep to it.
fn best(points: &[(f64, f64)]) -> Option<Law> {
    let mut rates: Vec<f64> = points.iter().map(|(n, _)| *n).collect();
    rates.sort_by(f64::total_cmp);
    rates.dedup_by(|a, b| (*a / *b - 1.0).abs() < 1e-3);
    if rates.len() < RATES_MIN {
        return None;
    }
    let mut found: Option<(f64, Law)> = None;
    for columns in [&[0, 1, 2][..], &[0, 1], &[0, 2], &[0]] {
        let Some(solved) = solve(points, columns) else { continue };
        let [a, b, c] = solved;
        if a <= 0.0 || b < 0.0 || c < 0.0 {
            continue;
        }
        // Adding zero turns a negative zero into zero.
        let law = [1.0 / a, b / a + 0.0, c / a + 0.0];
        let squares: f64 = points.iter().map(|(n, x)| (throughput(law, *n) - x) * (throughput(law, *n) - x)).sum();
        if found.is_none_or(|(least, _)| squares < least) {
            found = Some((squares, law));
        }
    }
    found.map(|(_, law)| law)
}

/// Weighted least squares of N / X on the chosen columns of (1, N − 1, N (N − 1)); zero for the others.
fn solve(points: &[(f64, f64)], columns: &[usize]) -> Option<[f64; 3]> {
    let mut normal = [[0.0; 4]; 3];
    for (n, x) in points {
        let row = [1.0, n - 1.0, n * (n - 1.0)];
        let weight = x * x * x * x / (n * n);
        for (i, &a) in columns.iter().enumerate() {
            for (j, &b) in columns.iter().enumerate() {
                normal[i][j] += weight * row[a] * row[b];
            }
            normal[i][3] += weight * row[a] * n / x;
        }
    }
    let size = columns.len();
    for i in 0..size {
        let pivot = (i..size).max_by(|a, b| normal[*a][i].abs().total_cmp(&normal[*b][i].abs()))?;
        normal.swap(i, pivot);
        if normal[i][i].abs() < f64::MIN_POSITIVE {
            return None;
        }
        for j in 0..size {
            if j != i {
                let factor = normal[j][i] / normal[i][i];
                let pivot_row = normal[i];
                normal[j].iter_mut().zip(pivot_row).for_each(|(cell, above)| *cell -= factor * above);
            }
        }
    }
    let mut solved = [0.0; 3];
    for (i, &column) in columns.iter().enumerate() {
        solved[column] = normal[i][3] / normal[i][i];
    }
    Some(solved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probes(law: Law, noise: f64, seed: u64) -> Vec<ProbeRecord> {
        let mut draws = RunKey::new(seed, 0).stream(1, Purpose::World);
        let at = |i: u32, draws: &mut Stream| {
            let n = 1.0 + f64::from(i) * 0.75;
            let decided_rate = throughput(law, n) * (1.0 + noise * (draws.unit() + draws.unit() - 1.0));
            ProbeRecord { rate: n * 1e4, offered_rate: n * 1e4, decided_rate, ..ProbeRecord::default() }
        };
        (0..20).map(|i| at(i, &mut draws)).collect()
    }

    #[test]
    fn a_planted_law_comes_back() {
        for law in [[9_000.0, 0.05, 0.002], [9_000.0, 0.0, 0.004], [9_000.0, 0.08, 0.0], [9_000.0, 0.0, 0.0]] {
            let fitted = fit(&probes(law, 0.0, 1)).expect("enough points");
            assert!((fitted.lambda.value / law[0] - 1.0).abs() < 1e-6, "{fitted:?}");
            assert!((fitted.sigma.value - law[1]).abs() < 1e-6 && (fitted.kappa.value - law[2]).abs() < 1e-6);
        }
    }

    #[test]
    fn intervals_cover_the_planted_law_and_extrapolation_is_flagged() {
        let law = [9_000.0, 0.05, 0.002];
        let seeds = 60;
        let mut covered = 0;
        for seed in 0..seeds {
            let fitted = fit(&probes(law, 0.02, seed)).expect("enough points");
            covered += u32::from((fitted.sigma.low..=fitted.sigma.high).contains(&law[1]));
            let beyond = fitted.curve.iter().filter(|point| point.offered_rate > fitted.extrapolated_from).count();
            assert!(beyond > 0 && beyond < CURVE_POINTS, "{beyond}");
        }
        assert!((48..=60).contains(&covered), "{covered} of {seeds}");
    }

    #[test]
    fn too_few_rates_give_no_law() {
        assert_eq!(fit(&probes([9_000.0, 0.05, 0.002], 0.0, 1)[..4]), None);
        assert_eq!(fit(&[]), None);
        let same = vec![probes([9_000.0, 0.05, 0.002], 0.0, 1)[3].clone(); 30];
        assert_eq!(fit(&same), None);
    }
}
