//! The report of a load run: the answer first, then what was measured over time, by operation and by rate.

mod capacity;
mod credit;
mod latency;
mod machine;
mod page;
mod sentences;
mod tables;
mod timeline;
mod view;
mod windows;

pub(crate) use sentences::{answer, capacity_answer, null_answer};

use super::charts::Chart;
use super::error::ReportError;
use super::fonts;
use super::publish::publish;
use crate::results::load::LoadRecord;
use std::path::{Path, PathBuf};
use view::LoadView;
use windows::Windows;

/// Writes `report.html` and `charts/` of a load run into its directory, which must hold `run.hlog`. Returns the path of the page.
///
/// # Errors
/// When `run.hlog` cannot be read, or the directory not written to.
pub(crate) fn render_record(record: &LoadRecord, dir: &Path) -> Result<PathBuf, ReportError> {
    fonts::register_fonts();
    let view = LoadView { record, windows: Windows::read(dir, record)?, subtitle: view::subtitle(record) };
    let charts = charts(&view);
    publish(dir, &charts, |pictures| page::html(&view, &charts, pictures))
}

fn charts(view: &LoadView<'_>) -> Vec<Chart> {
    let mut charts = Vec::new();
    if !view.record.capacity.is_empty() {
        charts.push(capacity::latency(view));
        charts.push(capacity::throughput(view));
    }
    charts.extend([
        latency::curves(view),
        latency::over_time(view),
        timeline::throughput(view),
        timeline::backlog(view),
        timeline::errors(view),
        credit::approvals(view),
        machine::cpu(view),
        machine::memory(view),
    ]);
    charts
}

#[cfg(test)]
mod tests;
