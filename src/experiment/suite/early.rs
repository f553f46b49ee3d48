//! Early warning: which indicators rose (or fell) before the loss, and by how many months.
//!
//! Both series are taken as differences from the first path in the same replication. Growth of the book, seasons and most of the
//! luck are common to the two worlds and fall out; what is left is what the downturn did. For each lead from `LEADS` the
//! correlation of the indicator in a month with the loss so many months later is worked out in each replication, and its Fisher z
//! averaged over replications. The lead is the one with the highest mean in the direction in which the indicator warns; its
//! interval resamples replications and looks for the highest anew.
//!
//! An indicator counts as leading when the interval of its lead lies above zero and that of the correlation, over replications that
//! differ, on the right side of zero. Smooth paths correlate with each other at many leads: that an indicator led on these paths is no proof that it will warn
//! of another downturn.

use super::sample::View;
use super::statistics::{bootstrap, mean, resample};
use crate::results::load::Estimate;
use crate::results::suite::{EarlyWarning, KeptWorld, SERIES, Series};
use std::ops::RangeInclusive;

/// Leads that are tried, months; negative: the indicator follows.
const LEADS: RangeInclusive<i32> = -6..=12;

/// Months that must overlap for a correlation.
const OVERLAP_MIN: usize = 10;

/// A correlation of one would have no Fisher z.
const CORRELATION_MAX: f64 = 0.999;

/// A monthly ratio of sums of series, and whether it rises before a loss.
struct Indicator {
    name: &'static str,
    rises: bool,
    plus: &'static [&'static str],
    minus: &'static [&'static str],
    over: &'static [&'static str],
}

const fn indicator(
    name: &'static str,
    rises: bool,
    plus: &'static [&'static str],
    over: &'static [&'static str],
) -> Indicator {
    Indicator { name, rises, plus, minus: &[], over }
}

/// Who is tried. What moves with the economy comes first, then what people do, then what the book shows.
const INDICATORS: [Indicator; 20] = [
    indicator("unemployment", true, &["unemployment_ppm"], &[]),
    indicator("jobs lost", true, &["jobs_lost"], &["labour_force"]),
    indicator("users out of work", true, &["jobless"], &["labour_force"]),
    indicator("savings of users", false, &["savings_fen"], &["users"]),
    indicator("wishes to buy", false, &["wishes"], &["users"]),
    indicator("captured volume", false, &["captured_fen"], &["accounts"]),
    indicator("limit used", true, &["balance_fen"], &["limits_fen"]),
    indicator("declines for the limit", true, &["over_limit_declines"], &["drawings_requested"]),
    indicator("debits failed", true, &["debits_failed"], &["statements"]),
    indicator("bills paid at the minimum", true, &["due_minimum_fen"], &["due_fen"]),
    indicator("bills in instalments", true, &["due_instalment_fen"], &["due_fen"]),
    indicator("entry into lateness", true, &["d1_entry_fen"], &["d1_base_fen"]),
    Indicator {
        name: "overdue 1-30",
        rises: true,
        plus: &["overdue_fen"],
        minus: &["overdue_30_fen"],
        over: &["balance_fen"],
    },
    indicator("overdue 30+", true, &["overdue_30_fen"], &["balance_fen"]),
    indicator("overdue of 18 to 24", true, &["young_overdue_fen"], &["young_balance_fen"]),
    indicator("debt service over income", true, &["service_fen"], &["income_fen"]),
    indicator("over-borrowed accounts", true, &["overborrowed"], &["accounts"]),
    indicator("complaints", true, &["complaints"], &["accounts"]),
    indicator("queued at the collectors", true, &["contacts_queued"], &["contacts_queued", "contacts_tried"]),
    indicator("applications approved", false, &["applications_approved"], &["applications_decided"]),
];

/// What is to be warned of.
const LOSSES: [Indicator; 2] = [
    indicator("write-offs", true, &["writeoff_fen"], &["balance_days_fen"]),
    indicator("overdue 90+", true, &["overdue_90_fen"], &["balance_fen"]),
];

impl Indicator {
    /// By month; a month without a denominator counts as the one before it.
    fn series(&self, world: &KeptWorld) -> Vec<f64> {
        let position = |name: &&str| SERIES.iter().position(|series| series == name);
        let positions = |names: &[&str]| names.iter().filter_map(position).collect::<Vec<usize>>();
        let (plus, minus, over) = (positions(self.plus), positions(self.minus), positions(self.over));
        let mut last = 0.0;
        let value = |month: &Series| {
            let sum = |positions: &[usize]| positions.iter().map(|&position| month[position]).sum::<i64>();
            let whole = if over.is_empty() { 1 } else { sum(&over) };
            if whole != 0 {
                last = (sum(&plus) - sum(&minus)) as f64 / whole as f64;
            }
            last
        };
        world.months.iter().map(value).collect()
    }
}

