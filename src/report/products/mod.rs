//! The report of a comparison of products: published beside simulated, who loses approvals and money, what the cap refuses.

mod charts;
mod page;
mod sentences;
mod tables;
mod words;

pub(crate) use sentences::answer;

use super::error::ReportError;
use super::fonts;
use super::publish::publish;
use crate::results::products::ProductsRecord;
use std::path::{Path, PathBuf};

/// Writes `report.html` and `charts/` of a comparison into its directory, which must exist. Returns the path of the page.
///
/// # Errors
/// When the directory cannot be written to.
pub(crate) fn render_record(record: &ProductsRecord, dir: &Path) -> Result<PathBuf, ReportError> {
    fonts::register_fonts();
    let charts = charts::all(record);
    publish(dir, &charts, |pictures| page::html(record, &charts, pictures))
}

#[cfg(test)]
mod tests;
