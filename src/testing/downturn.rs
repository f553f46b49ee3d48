//! What a downturn does: two worlds of one run, the same people with the same luck, month by month.
//!
//! All of it works on paired differences. Season, growth of the book and most of the luck are in both worlds and fall out.
//!
//! The models are taken as they are calibrated. Three worlds
//! of 20,000 users: normal, severe, and severe with the residual channel off. They are run once and shared.

use crate::agents::traits::Cause;
use crate::experiment::{Manner, run};
use crate::measure::{Measures, MonthObservations, WorldObservations, fixture, measures};
use crate::scenario::{Overrides, read_scenario};
use crate::sim::options::Silent;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

/// Months of a quarter.
const QUARTER: usize = 3;

/// Quarters over which the change of unemployment is taken.
const CHANGE_QUARTERS: usize = 4;

/// Longest lag of lateness behind unemployment that is tried, in quarters.
const LAG_QUARTERS_MAX: usize = 2;

/// How strongly lateness follows unemployment.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Elasticity {
    /// Change of the logit of `overdue_30` for each percentage point by which unemployment rose over four quarters.
    per_point: f64,
    /// The lag, in quarters, with which the line fits best.
    lag_quarters: usize,
    /// Share of the variance that the line explains.
    r_squared: f64,
    /// Quarters that entered.
    quarters: usize,
}

/// The slope of the paired difference of logit(`overdue_30`), by quarters, on the change of unemployment over four
/// quarters: ordinary least squares over the quarters up to the peak of unemployment, at the lag from 0 to
/// [`LAG_QUARTERS_MAX`] that fits best. Before the counted months unemployment is what it is in the first quarter.
///
/// `None` when unemployment does not move, or when too few quarters lie before its peak.
fn elasticity(normal: &WorldObservations, downturn: &WorldObservations) -> Option<Elasticity> {
    let unemployment = quarterly(downturn, |months| {
        months.iter().map(|m| f64::from(m.unemployment_ppm)).sum::<f64>() / months.len() as f64 / 1e4
    });
    let change: Vec<f64> =
        (0..unemployment.len()).map(|q| unemployment[q] - unemployment[q.saturating_sub(CHANGE_QUARTERS)]).collect();
    let response: Vec<f64> = quarterly(normal, overdue_30)
        .into_iter()
        .zip(quarterly(downturn, overdue_30))
        .map(|(normal, downturn)| logit(downturn) - logit(normal))
        .collect();
    let peak = first_peak(&unemployment)?;
    (0..=LAG_QUARTERS_MAX)
        .filter_map(|lag| {
            let last = (peak + lag + 1).min(response.len());
            let pairs: Vec<(f64, f64)> = (lag..last).map(|q| (change[q - lag], response[q])).collect();
            let (per_point, r_squared) = line(&pairs)?;
            Some(Elasticity { per_point, lag_quarters: lag, r_squared, quarters: pairs.len() })
        })
        .max_by(|a, b| a.r_squared.total_cmp(&b.r_squared))
}

/// Months from the first month of highest unemployment to the month in which the downturn's excess of `overdue_30` is
/// largest. `None` when unemployment does not move.
fn overdue_lag_months(normal: &WorldObservations, downturn: &WorldObservations) -> Option<i32> {
    let ratio = |world: &WorldObservations| world.months.iter().map(|m| overdue_30(std::slice::from_ref(m))).collect();
    lag_months(downturn, ratio(normal), ratio(downturn))
}

/// The same for principal written off over the mean balance of the month.
fn writeoff_lag_months(normal: &WorldObservations, downturn: &WorldObservations) -> Option<i32> {
    let ratio = |world: &WorldObservations| {
        world.months.iter().map(|m| m.gross_loss_annual_ratio().unwrap_or_default()).collect()
    };
    lag_months(downturn, ratio(normal), ratio(downturn))
}

/// Excess over the normal world, as a mean of three months so that a single month's luck does not make a peak.
fn lag_months(downturn: &WorldObservations, normal: Vec<f64>, stressed: Vec<f64>) -> Option<i32> {
    let unemployment: Vec<f64> = downturn.months.iter().map(|m| f64::from(m.unemployment_ppm)).collect();
    let excess: Vec<f64> = stressed.iter().zip(&normal).map(|(s, n)| s - n).collect();
    let smooth: Vec<f64> = (0..excess.len())
        .map(|i| {
            let around = &excess[i.saturating_sub(1)..(i + 2).min(excess.len())];
            around.iter().sum::<f64>() / around.len() as f64
        })
        .collect();
    Some(first_peak(&smooth)? as i32 - first_peak(&unemployment)? as i32)
}

/// Index of the largest value, the first of equals; `None` when nothing is larger than the first value.
fn first_peak(values: &[f64]) -> Option<usize> {
    let first = *values.first()?;
    let best = (1..values.len()).fold(0, |best, i| if values[i] > values[best] { i } else { best });
    (values[best] > first).then_some(best)
}

