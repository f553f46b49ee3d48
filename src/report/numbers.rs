//! Numbers as people read them: grouping, percent, yuan, months. All pages, tables and charts write theirs with it.

use crate::base::time::Day;
use crate::measure::{Unit, unit};

/// Whole numbers with thousands separators.
pub(super) fn grouped(value: i128) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        out.push('−');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with `decimals` decimals and a true minus sign.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_string(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// A ratio in percent.
pub(super) fn percent(ratio: f64, decimals: usize) -> String {
    format!("{}%", fixed(ratio * 100.0, decimals))
}

/// A percentage, or a dash when nothing was counted.
pub(super) fn percent_or_dash(ratio: Option<f64>, decimals: usize) -> String {
    ratio.map_or_else(|| "–".to_string(), |r| percent(r, decimals))
}

/// Yuan in the largest fitting unit: `412`, `8.3k`, `12.4m`, `1.07bn`.
pub(super) fn short_yuan(yuan: f64) -> String {
    let size = yuan.abs();
    if size >= 1e9 {
        format!("{}bn", fixed(yuan / 1e9, 2))
    } else if size >= 1e6 {
        format!("{}m", fixed(yuan / 1e6, 1))
    } else if size >= 1e4 {
        format!("{}k", fixed(yuan / 1e3, 0))
    } else if size >= 1e3 {
        format!("{}k", fixed(yuan / 1e3, 1))
    } else {
        fixed(yuan, 0)
    }
}

/// Calendar month of a day, `2027-03`.
pub(super) fn month_name(day: Day) -> String {
    let (year, month, _) = day.ymd();
    format!("{year:04}-{month:02}")
}

/// About `wanted` round values that cover `low..=high`, both ends rounded outwards.
pub(super) fn ticks(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let span = if high > low { high - low } else { high.abs().max(1.0) };
    let rough = span / wanted.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|s| s * power).find(|s| *s >= rough * 0.999);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) = ((low / step + 1e-9).floor() as i64, (high.max(low + span * 0.01) / step - 1e-9).ceil() as i64);
    (first..=last).map(|i| i as f64 * step).collect()
}

/// A value of a measure in its unit.
pub(super) fn shown(measure: &str, value: f64) -> String {
    match unit(measure) {
        Unit::Share => percent(value, 2),
        Unit::PerMille => format!("{}‰", fixed(value * 1e3, 2)),
        Unit::Yuan => short_yuan(value),
        Unit::PerMonth | Unit::TimesPerYear => fixed(value, 2),
        Unit::Accounts => grouped(value.round() as i128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            (grouped(1_234_567), grouped(-999), grouped(1_000)),
            ("1,234,567".into(), "−999".into(), "1,000".into())
        );
        assert_eq!(
            (percent(0.0421, 1), percent(-0.0004, 1), percent(-0.004, 1)),
            ("4.2%".into(), "0.0%".into(), "−0.4%".into())
        );
        let yuan = [412.0, 8_300.0, 64_000.0, -12_400_000.0, 1.07e9].map(short_yuan);
        assert_eq!(yuan, ["412", "8.3k", "64k", "−12.4m", "1.07bn"]);
    }

    #[test]
    fn ticks_cover_the_range_in_round_steps() {
        assert_eq!(ticks(0.0, 9.3, 5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(-3.0, 4.0, 4), [-4.0, -2.0, 0.0, 2.0, 4.0]);
        assert_eq!(ticks(0.0, 0.0, 4).first(), Some(&0.0));
        assert!(ticks(0.5, 0.5, 4).len() < 20);
    }
}
