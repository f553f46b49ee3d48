//! The check on made-up samples, where the truth is known and a bad interval is easily made; and once through the engine.

use super::*;
use crate::base::random::{Purpose, RunKey};
use crate::experiment::Manner;
use crate::results::WorkArea;
use crate::results::suite::WANTED_SHARE;
use crate::sim::options::Silent;
use std::sync::atomic::AtomicBool;

#[test]
fn the_exact_interval_is_the_textbook_one() {
    // Clopper and Pearson for 190 of 200: 91.0 % to 97.6 %; for 10 of 10: 69.2 % to 1.
    let e = binomial_share(190, 200);
    assert!((e.low - 0.9100).abs() < 5e-4 && (e.high - 0.9758).abs() < 5e-4, "{e:?}");
    let all = binomial_share(10, 10);
    assert!((all.low - 0.6915).abs() < 5e-4 && all.high == 1.0, "{all:?}");
    assert_eq!(binomial_share(0, 10).low, 0.0);
    assert!((binomial_share(0, 10).high - 0.3085).abs() < 5e-4);
    assert_eq!(binomial_share(0, 0).high, 1.0);
}

/// Shares of 200 seeds in which an interval of ten values holds the mean: of skewed values (an exponential, mean 1), and of
/// differences of two samples that share most of their luck (mean 0.5).
fn held(interval: impl Fn(Estimate) -> Estimate) -> [f64; 2] {
    let mut counts = [0_u32; 2];
    for seed in 0..200 {
        let mut stream = RunKey::new(seed, 0).stream(0, Purpose::World);
        let mut exponential = || -libm::log(1.0 - stream.unit());
        let base: Vec<f64> = (0..10).map(|_| exponential()).collect();
        let other: Vec<f64> = base.iter().map(|value| value + 0.5 * exponential()).collect();
        let mean = statistics::mean(&base).expect("ten values");
        let difference = paired::difference(&base, &other).expect("ten pairs").difference;
        for (count, (estimate, truth)) in counts.iter_mut().zip([(mean, 1.0), (difference, 0.5)]) {
            let e = interval(estimate);
            *count += u32::from(e.low <= truth && truth <= e.high);
        }
    }
    counts.map(|count| f64::from(count) / 200.0)
}

#[test]
fn intervals_of_known_samples_hold_and_bad_ones_are_found_out() {
    let wanted = |share: &f64| (WANTED_SHARE.0..=WANTED_SHARE.1).contains(share);
    // An exponential is far more skewed than any mean over people; ten of them still make a fair interval.
    let right = held(|e| e);
    assert!(right.iter().all(wanted), "{right:?}");
    let scaled = |e: Estimate, factor: f64| {
        let half = factor * (e.high - e.low) / 2.0;
        Estimate { value: e.value, low: e.value - half, high: e.value + half }
    };
    // The standard deviation in place of its error, the half of the t quantile, and an estimate that is off by one error.
    let wide = held(|e| scaled(e, f64::sqrt(10.0)));
    let narrow = held(|e| scaled(e, 0.5));
    let biased = held(|e| {
        let shift = (e.high - e.low) / 2.0 / 2.262;
        Estimate { low: e.low + shift, high: e.high + shift, ..e }
    });
    assert!(!wide.iter().all(wanted), "{wide:?}");
    assert!(narrow.iter().all(|share| *share < WANTED_SHARE.0), "{narrow:?}");
    assert!(biased.iter().all(|share| *share < WANTED_SHARE.0), "{biased:?}");
}

/// Twenty-four seeds of four replications through the engine. Of 24 intervals at 95 % fewer than 19 hold with a chance of 0.4 %;
/// intervals half as wide would hold about 17.
#[test]
fn intervals_over_worlds_hold_the_long_run_value() {
    let mut scenario = super::super::tests::small();
    (scenario.users, scenario.warmup_months) = (200, 0);
    scenario.warmup_economy.months.clear();
    let plan = scenario.suite.as_mut().expect("a suite");
    (plan.replications, plan.variance) = (4, None);
    plan.outcomes = ["captured_yuan", "application_approval_rate"].map(str::to_string).to_vec();
    plan.paths.truncate(1);
    let home = tempfile::tempdir().expect("a directory");
    let area = WorkArea::beside(&home.path().join("coverage"), "test").expect("made");
    let cancel = AtomicBool::new(false);
    let manner = Manner { workers: 2, progress: &Silent, cancel: &cancel, auditor: None, warm: None };
    let shop = Shop { scenario: &scenario, manner: &manner, area: &area };
    let record = run(&shop, Size { seeds: 24, long_run: 160 }).expect("not interrupted");
    let names: Vec<(&str, &str, Option<&str>)> =
        record.covered.iter().map(|c| (&*c.measure, &*c.policy, c.against.as_deref())).collect();
    assert_eq!(names[0], ("captured_yuan", "present", None));
    assert_eq!(names[2], ("captured_yuan", "tighter", Some("present")));
    assert_eq!(names.len(), 2 * 3);
    for c in record.covered.iter().filter(|c| c.policy != "nothing") {
        assert_eq!(c.intervals, 24, "{}", c.what());
        assert!(c.held >= 19, "{}: {} of 24, long run {:?}", c.what(), c.held, c.long_run);
        assert_eq!(c.held + c.below + c.above, 24);
    }
    // A policy that changes nothing: zero in every interval, each of no width.
    let nothing = record.covered.iter().find(|c| c.policy == "nothing").expect("there");
    assert_eq!((nothing.held, nothing.long_run.low, nothing.long_run.high), (24, 0.0, 0.0));
    // An interval that stands elsewhere is not said to hold.
    let question = Question { measure: "captured_yuan", path: 0, policy: 0, against: None };
    let off = Estimate { value: 1.0, low: 0.0, high: 2.0 };
    let seeds = record.covered[0].seeds.clone();
    let wrong = question.judge(scenario.suite.as_ref().expect("a suite"), off, seeds);
    assert_eq!((wrong.held, wrong.below, wrong.is_right()), (0, 24, None));
    let many = Covered { intervals: 200, ..wrong };
    assert_eq!(many.is_right(), Some(false));
    let csv = home.path().join("out");
    std::fs::create_dir(&csv).expect("made");
    record.write_into(&csv, "resolved = 1\n").expect("written");
    let text = std::fs::read_to_string(csv.join("coverage.csv")).expect("there");
    assert_eq!(text.lines().count(), 1 + 6 * 24);
}
