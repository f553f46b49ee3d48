//! Charts and page, drawn beside the old ones and then put in their place.

use super::charts::Chart;
use super::error::ReportError;
use super::paint;
use std::fs;
use std::path::{Path, PathBuf};

/// Dots for each logical pixel of the PNG files: 1,920 wide, a whole slide.
const PNG_SCALE: f64 = 2.0;

/// Draws charts and page beside the old ones, then puts them in their place. `html` makes the page of the pictures.
pub(super) fn publish(
    dir: &Path,
    charts: &[Chart],
    html: impl Fn(&[String]) -> String,
) -> Result<PathBuf, ReportError> {
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
