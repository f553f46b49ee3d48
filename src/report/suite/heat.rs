//! Heat maps: the loss of every path under every policy, what a policy changes there, and what it changes in all outcomes on the
//! worst path.

use super::view::SuiteView;
use crate::report::charts::Chart;
use crate::report::drawing::{Align, Drawing, Type};
use crate::report::numbers::{difference, interval, percent, shown, signed, within};
use crate::report::palette::{GREY, INK, RGBColor, diverging, ink_on, ramp};
use crate::report::plot::{HEADING, LABEL, Panel, TOP, sheet};
use crate::results::suite::PairedDifference;

/// A cell: what it says, and its colour.
struct Cell {
    value: String,
    /// A second line, smaller.
    below: String,
    colour: RGBColor,
    /// Written in grey: not told from nothing.
    open: bool,
}

/// Height of a row, pixels.
const ROW: f64 = 40.0;

/// Draws a grid of cells with names of rows and columns.
fn grid(
    sheet: &mut Drawing,
    panel: Panel,
    heading: &str,
    (rows, columns): (&[String], &[String]),
    cells: &[Vec<Option<Cell>>],
) {
    let name = Type::new(12.5, INK);
    let room = rows.iter().map(|row| name.width(row)).fold(0.0, f64::max) + 12.0;
    let width = (panel.right - panel.left - room) / columns.len().max(1) as f64;
    // Names that are wider than their column read upwards.
    let upright = columns.iter().any(|column| LABEL.width(column) > width - 6.0);
    let head = if upright { columns.iter().map(|c| LABEL.width(c)).fold(0.0, f64::max) + 12.0 } else { 22.0 };
    sheet.text((panel.left, panel.top + 8.0), heading, HEADING);
    let top = panel.top + 22.0 + head;
    for (c, column) in columns.iter().enumerate() {
        let x = panel.left + room + (c as f64 + 0.5) * width;
        if upright {
            let middle = top - 6.0 - LABEL.width(column) / 2.0;
            sheet.text((x, middle), column.as_str(), LABEL.align(Align::Middle).upright());
        } else {
            sheet.text((x, top - 11.0), column.as_str(), LABEL.align(Align::Middle));
        }
    }
    for (r, row) in rows.iter().enumerate() {
        let y = top + r as f64 * ROW;
        sheet.text((panel.left + room - 8.0, y + ROW / 2.0), row.as_str(), name.align(Align::End));
        for (c, cell) in cells[r].iter().enumerate() {
            let x = panel.left + room + c as f64 * width;
            let Some(cell) = cell else {
                sheet.text((x + width / 2.0, y + ROW / 2.0), "–", LABEL.align(Align::Middle));
                continue;
            };
            sheet.rect((x + 1.0, y + 1.0), (x + width - 1.0, y + ROW - 1.0), cell.colour);
            let ink = if cell.open { GREY } else { ink_on(cell.colour) };
            let two = !cell.below.is_empty() && Type::new(10.0, ink).width(&cell.below) < width - 6.0;
            let middle = (x + width / 2.0, y + ROW / 2.0 - if two { 7.0 } else { 0.0 });
            let style = Type::new(12.0, ink).align(Align::Middle).within(&cell.value, width - 4.0);
            sheet.text(middle, cell.value.as_str(), style);
            if two {
                let style = Type::new(10.0, ink).align(Align::Middle);
                sheet.text((middle.0, y + ROW / 2.0 + 9.0), cell.below.as_str(), style);
            }
        }
    }
}

/// Height of a sheet with so many rows under names of columns.
fn height(rows: usize, columns: &[String], width: f64) -> f64 {
    let upright = columns.iter().any(|column| LABEL.width(column) > width / columns.len().max(1) as f64 - 6.0);
    let head = if upright { columns.iter().map(|c| LABEL.width(c)).fold(0.0, f64::max) + 12.0 } else { 22.0 };
    TOP + 34.0 + head + ROW * rows as f64
}