/// All indicators against both losses on every path but the first, under the first policy.
pub(super) fn warnings(view: &View<'_>) -> Vec<EarlyWarning> {
    let mut all = Vec::new();
    for path in 1..view.plan.paths.len() {
        let differences = |of: &Indicator| -> Vec<Vec<f64>> {
            let pairs = view.replications(0, 0).zip(view.replications(path, 0));
            let less = |a: Vec<f64>, b: Vec<f64>| a.iter().zip(&b).map(|(a, b)| b - a).collect();
            pairs.map(|(base, world)| less(of.series(base), of.series(world))).collect()
        };
        for loss in &LOSSES {
            let losses = differences(loss);
            for indicator in &INDICATORS {
                let sign = if indicator.rises { 1.0 } else { -1.0 };
                let led = lead(&differences(indicator), &losses, sign, view.seed);
                let name = view.plan.paths[path].name.clone();
                all.extend(led.map(|led| led.warning(name, indicator, loss.name, losses.len() as u32)));
            }
        }
    }
    all
}

/// The lead of an indicator over a loss.
struct Led {
    months: Estimate,
    correlation: Estimate,
    at_once: f64,
}

impl Led {
    fn warning(self, path: String, indicator: &Indicator, loss: &str, replications: u32) -> EarlyWarning {
        let right_side = if indicator.rises { self.correlation.low > 0.0 } else { self.correlation.high < 0.0 };
        // Correlations that are all the same, or cut off at the same bound, have an interval without width, which proves nothing.
        let varies = self.correlation.low < self.correlation.high;
        EarlyWarning {
            path,
            indicator: indicator.name.to_string(),
            direction: if indicator.rises { "rises" } else { "falls" }.to_string(),
            loss: loss.to_string(),
            replications,
            leads: self.months.low > 0.0 && right_side && varies,
            lead_months: self.months,
            correlation: self.correlation,
            correlation_at_once: self.at_once,
        }
    }
}

/// The lead with the highest mean correlation times `sign`. `None` when fewer than two replications vary.
fn lead(indicator: &[Vec<f64>], loss: &[Vec<f64>], sign: f64, seed: u64) -> Option<Led> {
    // By replication: Fisher z at each lead, where there is one.
    let z: Vec<Vec<Option<f64>>> = indicator
        .iter()
        .zip(loss)
        .map(|(x, y)| LEADS.map(|months| correlation(x, y, months).map(libm::atanh)).collect())
        .collect();
    let whole: Vec<&Vec<Option<f64>>> = z.iter().filter(|row| row.iter().any(Option::is_some)).collect();
    if whole.len() < 2 {
        return None;
    }
    let best = |counts: &[u32]| -> Option<usize> {
        let means =
            (0..LEADS.count()).filter_map(|position| Some((position, sign * counted_mean(&whole, position, counts)?)));
        means.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(position, _)| position)
    };
    let months = |position: usize| f64::from(*LEADS.start() + position as i32);
    let position = best(&vec![1; whole.len()])?;
    let mut counts = vec![0; whole.len()];
    let interval = bootstrap(seed, |stream| {
        resample(stream, &mut counts);
        best(&counts).map(months)
    })?;
    let at = |position: usize| whole.iter().filter_map(|row| row[position]).collect::<Vec<f64>>();
    let z = mean(&at(position))?;
    let at_once = counted_mean(&whole, (-LEADS.start()) as usize, &vec![1; whole.len()]).map_or(0.0, libm::tanh);
    Some(Led {
        months: interval.of(months(position)),
        correlation: Estimate { value: libm::tanh(z.value), low: libm::tanh(z.low), high: libm::tanh(z.high) },
        at_once,
    })
}

fn counted_mean(rows: &[&Vec<Option<f64>>], position: usize, counts: &[u32]) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0);
    for (value, &count) in rows.iter().zip(counts).filter_map(|(row, count)| row[position].map(|v| (v, count))) {
        sum += value * f64::from(count);
        n += count;
    }
    (n > 0).then(|| sum / f64::from(n))
}

