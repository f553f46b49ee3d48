//! Charts and page, drawn in a scratch directory and then put in their place, each file at once.

use super::charts::Chart;
use super::error::ReportError;
use super::page::with_wide_tables;
use super::paint;
use super::svg::svg;
use crate::results::{self, REPORT_SCRATCH, Scratch};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Dots for each logical pixel of the PNG files: 1,920 wide, a whole slide.
const PNG_SCALE: f64 = 2.0;

/// Draws charts and page in a scratch directory, then puts each in its place. `html` makes the page of the pictures. A failure leaves
/// the old ones and no scratch.
pub(super) fn publish(
    dir: &Path,
    charts: &[Chart],
    html: impl Fn(&[String]) -> String,
) -> Result<PathBuf, ReportError> {
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |source| ReportError::Io { path, source }
    };
    let scratch = Scratch::make(dir, OsStr::new(REPORT_SCRATCH))?;
    let mut drawn = Vec::with_capacity(2 * charts.len() + 1);
    let mut pictures = Vec::with_capacity(charts.len());
    for chart in charts {
        let svg = svg(&chart.drawing);
        let (vector, dots) = (format!("{}.svg", chart.slug), format!("{}.png", chart.slug));
        let path = scratch.path().join(&vector);
        fs::write(&path, &svg).map_err(io(&path))?;
        paint::png(&chart.drawing, &scratch.path().join(&dots), PNG_SCALE)?;
        drawn.extend([vector, dots]);
        pictures.push(svg);
    }
    let written = scratch.path().join("report.html");
    fs::write(&written, with_wide_tables(&html(&pictures))).map_err(io(&written))?;
    let target = dir.join("charts");
    fs::create_dir_all(&target).map_err(io(&target))?;
    for name in &mut drawn {
        let to = target.join(&name);
        fs::rename(scratch.path().join(&name), &to).map_err(io(&to))?;
        name.insert_str(0, "charts/");
    }
    let page = dir.join("report.html");
    fs::rename(&written, &page).map_err(io(&page))?;
    drawn.push("report.html".to_string());
    drop(scratch);
    results::renew(dir, &drawn)?;
    Ok(page)
}