/// What a policy changes in a measure on a path, against the first policy.
fn changed<'a>(view: &SuiteView<'a>, path: &str, policy: &str, measure: &str) -> Option<&'a PairedDifference> {
    let all = view.record.differences.iter().filter(|d| d.path == path && d.policy == policy);
    all.into_iter().find(|d| d.measure == measure)?.paired.as_ref()
}

/// The mean of a measure on a path under a policy, with its interval, the darker the higher.
fn levels(view: &SuiteView<'_>, measure: &str) -> impl Fn(&str, &str) -> Option<Cell> {
    let mean = move |path: &str, policy: &str| view.distribution(path, policy, measure).map(|d| d.mean);
    let all = view.pairs().filter_map(|(path, policy)| mean(path, policy)).map(|e| e.value);
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |r, v| (r.0.min(v), r.1.max(v)));
    move |path, policy| {
        mean(path, policy).map(|e| Cell {
            value: shown(measure, e.value),
            below: interval(&shown(measure, e.low), &shown(measure, e.high)),
            colour: ramp(0.9 * (e.value - low) / (high - low).max(1e-12)),
            open: false,
        })
    }
}

/// What a policy changes in a measure on a path; the largest change is the deepest colour.
fn changes(view: &SuiteView<'_>, measure: &str) -> impl Fn(&str, &str) -> Option<Cell> {
    let found = move |path: &str, policy: &str| changed(view, path, policy, measure);
    let all = view.pairs().filter_map(|(path, policy)| found(path, policy));
    let largest = all.map(|p| p.difference.value.abs()).fold(1e-12, f64::max);
    move |path, policy| {
        found(path, policy).map(|p| (p, p.difference)).map(|(p, e)| Cell {
            value: difference(measure, e.value),
            below: interval(&difference(measure, e.low), &difference(measure, e.high)),
            colour: if p.differs() { diverging(e.value / largest) } else { diverging(0.0) },
            open: !p.differs(),
        })
    }
}

/// The loss by path and policy, and beside it what each policy changes. `None` of a single world.
pub(super) fn losses(view: &SuiteView<'_>) -> Option<Chart> {
    let record = view.record;
    let measure = view.loss();
    let (paths, policies) = (&record.paths, &record.policies);
    if paths.len() * policies.len() < 2 {
        return None;
    }
    let mean = |path: &str, policy: &str| view.distribution(path, policy, measure).map(|d| d.mean);
    // The longer list goes down the page.
    let turned = policies.len() > paths.len();
    let (rows, columns) = if turned { (policies, paths) } else { (paths, policies) };
    let others = if turned { &columns[..] } else { &columns[1..] };
    let cells = |of: &dyn Fn(&str, &str) -> Option<Cell>, columns: &[String]| -> Vec<Vec<Option<Cell>>> {
        let cell = |row: &String, column: &String| if turned { of(column, row) } else { of(row, column) };
        rows.iter().map(|row| columns.iter().map(|column| cell(row, column)).collect()).collect()
    };
    // Two columns of the page when the columns are few, else one below the other.
    let (wide, two) = (columns.len() > 4, policies.len() > 1);
    let one = height(rows.len(), columns, if wide || !two { 760.0 } else { 330.0 });
    let total = if wide { 2.0 * one - TOP + 20.0 } else { one };
    let mut sheet = sheet(total, &format!("{measure} by path and policy"), &view.subtitle, &[]);
    let (top, middle) = (sheet.top, 24.0 + 916.0 * 0.52);
    let whole = Panel { left: 24.0, top, right: 940.0, bottom: top + one - TOP };
    let left = if wide || !two { whole } else { Panel { right: middle - 12.0, ..whole } };
    let right = Panel { left: middle + 12.0, ..whole };
    let right = if wide { Panel { top: top + one - TOP + 20.0, ..whole } } else { right };
    let levels = cells(&levels(view, measure), columns);
    grid(&mut sheet, left, "Mean, with its 95 % interval", (rows, columns), &levels);
    if two {
        let heading = format!("Difference from {}", policies[0]);
        grid(&mut sheet, right, &heading, (rows, others), &cells(&changes(view, measure), others));
    }
    let most = view.pairs().filter_map(|(a, b)| mean(a, b).map(|e| (a, b, e)));
    let most = most.max_by(|a, b| a.2.value.total_cmp(&b.2.value));
    Some(Chart {
        slug: "loss-heat-map",
        section: "How bad it can get",
        takeaway: most.map_or_else(String::new, |(path, policy, e)| {
            format!("{measure} is highest on {path} under {policy}: {}.", within(measure, e))
        }),
        definition: "Left: means over replications, darker is more. Right: paired differences from the first policy with 95 % intervals; green is less loss, red is more, white and grey letters: not told from chance (paired t tests at 5 % over the path, Holm's correction).",
        drawing: sheet,
    })
}

