//! A chart, and what several of them draw alike.

use crate::report::drawing::{Align, Drawing, Type};
use crate::report::numbers::fixed;
use crate::report::palette::{INK, series};
use crate::report::plot::{self, Axis, LABEL, Panel, Plot};

/// A chart of the report.
pub(in crate::report) struct Chart {
    /// File name without its ending.
    pub slug: &'static str,
    /// Section of the page.
    pub section: &'static str,
    /// What it shows in this run, one sentence.
    pub takeaway: String,
    /// What is drawn, exactly.
    pub definition: &'static str,
    /// The picture.
    pub drawing: Drawing,
}

/// Horizontal bars, categories downwards, one bar a world; values are ratios.
pub(super) fn share_bars(sheet: &mut Drawing, panel: Panel, names: &[&str], worlds: &[Vec<f64>], axis_title: &str) {
    let highest = worlds.iter().flatten().copied().fold(0.01, f64::max);
    let room = names.iter().map(|n| LABEL.width(n)).fold(0.0, f64::max) + 12.0;
    let inner = Panel { left: panel.left + room, ..panel };
    let y = Axis::with(0.0, names.len() as f64, Vec::new(), "");
    let plot = Plot::new(sheet, inner, "", Axis::percent(highest * 1.12, axis_title), y);
    let band = (plot.panel.bottom - plot.panel.top) / names.len() as f64;
    let thick = (band * 0.78 / worlds.len() as f64).min(26.0);
    for (i, name) in names.iter().enumerate() {
        let middle = plot.panel.top + (i as f64 + 0.5) * band;
        sheet.text((plot.panel.left - 8.0, middle), *name, Type::new(12.5, INK).align(Align::End));
        for (w, values) in worlds.iter().enumerate() {
            let top = middle + (w as f64 - worlds.len() as f64 / 2.0) * thick;
            let end = plot.at(values[i], 0.0).0;
            sheet.rect((plot.panel.left, top + 1.0), (end, top + thick - 1.0), series(w));
            let label = format!("{}%", fixed(values[i] * 100.0, 1));
            sheet.text((end + 5.0, top + thick / 2.0), label, Type::new(11.0, INK));
        }
    }
}

/// Height of a sheet with a panel a world.
pub(super) fn height_for(worlds: usize, panel: f64) -> f64 {
    plot::TOP + 10.0 + panel * plot::columns_and_rows(worlds).1 as f64
}
