//! Which assumptions the answer hangs on: a tornado of each moved alone, elementary effects of all moved together, the tables and
//! the sentence.

use super::view::SuiteView;
use crate::measure::Unit;
use crate::measure::unit;
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::drawing::{Align, Drawing, Type};
use crate::report::html::{Head::Numbers, Head::Words, escape, table_head};
use crate::report::labels::{Marked, place};
use crate::report::numbers::{difference, difference_size, fixed, interval, percent, with_interval, within};
use crate::report::palette::{AXIS, GREY, INK, series};
use crate::report::plot::{Key, Mark, Panel, Plot, TOP, panels, sheet};
use crate::results::load::Estimate;
use crate::results::suite::{ParameterEffect, Sensitivity};
use std::fmt::Write;

/// Bars of a chart; the table has all.
const BARS: usize = 15;

/// Assumptions that are named.
const NAMED: usize = 3;

/// A parameter's range in words.
pub(super) fn range(p: &ParameterEffect) -> String {
    if p.low.starts_with(['×', 't']) {
        format!("{} … {}", p.low, p.high)
    } else {
        format!("{}: {} … {}", p.value, p.low, p.high)
    }
}

/// The three that matter most, in a sentence.
pub(crate) fn answer(s: &Sensitivity) -> String {
    let measure = &s.measures[0];
    let step = percent(s.span, 0);
    let head = format!(
        "of {} assumptions (grade L) moved by {step} to either side on {}, {} under {}",
        s.parameters.len(),
        s.path,
        measure,
        s.policy
    );
    let swing = |p: &ParameterEffect| format!("{} ({})", p.key, difference_size(measure, p.effects[0].swing()));
    let alone: Vec<String> = s.by_swing(0).into_iter().take(NAMED).map(swing).collect();
    let together: Vec<String> = s.parameters.iter().take(NAMED).filter_map(|p| named(measure, p)).collect();
    let unmoved = match s.unmoved.len() {
        0 => String::new(),
        1 => " One other is not moved; the table says why.".to_string(),
        n => format!(" {n} others are not moved, each with its reason in the table."),
    };
    if s.parameters.is_empty() {
        return format!("{head}: none can be moved.{unmoved}");
    }
    if together.is_empty() {
        return format!("{head} hangs most on, one at a time, {}.{unmoved}", alone.join("; "));
    }
    format!(
        "{head} hangs most on {}. Moved one at a time, the longest bars are {}.{unmoved}",
        together.join("; "),
        alone.join("; ")
    )
}

fn named(measure: &str, p: &ParameterEffect) -> Option<String> {
    let e = p.effects[0].elementary.as_ref()?;
    let share = p
        .named_share
        .map_or_else(String::new, |share| format!(", among the first three in {} of resamples", percent(share, 0)));
    Some(format!("{} (μ* {}{share})", p.key, sizes(measure, e.size)))
}

fn sizes(measure: &str, e: Estimate) -> String {
    let size = |value| difference_size(measure, value);
    with_interval(e, size)
}

/// An axis of differences or of sizes of differences.
fn axis(measure: &str, low: f64, high: f64, title: &str) -> Axis {
    match unit(measure) {
        Unit::Share => Axis::points(low, high, title),
        _ => Axis::of(measure, low, high, title),
    }
}

/// The charts, when there is something to draw.
pub(super) fn charts(view: &SuiteView<'_>) -> Vec<Chart> {
    let Some(s) = view.record.sensitivity.as_ref().filter(|s| !s.parameters.is_empty()) else { return Vec::new() };
    let mut all = vec![tornado(view, s)];
    if s.trajectories > 1 {
        all.push(screening(view, s));
    }
    all
}

fn subtitle(view: &SuiteView<'_>, s: &Sensitivity, how: &str) -> String {
    let users = crate::report::numbers::grouped(s.users.into());
    let p = &view.record.provenance;
    format!(
        "virtual clock · {} under {} · {how} · {users} users over {} months · seed {}",
        s.path, s.policy, p.months, p.seed
    )
}