/// True of measures of which more is worse.
fn more_is_worse(measure: &str) -> bool {
    ["loss", "overdue", "d1_entry", "complaint", "allowance", "closed"].iter().any(|word| measure.contains(word))
}

/// What each policy changes in every outcome on the path with the largest loss, relative to the first policy.
pub(super) fn policies(view: &SuiteView<'_>) -> Option<Chart> {
    let record = view.record;
    let others: Vec<String> = record.policies.iter().skip(1).cloned().collect();
    let (path, _) = view.worst()?;
    if others.is_empty() {
        return None;
    }
    let cell = |measure: &String, policy: &String| {
        let p = changed(view, path, policy, measure)?;
        let (share, e) = (p.difference.value / p.base.abs().max(1e-12), p.difference);
        let better = if more_is_worse(measure) { -share } else { share };
        Some(Cell {
            value: signed(percent(share, 1)),
            below: difference(measure, e.value),
            // Half of the first policy's value and more is the deepest colour.
            colour: if p.differs() { diverging(-(better / 0.5).clamp(-1.0, 1.0)) } else { diverging(0.0) },
            open: !p.differs(),
        })
    };
    let outcomes = &record.outcomes;
    // Many policies go down the page.
    let turned = others.len() > 6;
    let (rows, columns) = if turned { (&others, outcomes) } else { (outcomes, &others) };
    let of = |row: &String, column: &String| if turned { cell(column, row) } else { cell(row, column) };
    let cells: Vec<Vec<_>> = rows.iter().map(|row| columns.iter().map(|column| of(row, column)).collect()).collect();
    let total = height(rows.len(), columns, 700.0);
    let mut sheet = sheet(total, &format!("What each policy changes on {path}"), &view.subtitle, &[]);
    // One policy alone does not fill the page.
    let right = if columns.len() < 3 { 300.0 + 220.0 * columns.len() as f64 } else { 940.0 };
    let panel = Panel { left: 24.0, top: sheet.top, right, bottom: sheet.height - 10.0 };
    grid(
        &mut sheet,
        panel,
        &format!("Relative to {}; below it the difference", record.policies[0]),
        (rows, columns),
        &cells,
    );
    let tested = |policy: &String| outcomes.iter().filter_map(|m| changed(view, path, policy, m)).collect::<Vec<_>>();
    let words: Vec<String> = others
        .iter()
        .map(|policy| (policy, tested(policy)))
        .map(|(policy, all)| format!("{policy} {} of {}", all.iter().filter(|p| p.differs()).count(), all.len()))
        .collect();
    let (tests, pairs) = others.iter().flat_map(tested).fold((0, u32::MAX), |r, p| (r.0 + 1, r.1.min(p.replications)));
    Some(Chart {
        slug: "policy-heat-map",
        section: "What helps",
        takeaway: format!(
            "Outcomes whose change on {path} is told from chance (5 % over all {tests} tests by Holm's correction, {pairs} pairs of \
             replications each): {}.",
            words.join(", ")
        ),
        definition: "Paired differences over the mean of the first policy, over replications. Green is better for the lender (less loss, lateness, complaints; more approved, sold, earned), red is worse; white and grey letters: not told from chance (paired t tests, 5 % over the whole map by Holm's correction).",
        drawing: sheet,
    })
}
