//! The report: one offline page and its charts, from a run directory alone.
//!
//! `results::read` → `View` → charts (lists of shapes) → SVG and PNG by plotters, and `report.html` with the SVG
//! inside it. No network, no script, no clock: the same directory gives the same bytes.

mod charts;
mod drawing;
pub(crate) mod fonts;
mod labels;
pub(crate) mod load;
mod numbers;
mod page;
mod paint;
mod palette;
mod plot;
pub(crate) mod products;
pub(crate) mod scoring;
mod story;
pub(crate) mod suite;
mod tables;
mod view;

pub(crate) use story::Sentence;

use crate::results::load::{is_load_run, read as load_run};
use crate::results::products::{is_products, read as read_products};
use crate::results::suite::{is_suite, read as read_suite};
use crate::results::{ResultsError, RunRecord, read};
use std::fs;
use std::path::{Path, PathBuf};

/// Dots for each logical pixel of the PNG files: 1,920 wide, a whole slide.
const PNG_SCALE: f64 = 2.0;

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    /// The run directory cannot be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// A chart cannot be drawn.
    #[error("a chart cannot be drawn: {0}")]
    Drawing(String),
    /// The workbook cannot be made.
    #[error("the workbook cannot be made: {0}")]
    Workbook(String),
}

/// Reads a run directory, of either clock or of a suite, and writes `report.html` and `charts/` into it. Returns the path of the page.
///
/// # Errors
/// When the directory is not a whole run, or cannot be written to.
pub(crate) fn render(dir: &Path) -> Result<PathBuf, ReportError> {
    if is_load_run(dir) {
        load::render_record(&load_run(dir)?, dir)
    } else if is_products(dir) {
        products::render_record(&read_products(dir)?, dir)
    } else if is_suite(dir) {
        suite::render_record(&read_suite(dir)?, dir)
    } else {
        render_record(&read(dir)?, dir)
    }
}

/// As [`render`], for a record that is in memory already (the end of a run); `dir` must exist.
///
/// # Errors
/// When the directory cannot be written to.
pub(crate) fn render_record(record: &RunRecord, dir: &Path) -> Result<PathBuf, ReportError> {
    fonts::register_fonts();
    let view = view::View::new(record);
    let charts = charts::all(&view);
    publish(dir, &charts, |pictures| page::html(&view, &charts, pictures))
}

/// Draws charts and page beside the old ones, then puts them in their place. `html` makes the page of the pictures.
fn publish(dir: &Path, charts: &[charts::Chart], html: impl Fn(&[String]) -> String) -> Result<PathBuf, ReportError> {
    let fresh = dir.join("charts.partial");
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |source| ReportError::Io { path, source }
    };
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(io(&fresh))?;
    }
    fs::create_dir_all(&fresh).map_err(io(&fresh))?;
    let mut pictures = Vec::with_capacity(charts.len());
    for chart in charts {
        let svg = paint::svg(&chart.drawing)?;
        let path = fresh.join(format!("{}.svg", chart.slug));
        fs::write(&path, &svg).map_err(io(&path))?;
        paint::png(&chart.drawing, &fresh.join(format!("{}.png", chart.slug)), PNG_SCALE)?;
        pictures.push(svg);
    }
    let page = dir.join("report.html");
    let written = dir.join("report.html.partial");
    fs::write(&written, html(&pictures)).map_err(io(&written))?;
    let target = dir.join("charts");
    if target.exists() {
        fs::remove_dir_all(&target).map_err(io(&target))?;
    }
    fs::rename(&fresh, &target).map_err(io(&target))?;
    fs::rename(&written, &page).map_err(io(&page))?;
    Ok(page)
}

#[cfg(test)]
mod tests;