fn tornado(view: &SuiteView<'_>, s: &Sensitivity) -> Chart {
    let measure = &s.measures[0];
    let rows: Vec<&ParameterEffect> = s.by_swing(0).into_iter().take(BARS).collect();
    let legend = [
        Key::new("at the low end of its range", series(0), Mark::Square),
        Key::new("at the high end", series(4), Mark::Square),
        Key::new("95 % interval, paired", INK, Mark::Line),
    ];
    let title = format!("{measure}: one assumption moved at a time");
    let how = format!("{} replications each", s.replications);
    let mut sheet = sheet(TOP + 66.0 + 34.0 * rows.len() as f64, &title, &subtitle(view, s, &how), &legend);
    let panel = panels(&sheet, 1)[0];
    let effects: Vec<[Option<Estimate>; 2]> = rows.iter().map(|p| [p.effects[0].low, p.effects[0].high]).collect();
    let ends = effects.iter().flatten().flatten().flat_map(|e| [e.value, e.low, e.high]);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |r, v| (r.0.min(v), r.1.max(v)));
    let stated = s.stated[0].map_or_else(|| "–".to_string(), |e| within(measure, e));
    let x = axis(measure, low, high, &format!("change of {measure}; with everything as stated it is {stated}"));
    let name = Type::new(12.0, INK);
    let small = Type::new(10.5, GREY);
    let widths = rows.iter().map(|p| name.width(&p.key).max(small.width(&range(p))));
    let inner = Panel { left: panel.left + widths.fold(0.0, f64::max) + 12.0, ..panel };
    let plot = Plot::new(&mut sheet, inner, "", x, Axis::rows(rows.len()));
    for (row, (p, ends)) in rows.iter().zip(&effects).enumerate() {
        let (zero, y) = plot.at(0.0, rows.len() as f64 - row as f64 - 0.5);
        sheet.text((plot.panel.left - 8.0, y - 7.0), p.key.as_str(), name.align(Align::End));
        sheet.text((plot.panel.left - 8.0, y + 8.0), range(p), small.align(Align::End));
        // Both ends may lie on one side: each has its own half of the row.
        for (end, top, colour) in [(ends[0], y - 11.0, series(0)), (ends[1], y + 1.0, series(4))] {
            let Some(e) = end else { continue };
            let at = |value: f64| plot.at(value, 0.0).0;
            sheet.rect((zero, top), (at(e.value), top + 10.0), colour);
            sheet.line((at(e.low), top + 5.0), (at(e.high), top + 5.0), INK, 1.2);
        }
    }
    let zero = plot.at(0.0, 0.0).0;
    sheet.line((zero, plot.panel.top), (zero, plot.panel.bottom), AXIS, 1.4);
    let ends = s.parameters.iter().flat_map(|p| [p.effects[0].low, p.effects[0].high]).flatten();
    let (tried, away) = ends.fold((0_u32, 0_u32), |n, e| (n.0 + 1, n.1 + u32::from(e.low > 0.0 || e.high < 0.0)));
    Chart {
        slug: "tornado",
        section: "What the answer hangs on",
        takeaway: format!(
            "Of {tried} changes of {measure} by one assumption moved alone by {}, {away} have a 95 % interval without zero ({} pairs of replications each); if none did anything, about {} would. The longest bar is that of {}.",
            percent(s.span, 0),
            s.replications,
            fixed(f64::from(tried) * 0.05, 0),
            rows[0].key
        ),
        definition: "Each assumption goes to both ends of its range while all others stay as stated; the bar is the mean change over replications that meet the same people, luck and shocks. Below the name: value and range, or the factor on a list. The fifteen longest of all; every one is in the table. The intervals are not corrected for their number.",
        drawing: sheet,
    }
}

