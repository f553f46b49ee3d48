//! The report: one offline page, its charts and a workbook, from a run directory alone.
//!
//! `results::read` → `View` → charts (lists of shapes) → SVG, PNG by plotters, and `report.html` with the SVG
//! inside it. No network, no script, no clock: the same directory gives the same bytes.

mod axis;
mod charts;
mod drawing;
mod ends;
mod error;
pub(crate) mod fonts;
mod html;
mod labels;
pub(crate) mod load;
pub(crate) mod numbers;
mod page;
mod paint;
mod palette;
mod plot;
pub(crate) mod products;
mod publish;
mod run_workbook;
pub(crate) mod scoring;
mod sentences;
pub(crate) mod suite;
mod svg;
mod tables;
mod view;
mod workbook;

pub(crate) use error::ReportError;
pub(crate) use sentences::Sentence;

use publish::publish;

use crate::results::load::{is_load_run, read as load_run};
use crate::results::products::{is_products, read as read_products};
use crate::results::scoring::{is_scoring, read as read_scoring};
use crate::results::suite::{is_suite, read as read_suite};
use crate::results::{self, Kind, Lock, ResultsError, RunRecord, read};
use std::fs;
use std::path::{Path, PathBuf};

/// Reads a run directory, of either clock or of a suite, and writes `report.html` and `charts/` into it. Returns the path of the page.
///
/// # Errors
/// When the directory is not a whole run, or cannot be written to.
pub(crate) fn render(dir: &Path) -> Result<PathBuf, ReportError> {
    let _lock = alone(dir)?;
    match results::kind_of(dir)? {
        Some(Kind::Coverage) => return Err(ReportError::NoPage),
        Some(Kind::Part) => return Err(ReportError::NoPageOfAPart),
        _ => {}
    }
    if is_load_run(dir) {
        load::render_record(&load_run(dir)?, dir)
    } else if is_products(dir) {
        products::render_record(&read_products(dir)?, dir)
    } else if is_suite(dir) {
        suite::render_record(&read_suite(dir)?, dir)
    } else if is_scoring(dir) {
        scoring::render_record(&read_scoring(dir)?, dir)
    } else {
        render_record(&read(dir)?, dir)
    }
}

/// Nobody else writes to the directory meanwhile; what killed reports left in it is cleared. Where nothing can be written beside the
/// directory, no run can replace it either, and there is no lock.
fn alone(dir: &Path) -> Result<Option<Lock>, ReportError> {
    let Ok(real) = fs::canonicalize(dir) else { return Ok(None) };
    let lock = match Lock::take(&real) {
        Ok(lock) => Some(lock),
        Err(ResultsError::Io { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    if results::kind_of(&real)?.is_some() {
        results::clear_report_scratch(&real)?;
    }
    Ok(lock)
}

/// As [`render`], for a record that is in memory already (the end of a run); `dir` must exist.
///
/// # Errors
/// When the directory cannot be written to.
pub(crate) fn render_record(record: &RunRecord, dir: &Path) -> Result<PathBuf, ReportError> {
    fonts::register_fonts();
    let view = view::View::new(record);
    run_workbook::write_workbook(&view, dir)?;
    let charts = charts::all(&view);
    publish(dir, &charts, |pictures| page::html(&view, &charts, pictures))
}

#[cfg(test)]
mod tests;
