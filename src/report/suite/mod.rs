//! The report of a stress suite: how bad it can get and how sure that is, what a policy changes, what breaks a limit.

mod charts;
mod fans;
mod frontier;
mod heat;
mod matrix;
mod page;
mod risk;
mod sensitivity;
mod sentences;
mod tables;
mod view;
mod workbook;

pub(crate) use sensitivity::answer as sensitivity_answer;
pub(crate) use workbook::write_workbook;

use super::charts::Chart;
use super::error::ReportError;
use super::fonts;
use super::publish::publish;
use crate::results::suite::SuiteRecord;
use std::path::{Path, PathBuf};
use view::SuiteView;

/// Writes `suite.xlsx`, `report.html` and `charts/` of a suite into its directory, which must exist. Returns the path of the page.
///
/// # Errors
/// When the directory cannot be written to.
pub(crate) fn render_record(record: &SuiteRecord, dir: &Path) -> Result<PathBuf, ReportError> {
    write_workbook(record, dir)?;
    fonts::register_fonts();
    let view = SuiteView::new(record);
    let charts = all(&view);
    publish(dir, &charts, |pictures| page::html(&view, &charts, pictures))
}

fn all(view: &SuiteView<'_>) -> Vec<Chart> {
    let mut all = vec![charts::losses(view)];
    all.extend(heat::losses(view));
    all.extend(fans::all(view));
    all.extend(frontier::frontier(view));
    all.extend(heat::policies(view));
    all.extend(charts::reverse(view));
    all.extend(sensitivity::charts(view));
    all.extend(risk::charts(view));
    all
}

#[cfg(test)]
mod tests;
