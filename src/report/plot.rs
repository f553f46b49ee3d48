//! Grids, legends, headings and lines: the parts that every chart shares. It draws shapes and knows no data.

use super::axis::Axis;
use super::drawing::{Align, Drawing, Type};
use super::ends::{BADGE, End, badge, columns, draw};
use super::palette::{AXIS, GREY, GRID, INK, RGBColor};

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

impl Panel {
    /// Smaller by what the numbers of so many lines take at its right.
    pub(super) fn beside_numbers(self, lines: usize) -> Panel {
        if lines < 2 {
            return self;
        }
        // Headings and labels take some sixty pixels of the height.
        let columns = columns(lines, self.bottom - self.top - 60.0);
        Panel { right: self.right - 9.0 - (columns - 1) as f64 * (2.0 * BADGE + 2.0), ..self }
    }
}

/// From one line of a legend to the next.
const LEGEND_LINE: f64 = 20.0;

/// From one line of a text to the next.
const TEXT_LINE: f64 = 16.0;

/// Room between two labels of an axis.
const LABEL_GAP: f64 = 8.0;

/// Points of a line; gaps where nothing was counted.
pub(super) type Line = Vec<(f64, Option<f64>)>;

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
        let (left, right) = (outer.left + widest + 10.0 + title_room, outer.right - 14.0);
        let titles = if x.title.is_empty() { Vec::new() } else { LABEL.lines(&x.title, right - left + 24.0) };
        let panel = Panel {
            left,
            top: outer.top + if heading.is_empty() { 8.0 } else { 24.0 },
            right,
            bottom: outer.bottom - 24.0 - if titles.is_empty() { 0.0 } else { 4.0 + TEXT_LINE * titles.len() as f64 },
        };
        let plot = Plot { panel, x, y };
        if !heading.is_empty() {
            let text = HEADING.shortened(heading, outer.right - panel.left);
            sheet.text((panel.left, outer.top + 8.0), text, HEADING);
        }
        plot.grid(sheet);
        for (i, line) in titles.into_iter().enumerate() {
            let at = ((panel.left + panel.right) / 2.0, panel.bottom + 34.0 + TEXT_LINE * i as f64);
            sheet.text(at, line, LABEL.align(Align::Middle));
        }
        if !plot.y.title.is_empty() {
            let (middle, room) = ((panel.top + panel.bottom) / 2.0, outer.bottom - outer.top);
            // A long title has to be small beside a low panel.
            let style = LABEL.align(Align::Middle).upright().within(&plot.y.title, room);
            let half = style.width(&plot.y.title) / 2.0;
            let y = middle.clamp((outer.top + half).min(middle), (outer.bottom - half).max(middle));
            sheet.text((outer.left + 9.0, y), plot.y.title.as_str(), style);
        }
        plot
    }

    fn grid(&self, sheet: &mut Drawing) {
        let panel = &self.panel;
        for (value, label) in &self.y.ticks {
            let y = self.at(self.x.low, *value).1;
            sheet.line((panel.left, y), (panel.right, y), if *value == 0.0 { AXIS } else { GRID }, 1.0);
            sheet.text((panel.left - 7.0, y), label.as_str(), LABEL.align(Align::End));
        }
        // A label that would run into the one before is left out; its tick stays.
        let mut free_from = f64::NEG_INFINITY;
        for (value, label) in &self.x.ticks {
            let x = self.at(*value, self.y.low).0;
            sheet.line((x, panel.bottom), (x, panel.bottom + 4.0), AXIS, 1.0);
            let half = LABEL.width(label) / 2.0;
            if x - half >= free_from {
                sheet.text((x, panel.bottom + 14.0), label.as_str(), LABEL.align(Align::Middle));
                free_from = x + half + LABEL_GAP;
            }
        }
        sheet.line((panel.left, panel.bottom), (panel.right, panel.bottom), AXIS, 1.0);
    }

    /// Where a value lies on the sheet; what is beyond an axis lies at its end.
    pub(super) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |v: f64, axis: &Axis| ((v - axis.low) / (axis.high - axis.low)).clamp(0.0, 1.0);
        let p = &self.panel;
        (p.left + share(x, &self.x) * (p.right - p.left), p.bottom - share(y, &self.y) * (p.bottom - p.top))
    }

    /// Lines with their keys, and at the right the number of each that has one. Says so when there is nothing to draw.
    pub(super) fn lines<'k>(&self, sheet: &mut Drawing, lines: impl IntoIterator<Item = (Line, &'k Key)>) {
        let lines: Vec<(Line, &Key)> = lines.into_iter().collect();
        let mut ends = Vec::new();
        for (line, key) in &lines {
            self.series(sheet, line, key.colour, key.mark == Mark::Dashes);
            let last = line.iter().rev().find_map(|(x, y)| y.map(|y| self.at(*x, y)));
            ends.extend(key.number.zip(last).map(|(number, at)| End { at, number, colour: key.colour }));
        }
        draw(sheet, &ends, (self.panel.right, self.panel.top, self.panel.bottom));
        if lines.iter().all(|(line, _)| line.iter().all(|(_, y)| y.is_none())) {
            self.nothing(sheet);
        }
    }

    /// Says that there is nothing to draw.
    pub(super) fn nothing(&self, sheet: &mut Drawing) {
        let (p, style) = (&self.panel, Type::new(13.0, GREY).align(Align::Middle));
        sheet.text(((p.left + p.right) / 2.0, p.top + 0.45 * (p.bottom - p.top)), "nothing was counted", style);
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

    /// A band from lower to upper values over x = 0, 1, 2 …; gaps where nothing was counted.
    pub(super) fn band(&self, sheet: &mut Drawing, ends: &[Option<(f64, f64)>], colour: RGBColor, opacity: f64) {
        let known: Vec<(f64, (f64, f64))> =
            ends.iter().enumerate().filter_map(|(i, e)| Some((i as f64, (*e)?))).collect();
        for piece in known.chunk_by(|a, b| a.0 + 1.5 > b.0) {
            let mut outline: Vec<(f64, f64)> = piece.iter().map(|(x, (_, high))| self.at(*x, *high)).collect();
            outline.extend(piece.iter().rev().map(|(x, (low, _))| self.at(*x, *low)));
            sheet.area(outline, colour, opacity);
        }
    }

    /// Stacked areas over x = 0, 1, 2 …; the first layer lies at the bottom. Gaps where a layer has no value. Says so when there is
    /// nothing to draw.
    pub(super) fn stack(&self, sheet: &mut Drawing, layers: &[(Vec<Option<f64>>, RGBColor)]) {
        let length = layers.iter().map(|(values, _)| values.len()).min().unwrap_or(0);
        let known = |i: &usize| layers.iter().all(|(values, _)| values[*i].is_some());
        let whole: Vec<usize> = (0..length).filter(known).collect();
        if whole.is_empty() {
            return self.nothing(sheet);
        }
        for piece in whole.chunk_by(|a, b| a + 1 == *b) {
            let mut below = vec![0.0; piece.len()];
            for (values, colour) in layers {
                let above: Vec<f64> = piece.iter().zip(&below).map(|(&i, b)| b + values[i].unwrap_or(0.0)).collect();
                let edge = |heights: &[f64]| -> Vec<(f64, f64)> {
                    // A month alone is as wide as a third of one.
                    let alone = piece.len() == 1;
                    let at = |(&i, h): (&usize, &f64)| {
                        let x = i as f64;
                        if alone { vec![self.at(x - 0.15, *h), self.at(x + 0.15, *h)] } else { vec![self.at(x, *h)] }
                    };
                    piece.iter().zip(heights).flat_map(at).collect()
                };
                let mut outline = edge(&above);
                outline.extend(edge(&below).into_iter().rev());
                sheet.area(outline, *colour, 1.0);
                below = above;
            }
        }
    }
}

