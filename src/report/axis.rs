//! One axis: its range and the values at which it is labelled. A label says exactly where it stands: steps are 1, 2 or 5 times a
//! power of ten, written with the decimals that the step has. An axis ends at round values outside its data, so that shares stay
//! within 0 to 100% and nothing goes below zero, unless the data do.

use super::numbers::{fixed, grouped, month_name};
use crate::base::time::Day;
use crate::measure::{Unit, unit};

/// About so many steps has an axis.
const STEPS: usize = 5;

/// One axis.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
    /// Values with their labels.
    pub ticks: Vec<(f64, String)>,
    /// What it shows and its unit.
    pub title: String,
}

impl Axis {
    /// Plain numbers that cover `low` to `high`.
    pub(super) fn number(low: f64, high: f64, title: &str) -> Axis {
        Axis::scaled((low, high), 1.0, title, "")
    }

    /// Ratios that cover `low` to `high`, shown in percent.
    pub(super) fn percent(low: f64, high: f64, title: &str) -> Axis {
        // A single high share, such as 100%, has its room below.
        let low = if high - low < 1e-9 && (0.5..=1.0).contains(&high) { low - 0.02 } else { low };
        Axis::scaled((low, high), 100.0, title, " %")
    }

    /// Differences of ratios that cover `low` to `high`, shown in percentage points.
    pub(super) fn points(low: f64, high: f64, title: &str) -> Axis {
        Axis::scaled((low, high), 100.0, title, " pp")
    }

    /// Values of a measure in its unit.
    pub(super) fn of(measure: &str, low: f64, high: f64, title: &str) -> Axis {
        match unit(measure) {
            Unit::Share => Axis::percent(low, high, title),
            Unit::PerMille => Axis::scaled((low, high), 1_000.0, title, " ‰"),
            _ => Axis::number(low, high, title),
        }
    }

    /// Values times `scale`, each with `sign`.
    fn scaled((low, high): (f64, f64), scale: f64, title: &str, sign: &str) -> Axis {
        let (step, values) = ticks(low * scale, high * scale, STEPS);
        let ends = (values.first().copied().unwrap_or(low * scale), values.last().copied().unwrap_or(high * scale));
        // Only plain numbers are written in thousands and millions.
        let largest = if sign.is_empty() { ends.0.abs().max(ends.1.abs()) } else { 0.0 };
        let ticks = values.into_iter().map(|v| (v / scale, format!("{}{sign}", label(v, step, largest)))).collect();
        Axis { low: ends.0 / scale, high: ends.1 / scale, ticks, title: title.to_string() }
    }

    /// From zero to exactly `high`, labelled at round values within.
    pub(super) fn up_to(high: f64, title: &str) -> Axis {
        let (step, values) = ticks(0.0, high, STEPS);
        let within = values.into_iter().filter(|v| *v <= high * (1.0 + 1e-9));
        let ticks = within.map(|v| (v, label(v, step, high))).collect();
        Axis { low: 0.0, high, ticks, title: title.to_string() }
    }

    /// Calendar months by their place in a series, labelled every month, third or sixth month.
    pub(super) fn months(first_days: &[Day]) -> Axis {
        let step = match first_days.len() {
            0..=4 => 1,
            5..=15 => 3,
            _ => 6,
        };
        let labelled = first_days.iter().enumerate().filter(|(i, _)| i.is_multiple_of(step));
        let ticks = labelled.map(|(i, &day)| (i as f64, month_name(day))).collect();
        let high = first_days.len().saturating_sub(1).max(1) as f64;
        Axis { low: 0.0, high, ticks, title: String::new() }
    }

    /// With exactly these labels.
    pub(super) fn with(low: f64, high: f64, ticks: Vec<(f64, String)>, title: &str) -> Axis {
        Axis { low, high, ticks, title: title.to_string() }
    }

    /// Without labels: `rows` bands of equal width.
    pub(super) fn rows(rows: usize) -> Axis {
        Axis::with(0.0, rows.max(1) as f64, Vec::new(), "")
    }
}

/// Values in steps of 1, 2 or 5 times a power of ten that cover `low..=high`, both ends rounded outwards, in about `wanted` steps.
/// The step comes first.
fn ticks(low: f64, high: f64, wanted: usize) -> (f64, Vec<f64>) {
    // A single value stands at the foot of its axis.
    let high = if high > low { high } else { low + if low == 0.0 { 1.0 } else { 0.02 * low.abs() } };
    let span = high - low;
    let power = (span / wanted.max(1) as f64).log10().floor() as i32;
    let ends = |step: f64| ((low / step + 1e-9).floor() as i64, (high / step - 1e-9).ceil() as i64);
    let off = |step: f64| ((ends(step).1 - ends(step).0) - wanted as i64).abs();
    let steps = [(1.0, power), (2.0, power), (5.0, power), (1.0, power + 1)].map(|(s, p)| s * 10_f64.powi(p));
    // The widest of those that come nearest to what is wanted.
    let step = steps.into_iter().rev().min_by_key(|step| off(*step)).unwrap_or(span);
    let (first, last) = ends(step);
    (step, (first..=last).map(|i| i as f64 * step).collect())
}

