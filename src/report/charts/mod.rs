//! The charts: each a drawing with the sentence that it shows and the definition of what is drawn.

mod books;
mod lateness;
mod lending;
mod people;

pub(super) use lending::lowest;

use super::drawing::{Align, Drawing, Type};
use super::numbers::fixed;
use super::palette::{INK, series};
use super::plot::{Axis, LABEL, Panel, Plot};
use super::view::View;

/// A chart of the report.
pub(super) struct Chart {
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

/// All charts in the order of the page.
pub(super) fn all(view: &View<'_>) -> Vec<Chart> {
    vec![
        people::economy(view),
        lending::approvals(view),
        lending::funnel(view),
        lending::distributions(view),
        lateness::overdue_and_unemployment(view),
        lateness::buckets(view),
        lateness::vintages(view),
        lateness::roll_rates(view),
        lateness::causes(view),
        lateness::repayment(view),
        books::losses(view),
        books::waterfall(view),
        books::funding(view),
        people::tips(view),
    ]
}

/// Horizontal bars, categories downwards, one bar a world; values are ratios.
fn share_bars(sheet: &mut Drawing, panel: Panel, names: &[&str], worlds: &[Vec<f64>], axis_title: &str) {
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
fn height_for(worlds: usize, panel: f64) -> f64 {
    super::plot::TOP + 10.0 + panel * super::plot::columns_and_rows(worlds).1 as f64
}
