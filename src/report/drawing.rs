//! A picture as a list of shapes in logical pixels, y downwards. Laid out once, painted by every backend.

use super::fonts;
use plotters::style::{FontStyle, IntoFont, RGBColor, WHITE};

/// Size of em over the size that plotters' fonts count in (ascent to descent).
pub(super) const FONT_SCALE: f64 = 1.24;

/// Where a text's point lies horizontally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// The text starts at the point.
    Start,
    /// Its middle is at the point.
    Middle,
    /// It ends at the point.
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Type {
    /// Em in pixels.
    pub size: f64,
    /// Bold.
    pub bold: bool,
    /// Colour.
    pub colour: RGBColor,
    /// Horizontal anchor.
    pub align: Align,
    /// Written upwards.
    pub upright: bool,
}

impl Type {
    /// Regular, from the start.
    pub(super) const fn new(size: f64, colour: RGBColor) -> Type {
        Type { size, bold: false, colour, align: Align::Start, upright: false }
    }

    /// In bold.
    pub(super) const fn bold(self) -> Type {
        Type { bold: true, ..self }
    }

    /// With another anchor.
    pub(super) const fn align(self, align: Align) -> Type {
        Type { align, ..self }
    }

    /// Turned by 90° to read upwards.
    pub(super) const fn upright(self) -> Type {
        Type { upright: true, ..self }
    }

    /// Smaller, if a text is wider than `room` otherwise.
    pub(super) fn within(self, text: &str, room: f64) -> Type {
        Type { size: self.size * (room / self.width(text).max(1.0)).min(1.0), ..self }
    }

    /// A text that is cut where it is wider than `room`, and says so.
    pub(super) fn shortened(&self, text: &str, room: f64) -> String {
        if self.width(text) <= room {
            return text.to_string();
        }
        let cut = |end: usize| format!("{}…", text[..end].trim_end());
        let ends: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
        ends.iter().rev().map(|end| cut(*end)).find(|cut| self.width(cut) <= room).unwrap_or_else(|| "…".to_string())
    }

    /// A text in lines of at most `room`, broken between words; a word that is wider than that is cut.
    pub(super) fn lines(&self, text: &str, room: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for part in text.lines() {
            let mut line = String::new();
            for word in part.split(' ') {
                let longer = if line.is_empty() { word.to_string() } else { format!("{line} {word}") };
                if self.width(&longer) <= room {
                    line = longer;
                } else {
                    if !line.is_empty() {
                        lines.push(std::mem::take(&mut line));
                    }
                    line = self.shortened(word, room);
                }
            }
            lines.push(line);
        }
        lines
    }

    /// Width of a text in pixels, from the registered font.
    pub(super) fn width(&self, text: &str) -> f64 {
        // Measured large: the layout comes back in whole pixels.
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = (fonts::family(text), 100.0 * FONT_SCALE, style).into_font();
        font.box_size(text).map_or(0.0, |(w, _)| f64::from(w)) * self.size / 100.0
    }
}

/// A shape. Points are (x, y).
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// A line through points.
    Line(Vec<(f64, f64)>, RGBColor, f64),
    /// A filled polygon; the last number is its opacity.
    Area(Vec<(f64, f64)>, RGBColor, f64),
    /// A filled rectangle by two corners.
    Box((f64, f64), (f64, f64), RGBColor),
    /// A filled circle with its radius.
    Dot((f64, f64), f64, RGBColor),
    /// A text, vertically centred on its point.
    Text((f64, f64), String, Type),
}

/// A picture.
#[derive(Clone, Debug)]
pub(super) struct Drawing {
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
    /// Where panels begin, below title and legend.
    pub top: f64,
    /// What is on it, back to front.
    pub shapes: Vec<Shape>,
}

impl Drawing {
    /// An empty sheet.
    pub(super) fn new(width: f64, height: f64) -> Drawing {
        Drawing { width, height, top: 0.0, shapes: Vec::new() }
    }

    /// A straight line.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: RGBColor, width: f64) {
        self.shapes.push(Shape::Line(vec![from, to], colour, width));
    }

    /// A line through points, dashed when `dashed`.
    pub(super) fn path(&mut self, points: &[(f64, f64)], colour: RGBColor, width: f64, dashed: bool) {
        if points.len() < 2 {
            if let Some(&at) = points.first() {
                self.dot(at, width, colour);
            }
        } else if dashed {
            dashes(points, 7.0, 5.0).into_iter().for_each(|d| self.shapes.push(Shape::Line(d, colour, width)));
        } else {
            self.shapes.push(Shape::Line(points.to_vec(), colour, width));
        }
    }

    /// A thin dotted line, which leads from a mark to its label and is no data.
    pub(super) fn leader(&mut self, points: &[(f64, f64)], colour: RGBColor) {
        dashes(points, 1.5, 3.0).into_iter().for_each(|d| self.shapes.push(Shape::Line(d, colour, 0.8)));
    }

    /// A filled polygon.
    pub(super) fn area(&mut self, points: Vec<(f64, f64)>, colour: RGBColor, opacity: f64) {
        self.shapes.push(Shape::Area(points, colour, opacity));
    }

    /// A filled rectangle.
    pub(super) fn rect(&mut self, a: (f64, f64), b: (f64, f64), colour: RGBColor) {
        let corner = |f: fn(f64, f64) -> f64| (f(a.0, b.0), f(a.1, b.1));
        self.shapes.push(Shape::Box(corner(f64::min), corner(f64::max), colour));
    }

    /// A filled circle.
    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, colour: RGBColor) {
        self.shapes.push(Shape::Dot(at, radius, colour));
    }

    /// A circle.
    pub(super) fn ring(&mut self, at: (f64, f64), radius: f64, colour: RGBColor) {
        self.dot(at, radius, colour);
        self.dot(at, radius - 2.0, WHITE);
    }

    /// A cross.
    pub(super) fn cross(&mut self, (x, y): (f64, f64), half: f64, colour: RGBColor) {
        self.line((x - half, y - half), (x + half, y + half), colour, 2.2);
        self.line((x - half, y + half), (x + half, y - half), colour, 2.2);
    }

    /// A text.
    pub(super) fn text(&mut self, at: (f64, f64), text: impl Into<String>, style: Type) {
        self.shapes.push(Shape::Text(at, text.into(), style));
    }
}

/// Cuts a path into dashes.
fn dashes(points: &[(f64, f64)], on: f64, off: f64) -> Vec<Vec<(f64, f64)>> {
    let mut out = Vec::new();
    let mut dash = vec![points[0]];
    let (mut drawing, mut left) = (true, on);
    for pair in points.windows(2) {
        let (mut at, to) = (pair[0], pair[1]);
        loop {
            let (dx, dy) = (to.0 - at.0, to.1 - at.1);
            let length = dx.hypot(dy);
            if length <= left {
                left -= length;
                if drawing {
                    dash.push(to);
                }
                break;
            }
            at = (at.0 + dx * left / length, at.1 + dy * left / length);
            if drawing {
                dash.push(at);
                out.push(std::mem::take(&mut dash));
            } else {
                dash = vec![at];
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
    }
    if drawing && dash.len() > 1 {
        out.push(dash);
    }
    out
}
