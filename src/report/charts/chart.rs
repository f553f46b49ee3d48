//! A chart, and what several of them draw alike.

use crate::report::axis::Axis;
use crate::report::drawing::{Align, Drawing, Type};
use crate::report::ends::{BADGE, badge};
use crate::report::numbers::percent_or_dash;
use crate::report::palette::INK;
use crate::report::plot::{self, Key, Panel, Plot};

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

/// Thickness of a bar with its value beside it, pixels.
const BAR: f64 = 15.0;

/// Room right of the longest bar for its value.
const VALUE_ROOM: f64 = 44.0;

/// Height of a sheet of [`share_bars`]: every bar is as thick as its value is high.
pub(super) fn bars_height(names: usize, worlds: usize) -> f64 {
    plot::TOP + 66.0 + names as f64 * (worlds as f64 * BAR + 16.0).max(44.0)
}

/// Horizontal bars, categories downwards, one bar a world with the number of its key; values are ratios, a dash where nothing was
/// counted.
pub(super) fn share_bars(sheet: &mut Drawing, names: &[&str], worlds: &[Vec<Option<f64>>], keys: &[Key], title: &str) {
    let panel = plot::panels(sheet, 1)[0];
    let highest = worlds.iter().flatten().flatten().copied().fold(0.01, f64::max);
    let several = worlds.len() > 1;
    let numbers = if several { 2.0 * BADGE + 4.0 } else { 0.0 };
    let name_type = Type::new(12.5, INK).align(Align::End);
    let room = names.iter().map(|n| name_type.width(n)).fold(0.0, f64::max) + 12.0 + numbers;
    let inner = Panel { left: panel.left + room, right: panel.right - VALUE_ROOM, ..panel };
    let plot = Plot::new(sheet, inner, "", Axis::percent(0.0, highest, title), Axis::rows(names.len()));
    let band = (plot.panel.bottom - plot.panel.top) / names.len() as f64;
    let thick = (band * 0.78 / worlds.len() as f64).min(26.0);
    for (i, name) in names.iter().enumerate() {
        let middle = plot.panel.top + (i as f64 + 0.5) * band;
        sheet.text((plot.panel.left - 8.0 - numbers, middle), *name, name_type);
        for (w, (values, key)) in worlds.iter().zip(keys).enumerate() {
            let top = middle + (w as f64 - worlds.len() as f64 / 2.0) * thick;
            if let Some(number) = key.number {
                badge(sheet, (plot.panel.left - BADGE - 4.0, top + thick / 2.0), number, key.colour);
            }
            let end = plot.at(values[i].unwrap_or(0.0), 0.0).0;
            if values[i].is_some() {
                sheet.rect((plot.panel.left, top + 1.0), (end, top + thick - 1.0), key.colour);
            }
            sheet.text((end + 5.0, top + thick / 2.0), percent_or_dash(values[i], 1), Type::new(11.0, INK));
        }
    }
}

/// Height of a sheet with a panel a world.
pub(super) fn height_for(worlds: usize, panel: f64) -> f64 {
    plot::TOP + 10.0 + panel * plot::columns_and_rows(worlds).1 as f64
}
