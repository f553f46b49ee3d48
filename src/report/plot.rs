//! Axes, grids, legends and headings: the parts that every chart shares. It draws shapes and knows no data.

use super::drawing::{Align, Drawing, Type};
use super::numbers::{fixed, month_name, ticks};
use super::palette::{AXIS, GREY, GRID, INK, RGBColor};
use crate::base::time::Day;

/// Labels on axes and in legends.
pub(super) const LABEL: Type = Type::new(12.0, GREY);
/// Heading of a panel.
pub(super) const HEADING: Type = Type::new(13.5, INK).bold();

/// Top of the first panel's heading below title, subtitle and legend.
pub(super) const TOP: f64 = 104.0;

/// A rectangle of the sheet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel {
    /// Left.
    pub left: f64,
    /// Top.
    pub top: f64,
    /// Right.
    pub right: f64,
    /// Bottom.
    pub bottom: f64,
}

/// One axis: its range and the values at which it is labelled.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
    title: String,
}

impl Axis {
    /// From round values; `label` prints them.
    pub(super) fn round(low: f64, high: f64, wanted: usize, title: &str, label: impl Fn(f64) -> String) -> Axis {
        let values = ticks(low, high, wanted);
        let ends = (values.first().copied().unwrap_or(low), values.last().copied().unwrap_or(high));
        let ticks = values.into_iter().map(|v| (v, label(v))).collect();
        Axis { low: ends.0, high: ends.1, ticks, title: title.to_string() }
    }

    /// From 0 to at least `high`, values that are ratios shown in percent.
    pub(super) fn percent(high: f64, title: &str) -> Axis {
        Axis::percent_from(0.0, high, title)
    }

    /// From `low` to `high`, values that are ratios shown in percent.
    pub(super) fn percent_from(low: f64, high: f64, title: &str) -> Axis {
        let values = ticks(low * 100.0, high * 100.0, 5);
        let step = values.windows(2).next().map_or(1.0, |w| w[1] - w[0]);
        let decimals = if step >= 1.0 && step.fract() == 0.0 { 0 } else { usize::from(step < 0.1) + 1 };
        Axis::round(low, high, 5, title, |v| format!("{}%", fixed(v * 100.0, decimals)))
    }

    /// Calendar months by their index in a series, labelled every third or sixth month.
    pub(super) fn months(first_days: &[Day]) -> Axis {
        let step = if first_days.len() > 15 { 6 } else { 3 };
        let labelled = first_days.iter().enumerate().filter(|(i, _)| i.is_multiple_of(step));
        let ticks = labelled.map(|(i, &day)| (i as f64, month_name(day))).collect();
        let high = first_days.len().saturating_sub(1).max(1) as f64;
        Axis { low: 0.0, high, ticks, title: String::new() }
    }

    /// With exactly these labels.
    pub(super) fn with(low: f64, high: f64, ticks: Vec<(f64, String)>, title: &str) -> Axis {
        Axis { low, high, ticks, title: title.to_string() }
    }
}

/// From one line of a legend to the next.
const LEGEND_LINE: f64 = 20.0;

/// Room between two labels of an axis.
const LABEL_GAP: f64 = 8.0;

/// A panel with axes.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    /// Where.
    pub panel: Panel,
    x: Axis,
    y: Axis,
}

impl Plot {
    /// Draws heading, grid and labels; the room for labels is taken out of the panel.
    pub(super) fn new(sheet: &mut Drawing, outer: Panel, heading: &str, x: Axis, y: Axis) -> Plot {
        // At least so much that panels above each other line up whatever their labels.
        let least = if y.ticks.is_empty() { 0.0 } else { 32.0 };
        let widest = y.ticks.iter().map(|(_, t)| LABEL.width(t)).fold(least, f64::max);
        let title_room = if y.title.is_empty() { 0.0 } else { 20.0 };
        let panel = Panel {
            left: outer.left + widest + 10.0 + title_room,
            top: outer.top + if heading.is_empty() { 8.0 } else { 24.0 },
            right: outer.right - 14.0,
            bottom: outer.bottom - if x.title.is_empty() { 24.0 } else { 44.0 },
        };
        let plot = Plot { panel, x, y };
        if !heading.is_empty() {
            sheet.text((panel.left, outer.top + 8.0), heading, HEADING);
        }
        for (value, label) in &plot.y.ticks {
            let y = plot.at(plot.x.low, *value).1;
            sheet.line((panel.left, y), (panel.right, y), if *value == 0.0 { AXIS } else { GRID }, 1.0);
            sheet.text((panel.left - 7.0, y), label.as_str(), LABEL.align(Align::End));
        }
        // A label that would run into the one before is left out; its tick stays.
        let mut free_from = f64::NEG_INFINITY;
        for (value, label) in &plot.x.ticks {
            let x = plot.at(*value, plot.y.low).0;
            sheet.line((x, panel.bottom), (x, panel.bottom + 4.0), AXIS, 1.0);
            let half = LABEL.width(label) / 2.0;
            if x - half >= free_from {
                sheet.text((x, panel.bottom + 14.0), label.as_str(), LABEL.align(Align::Middle));
                free_from = x + half + LABEL_GAP;
            }
        }
        sheet.line((panel.left, panel.bottom), (panel.right, panel.bottom), AXIS, 1.0);
        if !plot.x.title.is_empty() {
            let middle = (panel.left + panel.right) / 2.0;
            sheet.text((middle, panel.bottom + 34.0), plot.x.title.as_str(), LABEL.align(Align::Middle));
        }
        if !plot.y.title.is_empty() {
            let at = (outer.left + 9.0, (panel.top + panel.bottom) / 2.0);
            sheet.text(at, plot.y.title.as_str(), LABEL.align(Align::Middle).upright());
        }
        plot
    }

