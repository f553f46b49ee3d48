//! The law through points of known parameters: given back, with intervals that cover as often as they say.

use super::*;
use rand_distr::{Distribution, StandardNormal};

const PLANTED: Law = Law { lambda: 1_000.0, sigma: 0.03, kappa: 0.0008 };

/// Points of a law at `loads`, each throughput off by a normal error of `noise` of itself.
fn points(law: Law, loads: &[f64], noise: f64, seed: u64) -> Vec<Throughput> {
    let mut draws = RunKey::new(seed, 9).stream(0, Purpose::Resample);
    let off = |n: &f64| {
        let z: f64 = StandardNormal.sample(&mut draws);
        Throughput { load: *n, throughput: law.throughput(*n) * (1.0 + noise * z) }
    };
    loads.iter().map(off).collect()
}

fn one_to(n: u32) -> Vec<f64> {
    (1..=n).map(f64::from).collect()
}

#[track_caller]
fn near(got: f64, want: f64, part: f64) {
    assert!((got - want).abs() <= part * want.abs(), "{got}, not {want}");
}

#[test]
fn points_of_a_law_give_it_back() {
    for law in [
        PLANTED,
        Law { sigma: 0.0, ..PLANTED },
        Law { kappa: 0.0, ..PLANTED },
        Law { sigma: 0.0, kappa: 0.0, ..PLANTED },
        // Loads in requests a second: parameters are tiny.
        Law { lambda: 1.0, sigma: 1e-6, kappa: 3e-11 },
    ] {
        let loads: Vec<f64> =
            if law.lambda == 1.0 { (1..=16).map(|i| 20_000.0 * f64::from(i)).collect() } else { one_to(40) };
        let fitted = fit(&points(law, &loads, 0.0, 0), 1).expect("enough points");
        near(fitted.law.lambda, law.lambda, 1e-6);
        assert!((fitted.law.sigma - law.sigma).abs() <= 1e-6 * law.sigma.max(1e-3), "{fitted:?}");
        assert!((fitted.law.kappa - law.kappa).abs() <= 1e-5 * law.kappa.max(1e-6), "{fitted:?}");
        // Rounding may leave a trace of coherence where there is none, with a peak that nobody will see.
        let seen = fitted.peak.is_some_and(|peak| !peak.extrapolated);
        assert_eq!(seen, law.peak() <= fitted.load_max, "{:?}", fitted.law);
    }
}

#[test]
fn planted_parameters_lie_inside_the_intervals() {
    let fitted = fit(&points(PLANTED, &one_to(48), 0.02, 5), 1).expect("enough points");
    for (estimate, planted) in
        [(fitted.lambda, PLANTED.lambda), (fitted.sigma, PLANTED.sigma), (fitted.kappa, PLANTED.kappa)]
    {
        assert!(estimate.low < planted && planted < estimate.high, "{estimate:?} {planted}");
        assert!(estimate.low < estimate.value && estimate.value < estimate.high, "{estimate:?}");
        // Not by being as wide as a barn.
        assert!(estimate.high - estimate.low < 0.6 * planted, "{estimate:?}");
    }
    let peak = fitted.peak.expect("coherence is there");
    near(peak.load.value, PLANTED.peak(), 0.1);
    assert!(peak.load.low < PLANTED.peak() && PLANTED.peak() < peak.load.high, "{peak:?}");
    assert!(!peak.extrapolated);
}

/// 95% intervals hold what was planted in about that share of worlds. With 100 worlds the standard error is 2.2 points.
#[test]
fn intervals_cover_as_often_as_they_say() {
    let worlds = 100;
    let mut covered = [0; 3];
    for seed in 0..worlds {
        let fitted = fit(&points(PLANTED, &one_to(24), 0.02, seed), seed).expect("enough points");
        for (count, (estimate, planted)) in covered.iter_mut().zip([
            (fitted.lambda, PLANTED.lambda),
            (fitted.sigma, PLANTED.sigma),
            (fitted.kappa, PLANTED.kappa),
        ]) {
            *count += usize::from(estimate.low <= planted && planted <= estimate.high);
        }
    }
    for count in covered {
        let share = count as f64 / worlds as f64;
        assert!((0.88..=0.995).contains(&share), "{covered:?} of {worlds}");
    }
}

#[test]
fn what_lies_beyond_the_points_is_flagged() {
    // Measured to 12; the peak is at 34.8.
    let fitted = fit(&points(PLANTED, &one_to(12), 0.002, 3), 1).expect("enough points");
    let peak = fitted.peak.expect("coherence is there");
    assert!(peak.extrapolated && peak.load.value > 12.0, "{peak:?}");
    assert!(!fitted.predict(12.0).extrapolated && fitted.predict(12.1).extrapolated);
    let (near, far) = (fitted.predict(6.0).throughput, fitted.predict(60.0).throughput);
    assert!((far.high - far.low) / far.value > 3.0 * (near.high - near.low) / near.value, "{near:?} {far:?}");
    let record = fitted.record();
    assert_eq!(record.extrapolated_from, 12.0);
    assert!(record.curve.iter().any(|p| p.offered_rate > 12.0));
    assert_eq!(record.sigma, fitted.sigma);
}

#[test]
fn parameters_are_never_negative_where_the_points_ask_for_it() {
    // Throughput that rises faster than load has no such law; the nearest is a straight line.
    let point = |n: f64| Throughput { load: n, throughput: 100.0 * n * (1.0 + 0.01 * n) };
    let faster: Vec<Throughput> = one_to(12).into_iter().map(point).collect();
    let fitted = fit(&faster, 1).expect("enough points");
    assert_eq!((fitted.law.sigma, fitted.law.kappa, fitted.peak), (0.0, 0.0, None));
    // The line of least squares through the origin.
    let slope =
        faster.iter().map(|p| p.load * p.throughput).sum::<f64>() / faster.iter().map(|p| p.load * p.load).sum::<f64>();
    near(fitted.law.lambda, slope, 1e-6);
    assert!(fitted.predict(50.0).throughput.value > 0.0);
}

#[test]
fn too_few_points_are_refused_in_words() {
    let few = points(PLANTED, &[1.0, 2.0, 3.0, 4.0, 5.0], 0.0, 0);
    assert_eq!(fit(&few, 1), Err(NoLaw::TooFew { points: 5, loads: 5 }));
    let same = points(PLANTED, &[1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 1.0], 0.01, 0);
    let refused = fit(&same, 1).expect_err("three loads");
    assert_eq!(refused.to_string(), "7 points at 3 different loads are too few for a scalability law; it takes 6 at 4");
    // What is no measurement does not count.
    let mut with_gaps = points(PLANTED, &one_to(6), 0.0, 0);
    with_gaps[0].throughput = 0.0;
    assert_eq!(fit(&with_gaps, 1), Err(NoLaw::TooFew { points: 5, loads: 5 }));
}

#[test]
fn intervals_are_a_function_of_points_and_seed() {
    let points = points(PLANTED, &one_to(12), 0.02, 2);
    assert_eq!(fit(&points, 4), fit(&points, 4));
    assert_ne!(fit(&points, 4).expect("enough").kappa, fit(&points, 5).expect("enough").kappa);
}
