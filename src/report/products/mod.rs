//! The report of a comparison of products: published beside simulated, who loses approvals and money, what the cap refuses.

mod charts;
mod page;
mod story;
mod tables;

pub(crate) use story::answer;

use super::{ReportError, fonts, publish};
use crate::measure::{Unit, unit};
use crate::report::numbers::{fixed, grouped, shown};
use crate::results::load::Estimate;
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

/// Below every chart's title: clock, size, seed.
fn subtitle(record: &ProductsRecord) -> String {
    let about = &record.about;
    format!(
        "virtual clock · {} replications of {} users over {} months · seed {}",
        about.replications,
        grouped(about.users.into()),
        about.months,
        about.seed
    )
}

/// A difference with its interval, in its unit; shares in percentage points.
fn change(measure: &str, e: Estimate) -> String {
    let one = |value: f64| {
        let sign = if value > 0.0 { "+" } else { "" };
        match unit(measure) {
            Unit::Share => format!("{sign}{} pp", fixed(value * 100.0, 2)),
            _ => format!("{sign}{}", shown(measure, value)),
        }
    };
    format!("{} ({} to {})", one(e.value), one(e.low), one(e.high))
}

#[cfg(test)]
mod tests;