fn quarterly(world: &WorldObservations, of: impl Fn(&[MonthObservations]) -> f64) -> Vec<f64> {
    world.months.chunks_exact(QUARTER).map(of).collect()
}

/// Balance 31 or more days past due over all balance: a ratio of sums over month-ends.
fn overdue_30(months: &[MonthObservations]) -> f64 {
    let sum = |of: &dyn Fn(&MonthObservations) -> i64| months.iter().map(|m| i128::from(of(m))).sum::<i128>() as f64;
    sum(&|m| m.balance_from_bucket_fen(2)) / sum(&MonthObservations::balance_fen)
}

fn logit(p: f64) -> f64 {
    libm::log(p / (1.0 - p))
}

/// Slope and share of variance explained of a least-squares line; `None` without at least three points that differ.
fn line(pairs: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = pairs.len() as f64;
    let (x_mean, y_mean) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let moment =
        |a: &dyn Fn(&(f64, f64)) -> f64, b: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(|p| a(p) * b(p)).sum::<f64>();
    let (dx, dy) = (|p: &(f64, f64)| p.0 - x_mean, |p: &(f64, f64)| p.1 - y_mean);
    let (xx, xy, yy) = (moment(&dx, &dx), moment(&dx, &dy), moment(&dy, &dy));
    let sound = pairs.len() >= 3 && xx > 0.0 && yy > 0.0 && xy.is_finite();
    sound.then(|| (xy / xx, xy * xy / xx / yy))
}

const SCENARIO: &str = r#"
name = "paired"
title = "A severe downturn against normal times, with and without the residual channel"
product = "douyin-monthly-pay"
users = 20_000
warmup_months = 12
months = 24
start = 2027-01-01
seed = 4711
models = "MODELS"

[[worlds]]
name = "normal"
economy = "base"

[[worlds]]
name = "severe"
economy = "severe"

[[worlds]]
name = "severe-mechanism-alone"
economy = "severe"
[[worlds.policies]]
from = 2027-01-01
set = { behaviour.repay.residual_logit_per_pp = 0.0 }
"#;

fn worlds() -> &'static [WorldObservations; 3] {
    static WORLDS: OnceLock<[WorldObservations; 3]> = OnceLock::new();
    WORLDS.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("paired.toml");
        let text = SCENARIO.replace("MODELS", concat!(env!("CARGO_MANIFEST_DIR"), "/models"));
        std::fs::write(&path, text).expect("written");
        let scenario = read_scenario(&path, &Overrides::default()).unwrap_or_else(|errors| panic!("{errors}"));
        let cancel = AtomicBool::new(false);
        let manner = Manner { workers: 2, progress: &Silent, cancel: &cancel, auditor: None, warm: None };
        let record = run(&scenario, &manner).expect("not interrupted");
        record.worlds.try_into().expect("three worlds")
    })
}

fn both_measures() -> (Measures, Measures) {
    let [normal, severe, _] = worlds();
    (measures(normal), measures(severe))
}

#[test]
fn a_line_is_found_and_its_fit_is_reported() {
    let (slope, r_squared) = line(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]).expect("three points");
    assert!((slope - 2.0).abs() < 1e-12 && (r_squared - 1.0).abs() < 1e-12);
    assert_eq!(line(&[(0.0, 1.0), (1.0, 3.0)]), None);
    assert_eq!(line(&[(1.0, 1.0), (1.0, 3.0), (1.0, 2.0)]), None);
}

#[test]
fn a_peak_is_the_first_of_the_largest_and_needs_a_rise() {
    assert_eq!(first_peak(&[1.0, 3.0, 3.0, 2.0]), Some(1));
    assert_eq!(first_peak(&[2.0, 2.0, 1.0]), None);
    assert_eq!(first_peak(&[]), None);
}

#[test]
fn two_normal_worlds_have_no_elasticity() {
    let normal = fixture::world("normal", 0.0);
    assert_eq!(elasticity(&normal, &normal), None);
    assert_eq!(overdue_lag_months(&normal, &normal), None);
}

#[test]
fn lateness_follows_unemployment_and_the_mechanism_gives_most_of_it() {
    let [normal, severe, mechanism] = worlds();
    let total = elasticity(normal, severe).expect("unemployment moves");
    assert!((0.15..=0.40).contains(&total.per_point), "{total:?}");
    assert!(total.r_squared > 0.8, "{total:?}");
    let alone = elasticity(normal, mechanism).expect("unemployment moves");
    assert!(alone.per_point >= 0.5 * total.per_point, "{alone:?} of {total:?}");
    assert!(alone.per_point < total.per_point, "the residual channel adds: {alone:?} of {total:?}");
}

