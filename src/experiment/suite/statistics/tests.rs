//! Small samples by hand, and coverage of the intervals over many samples of a known law.

use super::*;

fn exponential(seed: u32, n: usize) -> Vec<f64> {
    let mut luck = RunKey::new(77, seed).stream(0, Purpose::World);
    (0..n).map(|_| -libm::log(1.0 - luck.unit())).collect()
}

#[test]
fn a_sample_states_what_it_carries_and_no_more() {
    for (share, needed) in [(0.5, 10), (0.8, 25), (0.9, 50), (0.95, 100), (0.99, 500)] {
        assert!(carries(needed, share), "{share}");
        assert!(!carries(needed - 1, share), "{share}");
    }
    let stated = |n: usize| {
        let d = distribution(&exponential(1, n), 1).expect("a sample");
        let count = |tails: &[TailEstimate]| tails.iter().filter(|t| t.estimate.is_some()).count();
        (count(&d.quantiles), count(&d.shortfalls))
    };
    assert_eq!([stated(9), stated(25), stated(99), stated(100), stated(499)], [(0, 0), (2, 1), (3, 1), (4, 2), (4, 2)]);
    assert_eq!(stated(500), (5, 3));
    assert_eq!(
        (distribution(&[], 1), distribution(&[0.3], 1), mean(&[0.3])),
        (None, None, None),
        "one has no interval"
    );
    let two = mean(&[0.3, 0.5]).expect("two have");
    assert!((two.value - 0.4).abs() < 1e-12 && two.low < 0.3 && two.high > 0.5, "{two:?}");
}

#[test]
fn statistics_of_a_small_sample_are_those_by_hand() {
    let sample: Vec<f64> = (1..=100).rev().map(f64::from).collect();
    let d = distribution(&sample, 1).expect("a sample");
    assert_eq!((d.mean.value, d.least, d.most, d.replications), (50.5, 1.0, 100.0, 100));
    assert!((d.deviation - 29.011_49).abs() < 1e-4);
    assert!((d.mean.high - (50.5 + 1.984_2 * 2.901_149)).abs() < 2e-3, "{:?}", d.mean);
    let p95 = d.quantiles[3].estimate.expect("100 carry P95");
    // Binomial (100, 0.05): at most 10 beyond with 98.9 %, at least 1 with 99.4 %: ranks 90 and 100.
    assert_eq!((p95.value, p95.low, p95.high), (95.0, 90.0, 100.0));
    let es = d.shortfalls[1].estimate.expect("100 carry the shortfall beyond P95");
    assert!((es.value - 98.0).abs() < 1e-9);
    assert!(es.low < 98.0 && es.high > 98.0 && es.high <= 100.0, "{es:?}");
    // 25 × 0.2 is 5; of 27 the worst 5.4 are taken, the sixth in part.
    let many: Vec<f64> = (1..=27).map(f64::from).collect();
    let expected = (27.0 + 26.0 + 25.0 + 24.0 + 23.0 + 0.4 * 22.0) / 5.4;
    assert!((shortfall(&many, 0.8, 1).expect("27 carry it").value - expected).abs() < 1e-12);
}

/// Losses that fall in few replications are the hard case: an exponential tail.
#[test]
fn intervals_cover_as_often_as_they_say() {
    let (runs, n) = (300_u32, 200);
    let (truth_mean, truth_p95, truth_es) = (1.0, -libm::log(0.05), 1.0 - libm::log(0.05));
    let mut covered = [0_u32; 3];
    for run in 0..runs {
        let sample = exponential(run, n);
        let mut sorted = sample.clone();
        sorted.sort_by(f64::total_cmp);
        let holds = |e: Option<Estimate>, truth: f64| e.is_some_and(|e| e.low <= truth && truth <= e.high);
        covered[0] += u32::from(holds(mean(&sample), truth_mean));
        covered[1] += u32::from(holds(quantile(&sorted, 0.95), truth_p95));
        covered[2] += u32::from(run % 5 == 0 && holds(shortfall(&sorted, 0.95, u64::from(run)), truth_es));
    }
    let share = |i: usize, of: u32| f64::from(covered[i]) / f64::from(of);
    assert!((0.91..=0.985).contains(&share(0, runs)), "mean {}", share(0, runs));
    assert!((0.93..=0.995).contains(&share(1, runs)), "P95 {}", share(1, runs));
    // Ten values carry this shortfall: its bootstrap is known to be a little short.
    assert!(share(2, runs / 5) >= 0.8, "shortfall {}", share(2, runs / 5));
}