/// Pearson's correlation of `x` with `y` `lead` months later; `None` with too few months or where one of them stands still.
fn correlation(x: &[f64], y: &[f64], lead: i32) -> Option<f64> {
    let shift = lead.unsigned_abs() as usize;
    let (x, y) = match lead {
        0.. => (x.get(..x.len().checked_sub(shift)?)?, y.get(shift..)?),
        _ => (x.get(shift..)?, y.get(..y.len().checked_sub(shift)?)?),
    };
    let n = x.len();
    if n < OVERLAP_MIN {
        return None;
    }
    let average = |values: &[f64]| values.iter().sum::<f64>() / n as f64;
    let (mx, my) = (average(x), average(y));
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        xy += (x - mx) * (y - my);
        xx += (x - mx) * (x - mx);
        yy += (y - my) * (y - my);
    }
    (xx > 0.0 && yy > 0.0).then(|| (xy / (xx * yy).sqrt()).clamp(-CORRELATION_MAX, CORRELATION_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Purpose, RunKey};

    /// A hump that begins in a month, with noise of its own.
    fn hump(start: f64, noise: f64, number: u32, salt: u32) -> Vec<f64> {
        let mut luck = RunKey::new(u64::from(salt), number).stream(0, Purpose::World);
        let shape = |month: f64| libm::exp(-(month - start - 5.0) * (month - start - 5.0) / 18.0);
        (0..24).map(|month| shape(f64::from(month)) + noise * (luck.unit() - 0.5)).collect()
    }

    fn sample(start: f64, noise: f64, salt: u32) -> Vec<Vec<f64>> {
        (0..25).map(|number| hump(start, noise, number, salt)).collect()
    }

    #[test]
    fn a_planted_lead_is_found_with_its_sign() {
        let loss = sample(8.0, 0.6, 1);
        let led = lead(&sample(3.0, 0.6, 2), &loss, 1.0, 1).expect("it varies");
        assert_eq!(led.months.value, 5.0, "{:?}", led.months);
        assert!(led.months.low >= 4.0 && led.months.high <= 6.0, "{:?}", led.months);
        assert!(led.correlation.low > 0.5 && led.at_once < led.correlation.value);
        let fallen: Vec<Vec<f64>> = sample(5.0, 0.4, 3).iter().map(|s| s.iter().map(|v| -v).collect()).collect();
        let falling = lead(&fallen, &loss, -1.0, 1).expect("it varies");
        assert_eq!(falling.months.value, 3.0, "{:?}", falling.months);
        assert!(falling.correlation.high < 0.0);
    }

    #[test]
    fn what_follows_or_only_makes_noise_does_not_lead() {
        let loss = sample(4.0, 0.4, 1);
        let after = lead(&sample(8.0, 0.4, 2), &loss, 1.0, 1).expect("it varies");
        assert!(after.months.high < 0.0, "{:?}", after.months);
        let noise: Vec<Vec<f64>> = (0..25).map(|n| hump(500.0, 1.0, n, 9)).collect();
        let found =
            lead(&noise, &loss, 1.0, 1).expect("it varies").warning(String::new(), &INDICATORS[0], "write-offs", 25);
        assert!(!found.leads || found.correlation.value < 0.3, "{found:?}");
        let still = vec![vec![1.0; 24]; 25];
        assert!(lead(&still, &loss, 1.0, 1).is_none(), "what stands still has no correlation");
    }

    #[test]
    fn replications_that_do_not_differ_prove_no_lead() {
        let (early, loss) = (hump(3.0, 0.3, 1, 2), hump(8.0, 0.3, 1, 1));
        let led = |numbers: u32, differ: f64| {
            let vary = |series: &[f64], salt: u32| -> Vec<Vec<f64>> {
                let one = |n| hump(500.0, differ, n, salt).iter().zip(series).map(|(noise, v)| v + noise).collect();
                (0..numbers).map(one).collect()
            };
            let found = lead(&vary(&early, 7), &vary(&loss, 8), 1.0, 1);
            found.map(|led| led.warning(String::new(), &INDICATORS[0], "write-offs", numbers).leads)
        };
        assert_eq!(led(1, 0.0), None, "one has no interval");
        assert_eq!(led(2, 0.0), Some(false), "two that are the same have none either");
        assert_eq!(led(5, 0.1), Some(true));
    }

    #[test]
    fn every_series_is_one_that_is_kept() {
        for indicator in INDICATORS.iter().chain(&LOSSES) {
            for name in indicator.plus.iter().chain(indicator.minus).chain(indicator.over) {
                assert!(SERIES.contains(name), "{name} of {}", indicator.name);
            }
        }
    }
}