#[test]
fn lateness_peaks_after_unemployment_and_writeoffs_after_lateness() {
    let [normal, severe, _] = worlds();
    let (overdue, writeoff) = (overdue_lag_months(normal, severe), writeoff_lag_months(normal, severe));
    assert!(overdue.is_some_and(|lag| (1..=6).contains(&lag)), "overdue_30 peaks {overdue:?} months after");
    assert!(writeoff.is_some_and(|lag| (4..=9).contains(&lag)), "write-offs peak {writeoff:?} months after");
    assert!(writeoff > overdue, "{writeoff:?} {overdue:?}");
}

#[test]
fn before_the_downturn_the_worlds_are_the_same() {
    let [normal, severe, mechanism] = worlds();
    for month in 0..3 {
        assert_eq!(normal.months[month].flows, severe.months[month].flows, "month {month}");
        assert_eq!(normal.months[month].flows, mechanism.months[month].flows, "month {month}");
    }
    assert_ne!(normal.months[6].flows, severe.months[6].flows);
}

#[test]
fn approvals_tighten_and_lending_goes_on() {
    let [normal, severe, _] = worlds();
    let approved = |world: &WorldObservations| world.months[6..18].iter().map(|m| m.flows.approved).sum::<i64>();
    assert!(approved(severe) * 100 < approved(normal) * 95, "{} of {}", approved(severe), approved(normal));
    let (calm, stressed) = both_measures();
    let rate = |m: &Measures| m.value("application_approval_rate").expect("applications");
    assert!(rate(&stressed) < rate(&calm), "{} {}", rate(&stressed), rate(&calm));
    let tightest = severe.months.iter().map(|m| m.appetite_ppm).min();
    assert!(tightest < Some(700_000), "{tightest:?}");
    for world in worlds() {
        for month in &world.months {
            assert!(month.captured_fen() > 0 && month.flows.approved > 0, "{} {:?}", world.name, month.first_day);
        }
    }
}

#[test]
fn accounts_opened_in_the_downturn_draw_less_and_default_otherwise() {
    let [normal, severe, _] = worlds();
    let of_rise = |world: &WorldObservations, sum: &dyn Fn(&crate::measure::Vintage) -> i64| -> i64 {
        let first = world.first_counted_run_month();
        world.vintages.iter().filter(|v| (first + 5..first + 15).contains(&v.run_month)).map(sum).sum()
    };
    let drawn_per_account = |world: &WorldObservations| {
        let drawn = of_rise(world, &|v| v.drawn_fen.iter().take(9).sum());
        drawn as f64 / of_rise(world, &|v| v.opened) as f64
    };
    let ratio = drawn_per_account(severe) / drawn_per_account(normal);
    assert!(ratio < 0.97, "{ratio}");
    // Those opened in the year before the peak: enough of them for a rate, and all meet the worst months.
    let defaults = |world: &WorldObservations| {
        let first = world.first_counted_run_month();
        let young = || world.vintages.iter().filter(|v| (first..first + 12).contains(&v.run_month));
        let late: i64 = young().map(|v| v.first_30_plus.iter().take(12).sum::<i64>()).sum();
        late as f64 / young().map(|v| v.opened).sum::<i64>() as f64
    };
    assert!(defaults(severe) > defaults(normal), "{} {}", defaults(severe), defaults(normal));
}

#[test]
fn the_book_recovers_when_the_economy_does() {
    let [normal, severe, _] = worlds();
    let gap: Vec<f64> = quarterly(normal, overdue_30)
        .into_iter()
        .zip(quarterly(severe, overdue_30))
        .map(|(normal, severe)| severe - normal)
        .collect();
    let worst = gap.iter().copied().fold(0.0, f64::max);
    let last = gap.last().copied().expect("quarters");
    assert!(worst > 0.01, "{gap:?}");
    assert!(last < 0.5 * worst, "{gap:?}");
}

#[test]
fn defaults_have_their_causes() {
    let [normal, severe, _] = worlds();
    let by_cause = |world: &WorldObservations, cause: Cause| -> i64 {
        world.months.iter().map(|m| m.people.reached_31_by_cause[cause as usize]).sum()
    };
    let causes =
        [Cause::JobLoss, Cause::ThinBuffer, Cause::Forgotten, Cause::Strategic, Cause::Fraud, Cause::StackedDebt];
    for cause in causes {
        assert!(by_cause(normal, cause) > 0, "nobody defaults by {cause:?}");
    }
    let all = |world: &WorldObservations| causes.iter().map(|&cause| by_cause(world, cause)).sum::<i64>();
    let unknown = |world: &WorldObservations| by_cause(world, Cause::None);
    assert!(unknown(normal) * 50 < all(normal), "{} of {} without a cause", unknown(normal), all(normal));
    let (extra, extra_jobs) =
        (all(severe) - all(normal), by_cause(severe, Cause::JobLoss) - by_cause(normal, Cause::JobLoss));
    assert!(extra_jobs * 2 > extra, "of {extra} more defaults {extra_jobs} come from lost jobs");
}