/// A value as labels of an axis say it that goes up to `largest` in steps of `step`: exact, with as many decimals as the step has.
fn label(value: f64, step: f64, largest: f64) -> String {
    let units = [(1e9, "bn"), (1e6, "m"), (1e3, "k")];
    let fits = |(unit, _): &(f64, &str)| largest >= unit * if *unit == 1e3 { 10.0 } else { 1.0 } && step >= unit / 10.5;
    let (unit, sign) = units.into_iter().find(fits).unwrap_or((1.0, ""));
    // A power of ten is not exact in binary.
    let decimals = (-((step / unit).log10() + 1e-9).floor()).max(0.0) as usize;
    match value / unit {
        v if v.abs() < step / unit / 2.0 => "0".to_string(),
        v if decimals == 0 => format!("{}{sign}", grouped(v.round() as i128)),
        v => format!("{}{sign}", fixed(v, decimals)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(label: &str) -> f64 {
        crate::report::tests::geometry::stated(label).expect(label)
    }

    #[track_caller]
    fn check(axis: &Axis, low: f64, high: f64) {
        assert!(
            axis.low <= low + 1e-9 * low.abs() && axis.high >= high - 1e-9 * high.abs(),
            "{low} to {high}: {axis:?}"
        );
        assert!((2..=11).contains(&axis.ticks.len()), "{low} to {high}: {axis:?}");
        for (value, label) in &axis.ticks {
            let off = (stated(label) - value).abs();
            assert!(off <= 1e-6 * (axis.high - axis.low), "{label} stands at {value}: {axis:?}");
        }
        assert!(low < 0.0 || axis.low >= 0.0, "below zero: {axis:?}");
    }

    #[test]
    fn every_label_stands_at_the_value_that_it_states() {
        let mut sizes = Vec::new();
        for power in -6..9 {
            sizes.extend((1..40).map(|i| f64::from(i) * 0.27 * 10_f64.powi(power)));
        }
        for (i, &high) in sizes.iter().enumerate() {
            for low in [0.0, 0.3 * high, 0.97 * high, -0.4 * high, -2.0 * high, high, sizes[i / 2]] {
                let (low, high) = (low.min(high), high.max(low));
                check(&Axis::number(low, high, ""), low, high);
                check(&Axis::percent(low, high, ""), low, high);
                check(&Axis::points(low, high, ""), low, high);
                check(&Axis::of("complaint_rate", low, high, ""), low, high);
            }
            check(&Axis::up_to(high, ""), 0.0, 0.0);
        }
    }

    #[test]
    fn a_share_stays_within_its_bounds() {
        for low in 0..=100 {
            for high in low..=100 {
                let (low, high) = (f64::from(low) / 100.0, f64::from(high) / 100.0);
                let axis = Axis::percent(low, high, "");
                assert!(axis.low >= 0.0 && axis.high <= 1.0 + 1e-9, "{low} to {high}: {axis:?}");
            }
        }
        assert!(Axis::percent(0.0, 1.03, "").high > 1.0, "data beyond their bounds are shown");
    }

    #[test]
    fn labels_read_well() {
        let of = |axis: Axis| axis.ticks.into_iter().map(|t| t.1).collect::<Vec<_>>().join(" ");
        assert_eq!(of(Axis::percent(0.0, 0.0123, "")), "0 % 0.5 % 1.0 % 1.5 %");
        assert_eq!(of(Axis::percent(0.0, 0.95, "")), "0 % 20 % 40 % 60 % 80 % 100 %");
        assert_eq!(of(Axis::number(0.0, 4_100.0, "")), "0 1,000 2,000 3,000 4,000 5,000");
        assert_eq!(of(Axis::number(0.0, 11_400.0, "")), "0 2k 4k 6k 8k 10k 12k");
        assert_eq!(of(Axis::number(-6e6, 14e6, "")), "−10m −5m 0 5m 10m 15m");
        assert_eq!(of(Axis::number(0.0, 130_000.0, "")), "0 50k 100k 150k");
    }

    #[test]
    fn ticks_cover_the_range_in_round_steps() {
        assert_eq!(ticks(0.0, 9.3, 5).1, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(-3.0, 4.0, 4).1, [-4.0, -2.0, 0.0, 2.0, 4.0]);
        assert_eq!(ticks(0.0, 0.0, 4).1.first(), Some(&0.0));
        assert!(ticks(0.5, 0.5, 4).1.len() < 20);
    }
}
