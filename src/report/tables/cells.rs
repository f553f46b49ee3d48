//! Cells of the tables of a run: values, differences, targets, balances.

use crate::base::money::Fen;
use crate::measure::Unit;
use crate::report::html::escape;
use crate::report::numbers::{difference_in, fixed, grouped, percent, points, signed};
use crate::results::Target;

/// Shares below it have three decimals in percent.
const SMALL_SHARE: f64 = 0.002;

/// A value in its unit.
pub(super) fn shown(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Share if value.abs() < SMALL_SHARE => percent(value, 3),
        Unit::Share if value.abs() < 0.1 => percent(value, 2),
        Unit::Share => percent(value, 1),
        Unit::PerMille => format!("{} ‰", fixed(value * 1e3, 2)),
        Unit::Yuan => grouped(value.round() as i128),
        Unit::PerMonth | Unit::TimesPerYear => fixed(value, 2),
        Unit::Accounts => grouped(value as i128),
    }
}

/// A difference in its unit: points for shares, otherwise relative.
pub(super) fn difference(unit: Unit, base: f64, other: f64) -> String {
    let change = other - base;
    match unit {
        // Where the values have a third decimal, their difference has it, too.
        Unit::Share if base.abs().max(other.abs()) < SMALL_SHARE => signed(points(change, 3)),
        Unit::Share | Unit::PerMille => difference_in(unit, change),
        _ if base.abs() > 1e-12 => signed(percent(change / base.abs(), 1)),
        _ => "–".to_string(),
    }
}

/// The target's band and whether the value is inside, two cells.
pub(super) fn target_cell(unit: Unit, target: Option<&Target>, value: Option<f64>) -> String {
    let (Some(t), Some(v)) = (target, value) else { return "<td></td><td></td>".to_string() };
    let inside = (t.low..=t.high).contains(&v);
    let band = match (t.low.is_finite(), t.high.is_finite() && t.high < 1e12) {
        (true, true) => format!("{} – {}", shown(unit, t.low), shown(unit, t.high)),
        (true, false) => format!("≥ {}", shown(unit, t.low)),
        _ => format!("≤ {}", shown(unit, t.high)),
    };
    let (class, verdict) = if inside { ("in", "inside") } else { ("out", "outside") };
    format!(
        "<td class=band title=\"{}\">{band} <span class=grade>{}</span></td><td class={class}>{verdict}</td>",
        escape(&t.source),
        t.grade
    )
}

/// Definitions quote other keys in backticks; the page has no markdown.
pub(super) fn ticks_to_code(text: &str) -> String {
    text.replace('`', "")
}

/// Yuan with separators and two decimals, exact.
pub(super) fn yuan(fen: i64) -> String {
    let text = Fen(fen.abs()).to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let sign = if fen < 0 { "−" } else { "" };
    format!("{sign}{}.{cents}", grouped(whole.parse().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_the_decimals_of_its_values() {
        assert_eq!(difference(Unit::Share, 0.000_26, 0.000_29), "+0.003 pp");
        assert_eq!(difference(Unit::Share, 0.0417, 0.0608), "+1.91 pp");
        assert_eq!(difference(Unit::PerMonth, 4.0, 3.0), "−25.0 %");
    }
}
