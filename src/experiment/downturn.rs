//! What a downturn does: two worlds of one run, the same people with the same luck, month by month.
//!
//! All of it works on paired differences. Season, growth of the book and most of the luck are in both worlds and fall out.

use crate::measure::{MonthObservations, WorldObservations};

/// Months of a quarter.
const QUARTER: usize = 3;

/// Quarters over which the change of unemployment is taken.
const CHANGE_QUARTERS: usize = 4;

/// Longest lag of lateness behind unemployment that is tried, in quarters.
pub(crate) const LAG_QUARTERS_MAX: usize = 2;

/// How strongly lateness follows unemployment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Elasticity {
    /// Change of the logit of `overdue_30` for each percentage point by which unemployment rose over four quarters.
    pub per_point: f64,
    /// The lag, in quarters, with which the line fits best.
    pub lag_quarters: usize,
    /// Share of the variance that the line explains.
    pub r_squared: f64,
    /// Quarters that entered.
    pub quarters: usize,
}

/// The slope of the paired difference of logit(`overdue_30`), by quarters, on the change of unemployment over four
/// quarters: ordinary least squares over the quarters up to the peak of unemployment, at the lag from 0 to
/// [`LAG_QUARTERS_MAX`] that fits best. Before the counted months unemployment is what it is in the first quarter.
///
/// `None` when unemployment does not move, or when too few quarters lie before its peak.
pub(crate) fn elasticity(normal: &WorldObservations, downturn: &WorldObservations) -> Option<Elasticity> {
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
pub(crate) fn overdue_lag_months(normal: &WorldObservations, downturn: &WorldObservations) -> Option<i32> {
    let ratio = |world: &WorldObservations| world.months.iter().map(|m| overdue_30(std::slice::from_ref(m))).collect();
    lag_months(downturn, ratio(normal), ratio(downturn))
}

/// The same for principal written off over the mean balance of the month.
pub(crate) fn writeoff_lag_months(normal: &WorldObservations, downturn: &WorldObservations) -> Option<i32> {
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

/// Place of the largest value, the first of equals; `None` when nothing is larger than the first value.
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

#[cfg(test)]
#[path = "downturn_tests.rs"]
mod tests;