/// An entry of a legend.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// Words.
    pub label: String,
    /// Colour.
    pub colour: RGBColor,
    /// A line (dashed or not) or a filled square.
    pub mark: Mark,
    /// The number that stands beside its line or bar, so that it is told from others without its colour.
    pub number: Option<usize>,
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
    /// A dot.
    Dot,
    /// A ring.
    Ring,
    /// A cross.
    Cross,
}

impl Key {
    /// An entry.
    pub(super) fn new(label: impl Into<String>, colour: RGBColor, mark: Mark) -> Key {
        Key { label: label.into(), colour, mark, number: None }
    }

    /// Numbers entries from one on, when there are several.
    pub(super) fn numbered(mut keys: Vec<Key>) -> Vec<Key> {
        if keys.len() > 1 {
            keys.iter_mut().enumerate().for_each(|(i, key)| key.number = Some(i + 1));
        }
        keys
    }

    /// Width of the mark and the gap behind it.
    fn mark_width(&self) -> f64 {
        match (self.mark, self.number) {
            (Mark::Line | Mark::Dashes, None) => 28.0,
            (Mark::Line | Mark::Dashes, Some(_)) => 34.0,
            _ => 18.0,
        }
    }

    fn draw(&self, sheet: &mut Drawing, (x, y): (f64, f64)) {
        let right = x + self.mark_width() - 6.0;
        match self.mark {
            Mark::Square if self.number.is_none() => sheet.rect((x, y - 6.0), (x + 12.0, y + 6.0), self.colour),
            Mark::Square => {}
            Mark::Dot => sheet.dot((x + 6.0, y), 4.5, self.colour),
            Mark::Ring => sheet.ring((x + 6.0, y), 5.0, self.colour),
            Mark::Cross => sheet.cross((x + 6.0, y), 4.5, self.colour),
            line => sheet.path(&[(x, y), (right, y)], self.colour, 2.4, line == Mark::Dashes),
        }
        if let Some(number) = self.number {
            let middle = if self.mark == Mark::Square { x + BADGE } else { (x + right) / 2.0 };
            badge(sheet, (middle, y), number, self.colour);
        }
    }
}