fn screening(view: &SuiteView<'_>, s: &Sensitivity) -> Chart {
    let measure = &s.measures[0];
    let rows: Vec<&ParameterEffect> =
        s.parameters.iter().filter(|p| p.effects[0].elementary.is_some()).take(BARS).collect();
    let title = format!("{measure}: all assumptions moved together");
    let how = format!("{} trajectories of elementary effects", s.trajectories);
    let legend = [Key::new("μ*: mean size of the effect over the whole range", series(0), Mark::Square)];
    // A scatter needs some height, however few the bars.
    let mut sheet = sheet(TOP + 66.0 + 28.0 * rows.len().max(9) as f64, &title, &subtitle(view, s, &how), &legend);
    let whole = panels(&sheet, 1)[0];
    let split = whole.left + (whole.right - whole.left) * 0.6;
    sizes_of(&mut sheet, Panel { right: split, ..whole }, measure, &rows);
    scatter(&mut sheet, Panel { left: split + 14.0, ..whole }, measure, s, &rows);
    let redrawn = match s.redrawn {
        0 => String::new(),
        n => format!(" {n} trajectories were drawn anew, since on them the values together broke a rule."),
    };
    let named: Vec<&str> = s.parameters.iter().take(NAMED).map(|p| p.key.as_str()).collect();
    Chart {
        slug: "elementary-effects",
        section: "What the answer hangs on",
        takeaway: format!(
            "With all assumptions uncertain at once, {measure} hangs most on {}.{redrawn}",
            named.join(", ")
        ),
        definition: "Morris's elementary effects: a random way through the ranges of all assumptions on which each moves once by two thirds of its range; all points of a way meet the same people, luck and shocks. Left: μ* with its 95 % interval by bootstrap over the ways. Right: σ, the deviation of the effect, against μ*; above the dashed line (σ = μ*) an effect depends mostly on the other assumptions or on chance.",
        drawing: sheet,
    }
}

/// Numbered bars of μ*.
fn sizes_of(sheet: &mut Drawing, panel: Panel, measure: &str, rows: &[&ParameterEffect]) {
    let highest =
        rows.iter().filter_map(|p| p.effects[0].elementary.as_ref()).map(|e| e.size.high).fold(1e-9, f64::max);
    let name = Type::new(12.0, INK);
    let text = |row: usize| format!("{}  {}", rows[row].key, row + 1);
    let room = (0..rows.len()).map(|row| name.width(&text(row))).fold(0.0, f64::max) + 12.0;
    let inner = Panel { left: panel.left + room, ..panel };
    let x = axis(measure, 0.0, highest, "μ*");
    let plot = Plot::new(sheet, inner, "", x, Axis::rows(rows.len()));
    for (row, p) in rows.iter().enumerate() {
        let Some(e) = &p.effects[0].elementary else { continue };
        let (zero, y) = plot.at(0.0, rows.len() as f64 - row as f64 - 0.5);
        let at = |value: f64| plot.at(value, 0.0).0;
        sheet.text((plot.panel.left - 8.0, y), text(row), name.align(Align::End));
        sheet.rect((zero, y - 7.0), (at(e.size.value), y + 7.0), series(0));
        sheet.line((at(e.size.low), y), (at(e.size.high), y), INK, 1.4);
    }
}

/// σ against μ*; the numbers are those of the bars.
fn scatter(sheet: &mut Drawing, panel: Panel, measure: &str, s: &Sensitivity, rows: &[&ParameterEffect]) {
    let all: Vec<(f64, f64)> = s
        .parameters
        .iter()
        .filter_map(|p| p.effects[0].elementary.as_ref())
        .map(|e| (e.size.value, e.deviation.value))
        .collect();
    let highest = all.iter().fold((1e-9, 1e-9), |r: (f64, f64), v| (r.0.max(v.0), r.1.max(v.1)));
    let (x, y) = (axis(measure, 0.0, highest.0, "μ*"), axis(measure, 0.0, highest.1, "σ"));
    let plot = Plot::new(sheet, panel, "", x, y);
    let end = highest.0.min(highest.1);
    sheet.path(&[plot.at(0.0, 0.0), plot.at(end, end)], GREY, 1.0, true);
    for (size, deviation) in all.iter().skip(rows.len()) {
        sheet.dot(plot.at(*size, *deviation), 2.0, AXIS);
    }
    let number = Type::new(11.0, INK);
    let mut marks = Vec::new();
    for (row, (size, deviation)) in all.iter().take(rows.len()).enumerate() {
        let at = plot.at(*size, *deviation);
        sheet.dot(at, 4.0, series(0));
        marks.push(Marked { at, radius: 4.0, size: (number.width(&(row + 1).to_string()) + 4.0, 12.0) });
    }
    for (row, (mark, placed)) in marks.iter().zip(place(&marks, &[], plot.panel)).enumerate() {
        if placed.led {
            sheet.line(mark.at, placed.area.nearest(mark.at), GREY, 0.7);
        }
        let middle = (placed.area.top + placed.area.bottom) / 2.0;
        sheet.text((placed.area.left, middle), (row + 1).to_string(), number);
    }
}

