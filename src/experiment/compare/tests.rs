//! Comparisons of made-up load runs: false alarms as often as promised, planted differences found.

use super::*;
use crate::base::random::Stream;
use crate::results::load::tests::{Made, made, write_made};
use crate::results::load::{read, read_log};

const OPTIONS: CompareOptions = CompareOptions { minimum_effect: 0.05, minimum_error_share: 0.001, seed: 1 };

fn normal(luck: &mut Stream) -> f64 {
    (0..12).map(|_| luck.unit()).sum::<f64>() - 6.0
}

/// Seconds of two operations whose latency drifts with memory `memory` from second to second.
fn run(seed: u64, seconds: usize, factor: f64, memory: f64, errors: f64) -> RunSeries {
    let mut luck = RunKey::new(seed, 7).stream(0, Purpose::World);
    let mut drift = 0.0;
    let mut made = Vec::new();
    for _ in 0..seconds {
        drift = memory * drift + 0.06 * normal(&mut luck);
        let mut cells = vec![Cell::default(); OPERATIONS];
        for (operation, requests) in [(Operation::Tip, 60), (Operation::Authorise, 35)] {
            let cell = &mut cells[operation as usize];
            let mut bins = std::collections::BTreeMap::new();
            cell.offered = requests + luck.below(9) as u64;
            for _ in 0..cell.offered {
                if luck.unit() < errors {
                    cell.errors += 1;
                    continue;
                }
                cell.decided += 1;
                cell.approved += u64::from(luck.unit() < 0.92);
                let ns = 1e6 * factor * libm::exp(drift + 0.5 * normal(&mut luck));
                *bins.entry(bin_of(ns as u64)).or_insert(0) += 1;
            }
            cell.bins = bins.into_iter().collect();
        }
        made.push(cells);
    }
    RunSeries { seconds: made }
}

fn of(comparison: &Comparison, operation: &str, metric: Metric) -> Difference {
    let found = comparison.differences.iter().find(|d| d.operation == operation && d.metric == metric);
    found.cloned().expect("it was compared")
}

#[test]
fn nothing_changed_raises_an_alarm_in_about_one_comparison_in_twenty_at_most() {
    // No minimum effect, so that every significant difference is an alarm; neighbouring seconds correlate by 0.6.
    let bare = CompareOptions { minimum_effect: 0.0, minimum_error_share: 0.0, ..OPTIONS };
    let (pairs, mut alarms, mut relevant, mut missed, mut tests) = (100, 0, 0, 0, 0);
    for seed in 0..pairs {
        let (a, b) = (run(2 * seed, 90, 1.0, 0.6, 0.002), run(2 * seed + 1, 90, 1.0, 0.6, 0.002));
        let found = compare(&a, &b, &bare);
        let alarm = |c: &Difference| matches!(c.change, Change::Better | Change::Worse);
        alarms += usize::from(found.differences.iter().any(alarm));
        for d in found.differences.iter().filter(|d| d.effect.is_some()) {
            tests += 1;
            missed += usize::from(d.effect.is_some_and(|e| e.low > 0.0 || e.high < 0.0));
        }
        let judged = found.differences.iter().map(|d| judge(d, &OPTIONS));
        relevant += usize::from(judged.into_iter().any(|c| c == Change::Worse || c == Change::Better));
    }
    println!("{alarms} alarms in {pairs} pairs, {relevant} relevant, {missed} of {tests} intervals miss");
    // 5 % of 100 are 5; a binomial count stays below 11 in 99 of 100.
    assert!(alarms <= 10, "{alarms} of {pairs} comparisons raise an alarm");
    assert!(relevant <= alarms);
    assert!((0.02..0.085).contains(&(f64::from(missed as u32) / f64::from(tests as u32))), "{missed} of {tests}");
}