/// A sheet with title, subtitle and legend. Long texts take several lines, which make the sheet longer.
pub(super) fn sheet(height: f64, title: &str, subtitle: &str, legend: &[Key]) -> Drawing {
    let mut sheet = Drawing::new(960.0, height);
    let width = sheet.width - 48.0;
    let (heading, small, words) = (Type::new(19.0, INK).bold(), Type::new(12.5, GREY), Type::new(12.5, INK));
    let mut y = 26.0;
    for (i, line) in heading.lines(title, width).into_iter().enumerate() {
        y += if i > 0 { 24.0 } else { 0.0 };
        sheet.text((24.0, y), line, heading);
    }
    y += 24.0;
    for (i, line) in small.lines(subtitle, width).into_iter().enumerate() {
        y += if i > 0 { TEXT_LINE } else { 0.0 };
        sheet.text((24.0, y), line, small);
    }
    let mut x = 24.0;
    y += if legend.is_empty() { 0.0 } else { 26.0 };
    for key in legend {
        let mark = key.mark_width();
        let label = words.shortened(&key.label, width - mark);
        let wide = mark + words.width(&label);
        if x > 24.0 && x + wide > 24.0 + width {
            (x, y) = (24.0, y + LEGEND_LINE);
        }
        key.draw(&mut sheet, (x, y));
        sheet.text((x + mark, y), label, words);
        x += wide + 22.0;
    }
    // A line each of title, subtitle and legend is in `TOP`.
    sheet.top = y + TOP - 76.0;
    sheet.height += sheet.top - TOP;
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
