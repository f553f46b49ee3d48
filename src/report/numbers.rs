//! Numbers as people read them: grouping, percent, yuan, months. All pages, tables, charts and the terminal write theirs with it.
//!
//! | what | form |
//! |---|---|
//! | a share | `31.54 %` |
//! | a difference of shares | `−6.48 pp` (percentage points); a relative change is in percent |
//! | a difference of per milles | `+0.05 ‰`: thousandths, as the values beside it |
//! | before and after | `31.54 % → 25.06 %` |
//! | an interval | `[24.10 %, 26.02 %]`; whoever shows it names the level |

pub(crate) use crate::base::grouping::grouped;

use crate::base::time::Day;
use crate::measure::{Unit, unit};
use crate::results::load::Estimate;

/// Said once wherever intervals stand.
pub(crate) const LEVEL: &str = "[low, high]: 95 % interval";

/// A number with `decimals` decimals and a true minus sign.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_string(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// A ratio in percent.
pub(crate) fn percent(ratio: f64, decimals: usize) -> String {
    format!("{} %", fixed(ratio * 100.0, decimals))
}

/// A value in words, or a dash when it is not known.
pub(super) fn or_dash(value: Option<f64>, words: impl FnOnce(f64) -> String) -> String {
    value.map_or_else(|| "–".to_string(), words)
}

/// A percentage, or a dash when nothing was counted.
pub(super) fn percent_or_dash(ratio: Option<f64>, decimals: usize) -> String {
    or_dash(ratio, |r| percent(r, decimals))
}

/// A part of a whole as a percentage, or a dash: 0 of 0 is no share.
pub(super) fn percent_of(part: u64, whole: u64, decimals: usize) -> String {
    percent_or_dash((whole > 0).then(|| part as f64 / whole as f64), decimals)
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

/// A value of a measure in its unit.
pub(super) fn shown(measure: &str, value: f64) -> String {
    in_unit(unit(measure), value)
}

/// A value in a unit.
pub(crate) fn in_unit(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Share => percent(value, 2),
        Unit::PerMille => format!("{} ‰", fixed(value * 1e3, 2)),
        Unit::Yuan => short_yuan(value),
        Unit::PerMonth | Unit::TimesPerYear => fixed(value, 2),
        Unit::Accounts => grouped(value.round() as i128),
    }
}

/// A text of a number with a plus before what is more than nothing; what rounds to nothing has no sign.
pub(crate) fn signed(text: String) -> String {
    let rises = !text.starts_with('−') && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if rises { format!("+{text}") } else { text }
}

/// A difference of two ratios in percentage points, without a sign of what rises.
pub(super) fn points(difference: f64, decimals: usize) -> String {
    format!("{} pp", fixed(difference * 100.0, decimals))
}

/// A difference of two values of a unit, with its sign: percentage points of shares, everything else in its unit.
pub(crate) fn difference_in(unit: Unit, difference: f64) -> String {
    signed(match unit {
        Unit::Share => points(difference, 2),
        other => in_unit(other, difference),
    })
}

/// A difference of two values of a measure, as [`difference_in`].
pub(super) fn difference(measure: &str, value: f64) -> String {
    difference_in(unit(measure), value)
}

/// A size without a sign, in the unit of a difference.
pub(super) fn difference_size(measure: &str, size: f64) -> String {
    difference(measure, size).trim_start_matches('+').to_string()
}

/// Before and after.
pub(crate) fn from_to(before: &str, after: &str) -> String {
    format!("{before} → {after}")
}

/// Low and high end.
pub(crate) fn interval(low: &str, high: &str) -> String {
    format!("[{low}, {high}]")
}

/// A value with its interval, both as `show` writes them.
pub(crate) fn with_interval(e: Estimate, show: impl Fn(f64) -> String) -> String {
    format!("{} {}", show(e.value), interval(&show(e.low), &show(e.high)))
}

/// A value of a measure with its interval.
pub(super) fn within(measure: &str, e: Estimate) -> String {
    with_interval(e, |value| shown(measure, value))
}

/// A difference of a measure with its interval.
pub(super) fn change(measure: &str, e: Estimate) -> String {
    with_interval(e, |value| difference(measure, value))
}

/// Relative difference below which a sentence does not call one of two values higher.
const RELEVANT: f64 = 0.05;

/// True when nobody should make a story of the difference: it is less than a twentieth of the larger, or two steps of the last
/// decimal that is shown (the step in the unit of the values: 0.001 of shares in percent with one decimal).
pub(super) fn about_the_same(a: f64, b: f64, step: f64) -> bool {
    let apart = (a - b).abs();
    apart < RELEVANT * a.abs().max(b.abs()) || apart < 2.0 * step
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
            ("4.2 %".into(), "0.0 %".into(), "−0.4 %".into())
        );
        let yuan = [412.0, 8_300.0, 64_000.0, -12_400_000.0, 1.07e9].map(short_yuan);
        assert_eq!(yuan, ["412", "8.3k", "64k", "−12.4m", "1.07bn"]);
    }

    #[test]
    fn differences_of_shares_are_points_and_intervals_have_brackets() {
        let difference = [0.0648, -0.0648, 0.00002].map(|d| difference_in(Unit::Share, d));
        assert_eq!(difference, ["+6.48 pp", "−6.48 pp", "0.00 pp"]);
        assert_eq!(difference_in(Unit::PerMille, 0.00005), "+0.05 ‰");
        assert_eq!(difference_in(Unit::PerMille, -0.0005), "−0.50 ‰");
        assert_eq!(difference_in(Unit::Yuan, 8_300.0), "+8.3k");
        assert_eq!(from_to(&percent(0.3154, 2), &percent(0.2506, 2)), "31.54 % → 25.06 %");
        let e = Estimate { value: 0.05, low: 0.045, high: 0.055 };
        assert_eq!(within("overdue_rate", e), "5.00 % [4.50 %, 5.50 %]");
        assert_eq!(change("overdue_rate", e), "+5.00 pp [+4.50 pp, +5.50 pp]");
    }

    #[test]
    fn what_hardly_differs_is_about_the_same() {
        assert!(about_the_same(0.066, 0.067, 0.001), "6.6 % and 6.7 %");
        assert!(about_the_same(0.0012, 0.0021, 0.001), "less than two steps of what is shown");
        assert!(!about_the_same(0.41, 0.63, 0.001) && !about_the_same(0.02, 0.03, 0.001));
    }
}