#[test]
fn blocks_grow_with_the_memory_of_the_seconds() {
    let lag = |memory: f64| {
        let of_seed = |seed| {
            let mut luck = RunKey::new(seed, 7).stream(0, Purpose::World);
            let mut level = 0.0;
            let mut next = |_| {
                level = memory * level + normal(&mut luck);
                level
            };
            last_correlated_lag(&(0..600).map(&mut next).collect::<Vec<f64>>())
        };
        (0..40).map(of_seed).sum::<usize>() as f64 / 40.0
    };
    let (none, some, much) = (lag(0.0), lag(0.6), lag(0.9));
    assert!(none < 1.5 && (2.0..8.0).contains(&some) && much > 2.0 * some, "{none} {some} {much}");
    let length = |seconds| block_length(&run(1, seconds, 1.0, 0.0, 0.0));
    assert_eq!((length(36), length(400)), (6, 20), "the floor is the root of the seconds");
}

#[test]
fn a_planted_fifth_is_found_and_a_hundredth_is_not_relevant() {
    let (mut found_worse, mut found_better, runs) = (0, 0, 10);
    for seed in 0..runs {
        let a = run(seed, 150, 1.0, 0.6, 0.002);
        let slower = compare(&a, &run(1_000 + seed, 150, 1.2, 0.6, 0.002), &OPTIONS);
        found_worse += usize::from(of(&slower, "all", Metric::P99).change == Change::Worse && slower.is_worse());
        let faster = compare(&a, &run(1_000 + seed, 150, 0.8, 0.6, 0.002), &OPTIONS);
        found_better += usize::from(of(&faster, "tip", Metric::P50).change == Change::Better && !faster.is_worse());
    }
    assert!(found_worse >= 9 && found_better >= 9, "{found_worse} and {found_better} of {runs}");
    let still = |a: &RunSeries, b: &RunSeries| compare(a, b, &OPTIONS);
    let little = still(&run(1, 900, 1.0, 0.0, 0.002), &run(2, 900, 1.01, 0.0, 0.002));
    assert_eq!(of(&little, "all", Metric::P50).change, Change::Irrelevant);
    assert!(of(&little, "all", Metric::P50).effect.is_some_and(|e| (0.0..0.02).contains(&e.value)));
    let erring = still(&run(1, 240, 1.0, 0.3, 0.002), &run(2, 240, 1.0, 0.3, 0.02));
    assert_eq!(of(&erring, "all", Metric::ErrorShare).change, Change::Worse);
    assert_eq!(of(&erring, "all", Metric::ApprovalRate).change, Change::Irrelevant);
}

#[test]
fn what_few_samples_carry_is_not_known() {
    let found = compare(&run(1, 30, 1.0, 0.0, 0.0), &run(2, 30, 1.5, 0.0, 0.0), &OPTIONS);
    let tail = of(&found, "authorise", Metric::P99);
    assert!(tail.a.is_some(), "1,100 samples carry p99");
    assert!(found.differences.iter().all(|d| d.metric != Metric::P999), "and not p99.9, in neither run");
    assert!(found.differences.iter().all(|d| d.operation != "apply"), "nor what did not happen");
}

#[test]
fn a_run_read_back_compares_with_itself_as_equal() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("run");
    let (record, seconds) = made(Made { seconds: 40, rate: 600, eventful: false, ..Made::default() });
    write_made(&dir, &record, &seconds);
    let series = RunSeries::of(&read(&dir).expect("read"), &read_log(&dir, "run.hlog").expect("a log"));
    let found = compare(&series, &series, &OPTIONS);
    assert!(found.differences.len() > 20 && !found.is_worse());
    assert!(found.differences.iter().all(|d| d.effect.is_none_or(|e| e.value == 0.0)));
    let p99 = of(&found, "all", Metric::P99).a.expect("known");
    let exact = record.observations.total.all_latency_ns().value_at_quantile(0.99) as f64;
    assert!((p99 / exact - 1.0).abs() < 0.01, "{p99} {exact}");
}