    /// Where a value lies on the sheet.
    pub(super) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |v: f64, axis: &Axis| ((v - axis.low) / (axis.high - axis.low)).clamp(-0.02, 1.02);
        let p = &self.panel;
        (p.left + share(x, &self.x) * (p.right - p.left), p.bottom - share(y, &self.y) * (p.bottom - p.top))
    }

    /// A line through (x, y) values; gaps where nothing was counted.
    pub(super) fn series(&self, sheet: &mut Drawing, values: &[(f64, Option<f64>)], colour: RGBColor, dashed: bool) {
        let mut piece = Vec::new();
        for (x, y) in values {
            match y {
                Some(y) => piece.push(self.at(*x, *y)),
                None => sheet.path(&std::mem::take(&mut piece), colour, 2.2, dashed),
            }
        }
        sheet.path(&piece, colour, 2.2, dashed);
    }

    /// Stacked areas over x = 0, 1, 2 …; the first layer lies at the bottom.
    pub(super) fn stack(&self, sheet: &mut Drawing, layers: &[(Vec<f64>, RGBColor)]) {
        let Some(length) = layers.first().map(|(values, _)| values.len()) else { return };
        let mut below = vec![0.0; length];
        for (values, colour) in layers {
            let above: Vec<f64> = below.iter().zip(values).map(|(b, v)| b + v).collect();
            let edge = |heights: &[f64]| -> Vec<(f64, f64)> {
                heights.iter().enumerate().map(|(i, h)| self.at(i as f64, *h)).collect()
            };
            let mut outline = edge(&above);
            outline.extend(edge(&below).into_iter().rev());
            sheet.area(outline, *colour, 1.0);
            below = above;
        }
    }
}

/// An entry of a legend.
pub(super) struct Key {
    /// Words.
    pub label: String,
    /// Colour.
    pub colour: RGBColor,
    /// A line (dashed or not) or a filled square.
    pub mark: Mark,
}

/// How a legend shows a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A line.
    Line,
    /// A dashed line.
    Dashes,
    /// A filled square.
    Square,
}

impl Key {
    /// An entry.
    pub(super) fn new(label: impl Into<String>, colour: RGBColor, mark: Mark) -> Key {
        Key { label: label.into(), colour, mark }
    }
}

/// A sheet with title, subtitle and legend.
pub(super) fn sheet(height: f64, title: &str, subtitle: &str, legend: &[Key]) -> Drawing {
    let mut sheet = Drawing::new(960.0, height);
    sheet.text((24.0, 26.0), title, Type::new(19.0, INK).bold());
    sheet.text((24.0, 50.0), subtitle, Type::new(12.5, GREY));
    let (mut x, mut y) = (24.0, 76.0);
    for key in legend {
        let mark = if key.mark == Mark::Square { 18.0 } else { 28.0 };
        let width = mark + LABEL.width(&key.label) * 12.5 / 12.0;
        if x > 24.0 && x + width > sheet.width - 12.0 {
            (x, y) = (24.0, y + LEGEND_LINE);
        }
        match key.mark {
            Mark::Square => sheet.rect((x, y - 6.0), (x + 12.0, y + 6.0), key.colour),
            line => sheet.path(&[(x, y), (x + 22.0, y)], key.colour, 2.4, line == Mark::Dashes),
        }
        sheet.text((x + mark, y), key.label.as_str(), Type::new(12.5, INK));
        x += width + 22.0;
    }
    // The first line of the legend is in `TOP`; the others make the sheet longer.
    sheet.top = TOP + y - 76.0;
    sheet.height += y - 76.0;
    sheet
}

/// Columns and rows for so many panels: at most three side by side, four as two by two.
pub(super) fn columns_and_rows(count: usize) -> (usize, usize) {
    let columns = if count == 4 { 2 } else { count.clamp(1, 3) };
    (columns, count.div_ceil(columns).max(1))
}

/// `count` panels below the legend.
pub(super) fn panels(sheet: &Drawing, count: usize) -> Vec<Panel> {
    let (columns, rows) = columns_and_rows(count);
    grid(sheet, columns, rows).into_iter().take(count).collect()
}

/// Panels of equal size below the legend, row by row.
pub(super) fn grid(sheet: &Drawing, columns: usize, rows: usize) -> Vec<Panel> {
    let (left, right, bottom) = (20.0, sheet.width - 12.0, sheet.height - 10.0);
    let (w, h) = ((right - left) / columns as f64, (bottom - sheet.top) / rows as f64);
    let panel = |i: usize| {
        let (column, row) = ((i % columns) as f64, (i / columns) as f64);
        Panel {
            left: left + column * w + if column > 0.0 { 8.0 } else { 0.0 },
            top: sheet.top + row * h + if row > 0.0 { 6.0 } else { 0.0 },
            right: left + (column + 1.0) * w,
            bottom: sheet.top + (row + 1.0) * h,
        }
    };
    (0..columns * rows).map(panel).collect()
}