/// The section of the page below the charts: every assumption that was moved, and those that were not.
pub(super) fn tables(s: &Sensitivity) -> String {
    let measure = &s.measures[0];
    let mut out = format!(
        "<section><h2>Every assumption</h2><p class=note>Grade L: weak or an assumption. Changes of <code>{}</code> on {} under \
         {}, {} users, {} replications and {} trajectories; in the order of the charts. First three: share of resamples of the \
         trajectories in which it is among the three with the largest μ*. Other measures: <code>sensitivity.csv</code> and the \
         workbook.</p><details><summary>{} that were moved</summary>",
        escape(measure),
        escape(&s.path),
        escape(&s.policy),
        crate::report::numbers::grouped(s.users.into()),
        s.replications,
        s.trajectories,
        s.parameters.len()
    );
    let numbers = ["at the low end", "at the high end", "μ*", "σ", "first three"].map(Numbers);
    out += &table_head([Words("Assumption"), Words("value and range")].into_iter().chain(numbers));
    for p in &s.parameters {
        let change = |e: Option<Estimate>| {
            let text = |e: Estimate| {
                let ends = interval(&difference(measure, e.low), &difference(measure, e.high));
                format!("{}<span class=def>{ends}</span>", difference(measure, e.value))
            };
            e.map_or_else(|| "–".to_string(), text)
        };
        let e = &p.effects[0];
        let (star, sigma) = e.elementary.as_ref().map_or_else(
            || ("–".to_string(), "–".to_string()),
            |x| (difference_size(measure, x.size.value), difference_size(measure, x.deviation.value)),
        );
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "<tr><th scope=row><code>{}</code><span class=def>{}{}</span></th><td>{}</td><td class=num>{}</td>\
             <td class=num>{}</td><td class=num>{star}</td><td class=num>{sigma}</td><td class=num>{}</td></tr>",
            escape(&p.key),
            escape(&p.source),
            p.cut.as_ref().map_or_else(String::new, |cut| format!(" · drawn in: {}", escape(cut))),
            escape(&range(p)),
            change(e.low),
            change(e.high),
            p.named_share.map_or_else(|| "–".to_string(), |share| percent(share, 0))
        );
    }
    out += "</tbody></table></details>";
    out += &unmoved(s);
    out + "</section>"
}

/// Those that were not moved, by reason.
fn unmoved(s: &Sensitivity) -> String {
    if s.unmoved.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "<details><summary>{} that were not moved</summary>{}",
        s.unmoved.len(),
        table_head(["Assumption", "value", "reason"].map(Words))
    );
    let mut sorted: Vec<_> = s.unmoved.iter().collect();
    sorted.sort_by(|a, b| a.reason.cmp(&b.reason).then_with(|| a.key.cmp(&b.key)));
    for p in sorted {
        let _ = write!(
            out,
            "<tr><th scope=row><code>{}</code><span class=def>{}</span></th><td>{}</td><td>{}</td></tr>",
            escape(&p.key),
            escape(&p.source),
            escape(&p.value),
            escape(&p.reason)
        );
    }
    out + "</tbody></table></details>"
}
